import { createSession } from "./node_modules/relatch/dist/index.js";
import { answerBy } from "./service-answer.js";

answerBy(createSession);
