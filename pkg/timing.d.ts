/**
 * Holds and refreshes as User Timing measures (W3C User Timing Level 3), which browsers show in their Performance
 * panel; in Chromium on a track of their own, "relatch".
 *
 * @packageDocumentation
 */
import type { Session } from "./index.js";

/**
 * Measures until the returned function is called. Two kinds of `PerformanceMeasure`:
 * - `"relatch: held"`: from a call's hold to its release, up to 100 for each refresh; `detail`: `call`, `url`, `sent`
 *   (it had got a 401), `outcome` (`"refreshed"`, `"adopted"`, `"changed"`, `"expired"`, or an error's code);
 * - `"relatch: refresh"`: the refresh; `detail`: `outcome`, `generation`, `reason`, `waited` (calls), or `status` and
 *   `retryInMs` in **ms**. Of one that failed the beginning is that of the first hold.
 *
 * After 1,000 entries its own are cleared from the page's list; a recording keeps them. Never a token. While it
 * measures, the session tells its `held` events, which cost a little for each call that waits.
 *
 * @example
 * import { timing } from "relatch/timing";
 * if (import.meta.env.DEV) timing(session);
 */
export function timing(session: Pick<Session, "addEventListener" | "removeEventListener">): () => void;
