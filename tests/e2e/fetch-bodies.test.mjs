import { bodies } from "./conformance/bodies.mjs";

bodies("chromium");
bodies("firefox");
