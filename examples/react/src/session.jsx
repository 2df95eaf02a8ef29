// A provider and a hook: this is all that React needs of relatch.
import { createContext, useCallback, useContext, useSyncExternalStore } from "react";

const EVENTS = ["changed", "refreshed", "adopted", "held", "expired", "failed"];
const SessionContext = createContext(null);

export const SessionProvider = ({ session, children }) => <SessionContext value={session}>{children}</SessionContext>;

/** The session, and its status as state. */
export function useSession() {
  const session = useContext(SessionContext);
  const subscribe = useCallback(
    (changed) => {
      for (const type of EVENTS) session.addEventListener(type, changed);
      session.ready.then(changed, changed);
      return () => {
        for (const type of EVENTS) session.removeEventListener(type, changed);
      };
    },
    [session],
  );
  const status = useSyncExternalStore(
    subscribe,
    () => session.status,
    () => "loading",
  );
  return { session, status };
}
