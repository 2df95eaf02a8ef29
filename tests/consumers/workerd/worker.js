import { createSession } from "relatch";
import { redirects } from "./redirects.js";
import { scenario } from "./scenario.js";

export default {
  async fetch(request) {
    const { api, second } = Object.fromEntries(new URL(request.url).searchParams);
    const outcome = await scenario(createSession, api);
    await redirects(createSession, api, second);
    return Response.json(outcome);
  },
};
