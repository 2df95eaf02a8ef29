// The keys of DPoP, in IndexedDB or in memory.

/** @typedef {{ pair: CryptoKeyPair, jwk: JsonWebKey, bound: boolean }} Row */

/**
 * @template T
 * @param {IDBRequest<T>} request
 * @returns {Promise<T>}
 */
const done = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/**
 * Where the keys are kept: structured clones of keys that cannot be exported, which no copy of the profile's text
 * shows.
 */
export class Keys {
  #name;
  #memory;
  /** @type {Promise<IDBDatabase> | undefined} */
  #db;

  /**
   * @param {string} name
   * @param {boolean} inMemory
   */
  constructor(name, inMemory) {
    this.#name = name;
    /** @type {Map<number, Row> | false} */
    this.#memory = inMemory && new Map();
  }

  /**
   * The row there is, or `make`; `change` is applied to it. Of two tabs that make one, one wins.
   * @param {Row} [make]
   * @param {Partial<Row>} [change]
   * @returns {Promise<Row | undefined>}
   */
  async row(make, change) {
    if (this.#memory) {
      const row = this.#memory.get(0) ?? make;
      if (row) this.#memory.set(0, { ...row, ...change });
      return this.#memory.get(0);
    }
    this.#db ??= this.#open();
    const store = (await this.#db).transaction("keys", "readwrite").objectStore("keys");
    let row = (await done(store.get(this.#name))) ?? make;
    if (row && (row === make || change)) {
      row = { ...row, ...change };
      await done(store.put(row, this.#name));
    }
    return row;
  }

  #open() {
    const request = indexedDB.open("relatch-dpop", 1);
    request.onupgradeneeded = () => request.result.createObjectStore("keys");
    const opened = done(request);
    const forget = () => {
      this.#db = undefined;
    };
    opened.then((db) => {
      // Who clears the site's data must not have to wait for this tab.
      db.onversionchange = () => {
        db.close();
        forget();
      };
      db.onclose = forget;
    }, forget);
    return opened;
  }
}
