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
 * @param {string | false} words what follows the name; `false` in production, where it would cost every visitor bytes
 */
export const invalid = (name, words) =>
  new RelatchError("invalid_option", DEVELOPMENT ? `${name} ${words}` : `invalid option ${name}`);
