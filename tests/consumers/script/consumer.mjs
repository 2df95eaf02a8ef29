export const fast = true;
export const cases = {
  'A page\'s `<script type="module">`': async (t) => t.browse(await t.serve(".")),
  "… with an import map": async (t) => t.browse(await t.serve("."), "/import-map.html"),
  "… `relatch/slim`, the `.wasm` as a file": async (t) => t.browse(await t.serve("."), "/slim.html"),
};
