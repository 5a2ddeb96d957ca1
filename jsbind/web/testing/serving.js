// What tests of serve() share: a server for as long as a test needs it, and
// requests as text.

import { serve } from "braid:http";
import { request } from "braid:testing";

/** Serves while `body` runs; gives the port to it. */
export async function serving(handler, body, options = {}) {
  const server = serve({ port: 0, hostname: "127.0.0.1", ...options }, handler);
  try {
    await body(server.port, server);
  } finally {
    await server.shutdown({ graceMs: 0 });
  }
}

export const get = (port, path = "/", headers = "") =>
  request(port, `GET ${path} HTTP/1.1\r\nHost: h:1\r\n${headers}Connection: close\r\n\r\n`);

export const post = (port, body, headers = "") =>
  request(
    port,
    `POST / HTTP/1.1\r\nHost: h\r\nContent-Length: ${new TextEncoder().encode(body).length}\r\n${headers}Connection: close\r\n\r\n${body}`,
  );

export const bodyOf = (text) => text.slice(text.indexOf("\r\n\r\n") + 4);

/**
 * An async iterable that tells what is done to it: how often it is asked, and,
 * by a promise, that it was ended before its end.
 * @param {(count: number) => unknown} next the next value; a promise may be one
 */
export function watchedSource(next) {
  const { promise: ended, resolve: end } = Promise.withResolvers();
  const source = {
    asked: 0,
    ended,
    [Symbol.asyncIterator]: () => ({
      next: async () => ({ value: await next(source.asked++), done: false }),
      async return() {
        end("ended");
        return { value: undefined, done: true };
      },
    }),
  };
  return source;
}
