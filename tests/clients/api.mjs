// A server with what the auth server has not: a real GraphQL schema, a real tRPC router and rows as Supabase's REST
// serves them. Who may come in is asked of the auth server. Everything else is handed on to it, so that a page sees one
// API.
import { createServer } from "node:http";
import { Readable } from "node:stream";
import { initTRPC } from "@trpc/server";
import { createHTTPHandler } from "@trpc/server/adapters/standalone";
import { buildSchema, graphql } from "graphql";

const schema = buildSchema("type Review { id: ID! text: String! } type Query { review(id: ID!): Review! }");
const rootValue = { review: ({ id }) => ({ id, text: `Review ${id}` }) };

const t = initTRPC.create();
const router = t.router({ review: t.procedure.input(Number).query(({ input }) => ({ id: input })) });
const trpc = createHTTPHandler({ router, basePath: "/trpc/" });

const own = {
  "/graphql": async (request, response) => {
    const { query, variables, operationName } = JSON.parse(await text(request));
    const result = await graphql({ schema, rootValue, source: query, variableValues: variables, operationName });
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(result));
  },
  "/trpc/": (request, response) => trpc(request, response),
  "/rest/v1/reviews": (request, response) => {
    const id = Number(new URL(request.url, "http://x").searchParams.get("id").replace("eq.", ""));
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify([{ id }]));
  },
};

async function text(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

async function answer(api, request, response) {
  const { origin, host, connection, "content-length": length, ...headers } = request.headers;
  const cors = {
    "access-control-allow-origin": origin ?? "*",
    "access-control-allow-headers": request.headers["access-control-request-headers"] ?? "*",
  };
  for (const [name, value] of Object.entries(cors)) response.setHeader(name, value);
  if (request.method === "OPTIONS") return response.writeHead(204).end();
  const route = Object.keys(own).find((path) => request.url.startsWith(path));
  if (route) {
    const { status } = await fetch(`${api}/echo`, { headers: { authorization: headers.authorization ?? "" } });
    if (status !== 200) return response.writeHead(status).end();
    return own[route](request, response);
  }
  const body = request.method === "GET" ? undefined : await text(request);
  const got = await fetch(api + request.url, { method: request.method, headers, body });
  response.writeHead(got.status, { "content-type": got.headers.get("content-type") ?? "text/plain" });
  Readable.fromWeb(got.body).pipe(response);
}

/** Starts it before a realm of the auth server. */
export async function backend(api) {
  const server = createServer((request, response) => {
    answer(api, request, response).catch((error) => response.writeHead(500).end(String(error)));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
