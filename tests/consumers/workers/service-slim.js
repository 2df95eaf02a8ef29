import { createSession, setWasm } from "./node_modules/relatch/dist/slim.js";
import { answerBy } from "./service-answer.js";

setWasm("./node_modules/relatch/dist/relatch_bg.wasm");
answerBy(createSession);
