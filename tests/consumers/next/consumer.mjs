import { access } from "node:fs/promises";

const started = async (t) => {
  // Both cases are served from one build.
  if (
    !(await access(`${t.dir}/.next/BUILD_ID`).then(
      () => true,
      () => false,
    ))
  )
    await t.exec("next", "build");
  return t.start("next", "start", "--hostname", "127.0.0.1", "--port", "PORT");
};

export const tool = "next";
export const fast = false;
export const cases = {
  "Next %, in a server component": async (t) => t.browse(await started(t)),
  "Next %, in a client component": async (t) => t.browse(await started(t), "/?side=client"),
};
