// A back end in the style of the article, of Express and the JWT middleware that most Node servers use: signed access
// tokens of a few seconds, refresh tokens that rotate, and of which each is good once.
import { createServer } from "node:http";
import { randomUUID } from "node:crypto";
import express from "express";
import { expressjwt } from "express-jwt";
import jwt from "jsonwebtoken";
import { allow, listen } from "./cors.mjs";

/** `lifetime`: of a login's access token, in seconds; a refresh's lives on, so that what is counted is one refresh. */
export async function start({ lifetime = 4 } = {}) {
  const app = express();
  const server = createServer(app);
  const { origin, stop } = await listen(server);
  const stats = { refreshes: 0, reused: 0, unauthorized: 0, ok: 0 };
  const secret = randomUUID();
  const live = new Set();
  const issue = (name, expiresIn) => {
    const refreshToken = jwt.sign({ name, jti: randomUUID() }, secret, { expiresIn: 600, audience: "refresh" });
    live.add(refreshToken);
    const accessToken = jwt.sign({ name, jti: randomUUID() }, secret, { expiresIn, audience: "access" });
    return { isSuccess: true, result: { accessToken, refreshToken } };
  };
  const spend = (refreshToken) => {
    if (!live.delete(refreshToken)) {
      stats.reused++;
      live.clear();
      throw Object.assign(new Error("spent"), { status: 401, code: "2002" });
    }
    stats.refreshes++;
  };
  app.use((request, response, next) => allow(request, response) || next());
  app.use(express.json());
  app.post("/users/sign-in", (request, response) => response.json(issue(request.body.name, lifetime)));
  app.post("/users/refresh", (request, response) => {
    const { refreshToken } = request.body;
    const { name } = jwt.verify(refreshToken, secret, { audience: "refresh" });
    spend(refreshToken);
    response.json(issue(name, 600));
  });
  app.post("/users/sign-out", (request, response) => {
    live.delete(request.body.refreshToken);
    response.status(204).end();
  });
  app.get(
    "/home/review/detail/:id",
    expressjwt({ secret, algorithms: ["HS256"], audience: "access" }),
    (request, response) => {
      stats.ok++;
      response.json({ isSuccess: true, result: { id: request.params.id, writer: request.auth.name } });
    },
  );
  // The same with the refresh token in a cookie that no script can read, and in no answer.
  const give = (response, { isSuccess, result: { accessToken, refreshToken } }) => {
    response.cookie("refresh", refreshToken, { httpOnly: true, sameSite: "lax", path: "/cookie" });
    response.json({ isSuccess, result: { accessToken } });
  };
  app.post("/cookie/sign-in", (request, response) => give(response, issue(request.body.name, lifetime)));
  app.post("/cookie/refresh", (request, response) => {
    const [, refreshToken] = /(?:^|; )refresh=([^;]+)/.exec(request.headers.cookie) ?? [];
    const { name } = jwt.verify(refreshToken, secret, { audience: "refresh" });
    spend(refreshToken);
    give(response, issue(name, 600));
  });
  app.post("/cookie/sign-out", (_request, response) => {
    response.clearCookie("refresh", { path: "/cookie" });
    response.status(204).end();
  });
  app.use((error, _request, response, _next) => {
    if (error.name === "UnauthorizedError") stats.unauthorized++;
    response.status(error.status ?? 401).json({ isSuccess: false, code: error.code ?? error.name });
  });
  return { origin, stats, stop };
}
