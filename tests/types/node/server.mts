// Node.js without the DOM's types.
import { createSession } from "relatch";

const session = createSession({ origins: ["https://api.example"], refresh: { url: "https://api.example/r" } });
const response = await session.fetch("https://api.example/x", { headers: { accept: "text/plain" } });
const text: string = await response.text();
session.addEventListener("failed", ({ detail }) => console.log(detail.code, text));
