const { createSession, RelatchError } = require("relatch");

(async () => {
  const [{ scenario }, again] = await Promise.all([import("./scenario.mjs"), import("relatch")]);
  // Two copies in one program would be two sessions over one store, and errors that are no instance of their class.
  if (process.env.ONE_COPY && again.RelatchError !== RelatchError)
    throw new Error("import and require give two copies");
  console.log(JSON.stringify(await scenario(createSession, process.env.RELATCH_API)));
})();
