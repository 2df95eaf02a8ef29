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
 * The development build says what was expected and what was given. The production build names the option.
 * @param {string} name
 * @param {string | false} expected what it must be; `false` in production, where words would cost every visitor bytes
 */
export const invalid = (name, expected) =>
  new RelatchError("invalid_option", DEVELOPMENT ? `${name} must be ${expected}` : `invalid option ${name}`);
