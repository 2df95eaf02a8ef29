// An API of a test's own beside the test server, over plain HTTP/1.1: what it answers, and headers as they came.
import { createServer } from "node:http";
import { once } from "node:events";

const CORS = {
  "access-control-allow-origin": "*",
  "access-control-allow-headers": "*, authorization",
  "access-control-allow-methods": "*",
  "access-control-expose-headers": "*",
};

/** `answer(request, response)` answers what is no preflight. Gives the address, the requests seen, and `close`. */
export async function origin(answer) {
  const seen = [];
  const server = createServer(async (request, response) => {
    for (const [name, value] of Object.entries(CORS)) response.setHeader(name, value);
    if (request.method === "OPTIONS") return response.end();
    const { method, url, rawHeaders } = request;
    const one = { method, url, rawHeaders, token: request.headers.authorization };
    seen.push(one);
    if (method !== "GET") {
      one.body = "";
      for await (const part of request) one.body += part;
    }
    answer(request, response, one);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${server.address().port}`, seen, close };
}

export const json = (response, status, value) =>
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
