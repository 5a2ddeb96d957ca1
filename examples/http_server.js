// An HTTP server with routes: ./bazelw run //:braid -- examples/http_server.js [PORT]
import { serve } from "braid:http";

/** @type {Record<string, (request: Request, url: URL) => Response | Promise<Response>>} */
const routes = {
  "GET /": () => new Response("Hello, World!\n"),
  "GET /time": () => Response.json({ now: new Date().toISOString() }),
  "GET /greet": (request, url) => new Response(`Hello, ${url.searchParams.get("name") ?? "you"}!\n`),
  "POST /sum": async (request) => {
    const numbers = await request.json();
    return Response.json({ sum: numbers.reduce((sum, number) => sum + number, 0) });
  },
};

const server = serve({
  hostname: "127.0.0.1",
  port: Number(process.argv[2] ?? 0),
  fetch(request) {
    const url = new URL(request.url);
    const route = routes[`${request.method} ${url.pathname}`];
    return route?.(request, url) ?? new Response("There is nothing here.\n", { status: 404 });
  },
});
console.log(`Serving on http://127.0.0.1:${server.port}/`);
