// A classic worker has no import statement, and `import()` only.
(async () => {
  const [{ createSession }, { apiOf, scenario }] = await Promise.all([
    import("./node_modules/relatch/dist/index.js"),
    import("./scenario.js"),
  ]);
  postMessage(await scenario(createSession, apiOf(location)));
})();
