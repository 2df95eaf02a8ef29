// Where the marks are kept (G1): one cell of IndexedDB for each epoch, with its latest generation and never a token.
// Loaded when a refresh is due.
//
// localStorage has no order with a Web Lock: a tab may have the lock and still see what was stored before the last
// holder wrote. IndexedDB has one order for all tabs of the origin: who reads after a write has completed reads it.

const DATABASE = "relatch";
/** Cells of any kind, by keys that begin with the session's: another kind needs no other version of the database. */
const CELLS = "cells";
/** A mark that was not raised for so long is swept away: no tab shows so old a store. 30 days. */
const KEEP_MS = 30 * 86_400_000;

/** @typedef {{ generation: number, at: number }} Cell */

/** @type {Promise<IDBDatabase> | undefined} */
let database;

/** Once for all sessions of this page. One that failed is tried again by the next. */
function open() {
  database ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE);
    request.onupgradeneeded = () => request.result.createObjectStore(CELLS);
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      const opened = request.result;
      // Somebody deletes the site's data, or a later version of this page wants another form of it.
      opened.onversionchange = () => {
        forget();
        opened.close();
      };
      opened.onclose = forget;
      resolve(opened);
    };
  });
  database.catch(forget);
  return database;
}

function forget() {
  database = undefined;
}

/**
 * @param {IDBTransactionMode} mode
 * @param {(cells: IDBObjectStore, give: (value: any) => void) => void} use
 * @returns {Promise<any>} what was given, once the transaction is complete
 */
async function within(mode, use) {
  const opened = await open();
  return new Promise((resolve, reject) => {
    /** @type {any} */
    let given;
    // A mark lost with a power cut is lost with all tabs that it was for.
    const transaction = opened.transaction(CELLS, mode, { durability: "relaxed" });
    transaction.oncomplete = () => resolve(given);
    transaction.onabort = () => reject(transaction.error);
    use(transaction.objectStore(CELLS), (value) => {
      given = value;
    });
  });
}

/**
 * The epoch's mark; 0 for none.
 * @param {string} key the session's
 * @param {number} epoch
 * @returns {Promise<number>}
 */
export const read = (key, epoch) =>
  within("readonly", (cells, give) => {
    const request = cells.get([key, epoch]);
    request.onsuccess = () => give(request.result?.generation ?? 0);
  });

/**
 * Raises the epoch's mark. Resolves when every tab that reads it from now on reads this, or a higher one.
 * @param {string} key the session's
 * @param {number} epoch
 * @param {number} generation
 * @returns {Promise<void>}
 */
export const raise = (key, epoch, generation) =>
  within("readwrite", (cells) => {
    const at = Date.now();
    const request = cells.get([key, epoch]);
    request.onsuccess = () => {
      /** @type {Cell | undefined} */
      const cell = request.result;
      if (!cell) sweep(cells, key, at);
      if (!cell || cell.generation < generation) cells.put({ generation, at }, [key, epoch]);
    };
  });

/**
 * @param {IDBObjectStore} cells
 * @param {string} key
 * @param {number} now
 */
function sweep(cells, key, now) {
  // An empty list is above every number.
  const request = cells.openCursor(IDBKeyRange.bound([key], [key, []]));
  request.onsuccess = () => {
    const cursor = request.result;
    if (!cursor) return;
    if (now - cursor.value.at > KEEP_MS) cursor.delete();
    cursor.continue();
  };
}
