// A store of one's own: IndexedDB, which pages and workers of an origin share. Also the README's example of one.
const open = () =>
  new Promise((resolve, reject) => {
    const request = indexedDB.open("session", 1);
    request.onupgradeneeded = () => request.result.createObjectStore("records");
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

let database;

async function run(mode, what) {
  database ??= open();
  const transaction = (await database).transaction("records", mode);
  const request = what(transaction.objectStore("records"));
  return new Promise((resolve, reject) => {
    // Only a transaction that is complete is stored.
    transaction.oncomplete = () => resolve(request.result);
    transaction.onabort = transaction.onerror = () => reject(transaction.error);
  });
}

export const idb = {
  get: (key) => run("readonly", (records) => records.get(key)),
  set: (key, value) => run("readwrite", (records) => records.put(value, key)),
  remove: (key) => run("readwrite", (records) => records.delete(key)),
};
