// The code blocks of the documents, which the tests run.
import { readFile } from "node:fs/promises";

const root = new URL("../..", import.meta.url);

/** `[{ language, name, code }]`, for a document named from the repository's root. */
export async function blocks(document) {
  const text = await readFile(new URL(document, root), "utf8");
  return [...text.matchAll(/^```(\w+)(?: (\S+))?\n(.*?)^```$/gms)].map(([, language, name, code]) => ({
    language,
    name,
    code,
  }));
}
