// Each peer set up as its README says, over the same stubbed fetch. `make(world)` gives `call(url, init)`, whose
// promise is fulfilled with something that has a `status`.
import { OAuth2Client, OAuth2Fetch } from "@badgateway/oauth2-client";
import { createAlova } from "alova";
import { createServerTokenAuthentication } from "alova/client";
import adapterFetch from "alova/fetch";
import axios from "axios";
import { createAuthRefresh } from "axios-auth-refresh";
import ky from "ky";
import { createFetch } from "ofetch";
import createClient from "openapi-fetch";
import wretch from "wretch";
import { createSession } from "../../pkg/dist/index.js";

const bearer = (world) => `Bearer ${world.held}`;

export const peers = {
  /** The floor: no client at all. Right only while the token is good. */
  native: (world) => (url, init) =>
    world.fetch(url, { ...init, headers: { ...init?.headers, Authorization: bearer(world) } }),

  /** What one writes by hand: one refresh for all, one replay. */
  "hand-written": (world) => {
    let flight;
    const send = (url, init) => {
      if (url instanceof Request) {
        const headers = new Headers(url.headers);
        headers.set("Authorization", bearer(world));
        return world.fetch(url, { ...init, headers });
      }
      return world.fetch(url, { ...init, headers: { ...init?.headers, Authorization: bearer(world) } });
    };
    return (url, init) => {
      const sentWith = world.held;
      return send(url, init).then(async (response) => {
        if (response.status !== 401) return response;
        if (sentWith === world.held) {
          flight ??= world.refresh().finally(() => (flight = undefined));
          await flight;
        }
        return send(url, init);
      });
    };
  },

  relatch: async (world) => {
    const session = createSession({
      fetch: world.fetch,
      key: `bench-${Math.random()}`,
      refresh: async () => ({ accessToken: await world.refresh(), refreshToken: "r", expiresIn: 3600 }),
    });
    await session.setTokens({ accessToken: world.held, refreshToken: "r", expiresIn: 3600 });
    return session.fetch;
  },

  "axios + axios-auth-refresh": (world) => {
    const client = axios.create({ adapter: "fetch", env: { fetch: world.fetch } });
    client.interceptors.request.use((request) => {
      request.headers.Authorization = bearer(world);
      return request;
    });
    createAuthRefresh(client, async (failed) => {
      await world.refresh();
      failed.response.config.headers.Authorization = bearer(world);
    });
    return (url, init) => client.request({ url, method: init?.method, data: init?.body, headers: init?.headers });
  },

  ky: (world) => {
    const client = ky.create({
      fetch: world.fetch,
      hooks: {
        beforeRequest: [({ request }) => request.headers.set("Authorization", bearer(world))],
        afterResponse: [
          async ({ request, response, retryCount }) => {
            if (response.status !== 401 || retryCount > 0) return;
            await world.refresh();
            const headers = new Headers(request.headers);
            headers.set("Authorization", bearer(world));
            return ky.retry({ request: new Request(request, { headers }), code: "TOKEN_REFRESHED" });
          },
        ],
      },
    });
    return (url, init) => client(url, init);
  },

  wretch: (world) => {
    const client = wretch();
    return (url, init) => {
      let request = client.url(url).auth(bearer(world));
      if (init?.headers) request = request.headers(init.headers);
      if (init?.body) request = request.body(init.body);
      return request
        .fetch(init?.method ?? "GET")
        .unauthorized(async (_, original) => {
          await world.refresh();
          return original
            .auth(bearer(world))
            .fetch(init?.method ?? "GET")
            .res();
        })
        .res();
    };
  },

  ofetch: (world) => {
    const client = createFetch({ fetch: world.fetch, Headers, AbortController }).create({
      retry: 1,
      retryStatusCodes: [401],
      onRequest: ({ options }) => options.headers.set("Authorization", bearer(world)),
      onResponseError: async ({ response }) => {
        if (response.status === 401) await world.refresh();
      },
    });
    return (url, init) => client.raw(url, init);
  },

  alova: (world) => {
    const { onAuthRequired, onResponseRefreshToken } = createServerTokenAuthentication({
      refreshTokenOnSuccess: {
        isExpired: (response) => response.status === 401,
        handler: () => world.refresh(),
      },
      assignToken: (method) => {
        method.config.headers.Authorization = bearer(world);
      },
    });
    const client = createAlova({
      requestAdapter: adapterFetch(),
      cacheFor: null,
      shareRequest: false,
      beforeRequest: onAuthRequired(),
      responded: onResponseRefreshToken((response) => response),
    });
    return (url, init) =>
      init?.method === "POST" ? client.Post(url, init.body, { headers: init.headers }).send() : client.Get(url).send();
  },

  "@badgateway/oauth2-client": async (world) => {
    const client = new OAuth2Client({ server: location.origin, clientId: "bench", tokenEndpoint: "/token" });
    client.refreshToken = async () => {
      await world.refresh();
      return { accessToken: world.held, refreshToken: "r", expiresAt: Date.now() + 3_600_000 };
    };
    const token = { accessToken: world.held, refreshToken: "r", expiresAt: Date.now() + 3_600_000 };
    const wrapper = new OAuth2Fetch({ client, getNewToken: () => token, scheduleRefresh: false });
    await wrapper.getToken();
    return (url, init) => wrapper.fetch(url, init);
  },

  "openapi-fetch": (world) => {
    const client = createClient({ baseUrl: location.origin, fetch: world.fetch });
    client.use({
      onRequest: ({ request }) => request.headers.set("Authorization", bearer(world)),
      onResponse: async ({ request, response }) => {
        if (response.status !== 401) return;
        await world.refresh();
        request.headers.set("Authorization", bearer(world));
        return world.fetch(request);
      },
    });
    return async (url, init) => {
      const path = url.slice(location.origin.length);
      const send = init?.method === "POST" ? client.POST : client.GET;
      return (await send(path, { parseAs: "stream", body: init?.body, headers: init?.headers })).response;
    };
  },
};

/** Those that take a Request. */
export const requestPeers = ["native", "hand-written", "relatch", "ky", "ofetch", "@badgateway/oauth2-client"];
