const kind = (name) => async (t) => t.browse(await t.serve("."), `/?kind=${name}`);

export const fast = true;
export const cases = {
  "A module worker": kind("module"),
  "A classic worker, by `import()`": kind("classic"),
  "A SharedWorker": kind("shared"),
  "A service worker": kind("service"),
  "A service worker, with `relatch/slim`": kind("service-slim"),
};
