// oidc-provider (https://github.com/panva/node-oidc-provider): rotation with reuse detection, DPoP with nonces. Nothing
// of its own endpoints is replaced; only the login page is: /test/code gives the code that a user's consent would.
import { createServer } from "node:http";
import { randomBytes } from "node:crypto";
import Provider from "oidc-provider";
import { allow, listen } from "./cors.mjs";

export const CLIENT = "relatch-tests";
export const REDIRECT = "http://127.0.0.1/callback";

/** `lifetime`: of a login's access token, in seconds; a refresh's lives on, so that what is counted is one refresh. */
export async function start({ lifetime = 4 } = {}) {
  const server = createServer();
  const { origin, stop } = await listen(server);
  const stats = { token: 0, refreshes: 0, failed: [], revoked: 0, me: {}, proofs: new Set(), repeated: 0, bearer: 0 };
  // The package warns of what would be wrong in production.
  const provider = new Provider(origin, {
    clients: [
      {
        client_id: CLIENT,
        token_endpoint_auth_method: "none",
        application_type: "native",
        redirect_uris: [REDIRECT],
        grant_types: ["authorization_code", "refresh_token"],
        response_types: ["code"],
        dpop_bound_access_tokens: true,
      },
    ],
    clientBasedCORS: () => true,
    features: {
      devInteractions: { enabled: false },
      dPoP: { enabled: true, nonceSecret: randomBytes(32), requireNonce: () => true },
      revocation: { enabled: true },
    },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    clockTolerance: 0,
    rotateRefreshToken: true,
    ttl: {
      AccessToken: (ctx) => (ctx.oidc.params.grant_type === "refresh_token" ? 600 : lifetime),
      AuthorizationCode: 60,
      RefreshToken: 600,
      Grant: 600,
      IdToken: 60,
      Session: 600,
    },
  });
  provider.on("grant.success", (ctx) => ctx.oidc.params.grant_type === "refresh_token" && stats.refreshes++);
  provider.on(
    "grant.error",
    (_, error) => error.message !== "use_dpop_nonce" && stats.failed.push(error.error_description ?? error.message),
  );
  provider.on("grant.revoked", () => stats.revoked++);

  async function code(challenge) {
    const grant = new provider.Grant({ accountId: "ada", clientId: CLIENT });
    grant.addOIDCScope("openid offline_access");
    const grantId = await grant.save();
    const client = await provider.Client.find(CLIENT);
    return new provider.AuthorizationCode({
      accountId: "ada",
      client,
      grantId,
      redirectUri: REDIRECT,
      scope: "openid offline_access",
      codeChallenge: challenge,
      codeChallengeMethod: "S256",
      authTime: Math.floor(Date.now() / 1000),
    }).save();
  }

  const handle = provider.callback();
  server.on("request", async (request, response) => {
    const { pathname, searchParams } = new URL(request.url, origin);
    if (pathname === "/test/code") {
      if (allow(request, response)) return;
      return response.end(await code(searchParams.get("challenge")));
    }
    if (request.method !== "OPTIONS") {
      if (pathname === "/token") stats.token++;
      if (/^bearer/i.test(request.headers.authorization)) stats.bearer++;
      const { dpop } = request.headers;
      if (dpop !== undefined) {
        if (stats.proofs.has(dpop)) stats.repeated++;
        stats.proofs.add(dpop);
      }
      response.on("finish", () => {
        if (pathname === "/me") stats.me[response.statusCode] = (stats.me[response.statusCode] ?? 0) + 1;
      });
    }
    handle(request, response);
  });
  return { origin, stats, stop };
}
