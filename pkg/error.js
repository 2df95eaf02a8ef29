/** Every error of relatch's own; see the codes in index.d.ts. */
export class RelatchError extends Error {
  /**
   * @param {string} code
   * @param {string} message
   * @param {unknown} [cause]
   */
  constructor(code, message, cause) {
    super(`relatch: ${message}`, cause === undefined ? undefined : { cause });
    this.name = "RelatchError";
    this.code = code;
  }
}

/**
 * @param {string} name
 * @param {string} expected
 */
export const invalid = (name, expected) => new RelatchError("invalid_option", `${name} must be ${expected}`);
