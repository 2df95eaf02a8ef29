// What a browser's page from another origin needs to read; servers differ in how they say it, so it is said in one
// place.
export function allow(request, response) {
  response.setHeader("access-control-allow-origin", request.headers.origin ?? "*");
  response.setHeader("access-control-allow-credentials", "true");
  response.setHeader("access-control-expose-headers", "WWW-Authenticate, DPoP-Nonce, Date");
  if (request.method !== "OPTIONS") return false;
  response.setHeader("access-control-allow-headers", "Authorization, Content-Type, DPoP");
  response.setHeader("access-control-allow-methods", "GET, POST");
  response.setHeader("access-control-max-age", "600");
  response.writeHead(204).end();
  return true;
}

/** Listens on a free port of this machine. */
export async function listen(server) {
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const stop = () =>
    new Promise((resolve) => {
      server.closeAllConnections();
      server.close(resolve);
    });
  return { origin: `http://127.0.0.1:${server.address().port}`, stop };
}
