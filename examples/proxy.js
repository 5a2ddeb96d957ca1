// A reverse proxy: passes requests on to another server, bodies streaming both ways.
//
//   ./bazelw run //:braid -- examples/proxy.js http://127.0.0.1:8080 [PORT]
import { serve } from "braid:http";

const [target, port = "0"] = process.argv.slice(2);
if (target === undefined) {
  console.error("usage: proxy.js URL [PORT]");
  process.exit(2);
}

// What belongs to one connection and not to the message (RFC 9110, 7.6.1).
const kHopByHop = ["connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"];

/** @param {Headers} headers */
function endToEnd(headers) {
  const kept = new Headers(headers);
  for (const name of headers.get("connection")?.split(",") ?? []) {
    if (name.trim() !== "") kept.delete(name.trim());
  }
  for (const name of kHopByHop) kept.delete(name);
  return kept;
}

/** @param {Request} request */
async function forward(request) {
  // Set part by part: a path like //host/ resolved against the target would lead elsewhere.
  const url = new URL(target);
  ({ pathname: url.pathname, search: url.search } = new URL(request.url));
  const headers = endToEnd(request.headers);
  headers.delete("host"); // The target's is sent.
  const response = await fetch(url, {
    method: request.method,
    headers,
    body: request.body, // A stream: what comes in goes out, at the pace of the slower.
    duplex: "half",
    redirect: "manual",
    signal: request.signal, // When the client goes away, so do we.
  });
  return new Response(response.body, { status: response.status, headers: endToEnd(response.headers) });
}

const server = serve({
  port: Number(port),
  fetch: (request) =>
    forward(request).catch((error) => new Response(`${error.cause?.message ?? error.message}\n`, { status: 502 })),
});
console.log(`http://127.0.0.1:${server.port}/ passes on to ${target}`);
