/**
 * Ready predicates for {@link SessionOptions.isChallenge}: how back ends say that an access token is over, when they do
 * not say it by a 401.
 *
 * @example
 * import { createSession } from "relatch";
 * import { anyOf, graphql, status } from "relatch/challenge";
 *
 * createSession({ refresh: { url: "/token" }, isChallenge: anyOf(graphql("UNAUTHENTICATED"), status(419)) });
 *
 * @packageDocumentation
 */
import type { ChallengePredicate } from "./index.js";

/**
 * A GraphQL answer whose `errors` have one of these codes in `extensions.code`, also with a 200. An answer that holds
 * data beside the error is no challenge: a mutation of it has had its effect, and is not sent again.
 *
 * @param codes Default: `"UNAUTHENTICATED"`.
 */
export function graphql(...codes: string[]): ChallengePredicate;

/**
 * An envelope of JSON that says it in a field, also with a 200. Values are compared as text.
 *
 * @example
 * // {"isSuccess":false,"code":"4010","message":"…","result":null}
 * envelope({ path: "code", values: ["4010"] });
 */
export function envelope(where: { path: string; values: readonly (string | number)[] }): ChallengePredicate;

/** Other statuses than 401: `status(403, 419, 498)`. */
export function status(...codes: number[]): ChallengePredicate;

/**
 * A redirect that was followed to this path, or below it, on an origin that may see the token: a server's login page in
 * the place of a 401.
 */
export function redirectedTo(path: string): ChallengePredicate;

/**
 * A redirect that was not followed: for calls with `redirect: "manual"`, where the login page is on another origin.
 */
export function opaqueRedirect(): ChallengePredicate;

/** The first of these that says true or false. */
export function anyOf(...predicates: ChallengePredicate[]): ChallengePredicate;
