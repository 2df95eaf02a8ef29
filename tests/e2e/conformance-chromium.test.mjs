import { differential } from "./conformance/suite.mjs";

differential("chromium", Number(process.env.RELATCH_CASES ?? 5_000));
