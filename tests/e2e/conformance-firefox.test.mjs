import { differential } from "./conformance/suite.mjs";

differential("firefox", Number(process.env.RELATCH_CASES ?? 1_500));
