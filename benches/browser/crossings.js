// Looks over the shoulder of what instantiates the wasm: its memory, and, while `counted` runs, every step over its
// border, if the page was opened for that (`?count`): counting costs time. Imported before relatch.

export const watch = { memory: undefined, into: 0, out: 0 };

const countedFunctions = (from, side) =>
  Object.fromEntries(
    Object.entries(from).map(([name, value]) => [
      name,
      typeof value !== "function"
        ? value
        : (...args) => {
            watch[side]++;
            return value(...args);
          },
    ]),
  );

const { Instance } = WebAssembly;
// biome-ignore lint/complexity/useArrowFunction: it is called with new
WebAssembly.Instance = function (module, imports) {
  const counts = location.search.includes("count");
  const groups = counts
    ? Object.fromEntries(Object.entries(imports).map(([name, group]) => [name, countedFunctions(group, "out")]))
    : imports;
  const { exports } = new Instance(module, groups);
  watch.memory = Object.values(exports).find((part) => part instanceof WebAssembly.Memory);
  return { exports: counts ? countedFunctions(exports, "into") : exports };
};

export async function counted(what) {
  [watch.into, watch.out] = [0, 0];
  await what();
  return { into: watch.into, out: watch.out };
}
