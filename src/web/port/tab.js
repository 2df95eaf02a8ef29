// sessionStorage is one tab's, but a window that a page opens, and a duplicated tab, begin with a copy of it: two tabs
// would spend one refresh token (G1). So each tab has an id beside the record, and its documents hold a Web Lock of
// that name. Who finds the lock taken by no document of its own tab has a copy, and drops it. Loaded for that storage
// only.
import { ignore } from "./values.js";

/** Another document of the same tab answers sooner, and the lock of one that is being left is free sooner. */
const ANSWER_MS = 500;
/** The ids that this document holds. */
const HELD = new Set();

const draw = () => crypto.getRandomValues(new Uint32Array(4)).join("-");

/**
 * Resolves when the record is known to be this tab's, or is gone.
 * @param {{ web?: Storage, key: string }} options
 */
export async function alone({ web, key }) {
  const locks = globalThis.navigator?.locks;
  if (!web || !locks) return;
  const place = `${key}:tab`;
  const [question, answer] = [`${place}?`, `${place}!`];
  /** @type {any} */
  const page = document;
  // A page that is rendered ahead gets no lock, and its storage is a copy until it is shown.
  if (page.prerendering)
    await new Promise((shown) => page.addEventListener("prerenderingchange", shown, { once: true }));
  let release = ignore;
  /**
   * @param {string} id
   * @param {AbortSignal} [signal]
   */
  const hold = (id, signal) =>
    new Promise((granted, refused) => {
      locks
        .request(`relatch:${place}:${id}`, /** @type {any} */ ({ __proto__: null, ...(signal && { signal }) }), () => {
          granted(undefined);
          return new Promise((done) => {
            release = () => done(undefined);
          });
        })
        .catch(refused);
    });
  /** @param {string} id */
  const live = (id) => {
    HELD.add(id);
    addEventListener("storage", ({ storageArea, key: name, newValue }) => {
      // Only documents of this tab hear this.
      if (storageArea === web && name === question && newValue) web.setItem(answer, newValue);
    });
    // A page that holds a lock could not be kept for the way back.
    addEventListener("pagehide", () => release());
    addEventListener("pageshow", ({ persisted }) => persisted && hold(id).catch(ignore));
  };
  const begin = () => {
    const id = draw();
    web.setItem(place, id);
    live(id);
    hold(id).catch(ignore);
  };
  try {
    const id = web.getItem(place);
    const copied = web.getItem(key);
    if (id === null) return begin();
    if (HELD.has(id)) return;
    const controller = new AbortController();
    const mine = hold(id, controller.signal);
    const nonce = draw();
    const isShared = await new Promise((decide) => {
      mine.then(() => decide(true), ignore);
      addEventListener("storage", ({ newValue }) => newValue === nonce && decide(true));
      web.setItem(question, nonce);
      setTimeout(() => decide(false), ANSWER_MS);
    });
    web.removeItem(question);
    web.removeItem(answer);
    if (isShared) return live(id);
    controller.abort();
    // Not what a login has stored meanwhile.
    if (web.getItem(key) === copied) web.removeItem(key);
    begin();
  } catch {
    // A storage that cannot be used has no copy to give.
  }
}
