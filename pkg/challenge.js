// Predicates for the option `isChallenge`: how back ends say that an access token is over, when they do not say it by a
// 401. Each answers true, or undefined, which leaves it to the next one and to the rule.

/** @typedef {import("./index.js").ChallengePredicate} ChallengePredicate */

/** @param {Response} response */
const isJson = (response) => /\bjson\b/i.test(`${response.headers.get("content-type")}`);

/**
 * @param {any} body
 * @param {string} path
 */
function at(body, path) {
  let value = body;
  for (const part of path.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, part)) return;
    value = value[part];
  }
  return value;
}

/**
 * @param {readonly (string | number)[]} values
 * @param {unknown} value
 */
const includes = (values, value) => values.some((known) => String(known) === String(value));

/**
 * Is there something in it that a server computed?
 * @param {unknown} data
 */
const isPartial = (data) =>
  typeof data === "object" && data !== null && Object.values(data).some((value) => value !== null);

/** @type {typeof import("./challenge.js").graphql} */
export function graphql(...codes) {
  const wanted = codes.length > 0 ? codes : ["UNAUTHENTICATED"];
  /** @param {any} error */
  const isOver = (error) =>
    includes(wanted, at(error, "extensions.code") ?? at(error, "extensions.errorType") ?? error?.code);
  return async (response, { json }) => {
    if (!isJson(response) && !/graphql-response/i.test(`${response.headers.get("content-type")}`)) return;
    const body = await json();
    // A batch is one request: it is sent again as a whole, or not at all.
    const answers = Array.isArray(body) ? body : [body];
    if (answers.some((answer) => isPartial(at(answer, "data")))) return;
    const errors = answers.flatMap((answer) => at(answer, "errors") ?? []);
    return errors.some(isOver) || undefined;
  };
}

/** @type {typeof import("./challenge.js").envelope} */
export function envelope({ path, values }) {
  return async (response, { json }) => {
    if (!isJson(response)) return;
    const value = at(await json(), path);
    return (value !== undefined && includes(values, value)) || undefined;
  };
}

/** @type {typeof import("./challenge.js").status} */
export const status =
  (...codes) =>
  (response) =>
    codes.includes(response.status) || undefined;

/** @type {typeof import("./challenge.js").redirectedTo} */
export const redirectedTo = (path) => (response) => {
  if (!response.redirected) return;
  const { pathname } = new URL(response.url);
  return pathname === path || pathname.startsWith(`${path.replace(/\/$/, "")}/`) || undefined;
};

/** @type {typeof import("./challenge.js").opaqueRedirect} */
export const opaqueRedirect = () => (response) => response.type === "opaqueredirect" || undefined;

/** @type {typeof import("./challenge.js").anyOf} */
export const anyOf =
  (...predicates) =>
  async (response, context) => {
    for (const predicate of predicates) {
      const said = await predicate(response, context);
      if (said !== undefined) return said;
    }
  };
