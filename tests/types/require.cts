// CommonJS, as TypeScript's node16 sees it.
import { createSession, RelatchError } from "relatch";
import relatch = require("relatch");

const session: relatch.Session = createSession({ refresh: { url: "https://api.example/r" } });
const same: typeof relatch.RelatchError = RelatchError;
session.addEventListener("expired", ({ detail }) => new same(detail.code, "over"));

import { decodeJwt } from "relatch/jwt";
import { oauth } from "relatch/oauth";
createSession({ refresh: oauth({ url: "https://id.example/token", clientId: String(decodeJwt("")?.claims.azp) }) });
