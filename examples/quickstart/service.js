// The store's HTTP face: PUT, GET and DELETE /KEY with JSON values, and GET /
// for the list of keys. `store` is a C++ object; its methods are coroutines
// that end when the write is on the disk, and here they are promises.
import { serve } from "braid:http";
import { listening, port, store } from "native:quickstart";
import { problemWith } from "./rules.js";

/** @param {Request} request */
async function handle(request) {
  const { pathname, searchParams } = new URL(request.url);
  const key = decode(pathname.slice(1));
  if (key === undefined) return refuse(400, `'${pathname}' is not well encoded`);
  if (key === "" && request.method === "GET") {
    return Response.json(store.keys(searchParams.get("prefix") ?? "", 100));
  }
  switch (request.method) {
    case "GET": {
      const value = store.get(key);
      if (value === undefined) return refuse(404, `there is no '${key}'`);
      return new Response(value, { headers: { "content-type": "application/json" } });
    }
    case "PUT": {
      const text = await request.text();
      const problem = problemWith(key, parse(text));
      if (problem !== undefined) return refuse(422, problem);
      await store.put(key, text);
      return new Response(null, { status: 204 });
    }
    case "DELETE":
      await store.remove(key);
      return new Response(null, { status: 204 });
    default:
      return refuse(405, `${request.method} is not a method of this service`);
  }
}

/** @param {string} text */
function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** @param {string} text */
function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * @param {number} status
 * @param {string} problem
 */
function refuse(status, problem) {
  return Response.json({ problem }, { status });
}

/**
 * The store's own limits, on the size of keys and values, are errors of whoever
 * exceeds them; everything else is ours, and becomes a 500.
 * @param {Error & { code?: string }} error
 */
function blame(error) {
  if (error.code === "INVALID_ARGUMENT") return refuse(422, error.message);
  throw error;
}

const server = serve({
  hostname: "127.0.0.1",
  port,
  fetch: (request) => handle(request).catch(blame),
});
listening(server.port);
