// Peers of fetch() that do what a test says, byte by byte.

import { listen } from "braid:testing";

/**
 * Listens while `body` runs. Each connection is given to the next of `peers`,
 * the last of which gets those behind it; peers may be left hanging.
 * @param {((peer: { read(): Promise<string>, write(bytes: string): Promise<void>, close(): Promise<void> })
 *     => Promise<void>)[]} peers
 * @param {(url: string) => Promise<void>} body
 * @returns {Promise<number>} how many connections came
 */
export async function peering(peers, body) {
  const listener = listen();
  const ending = new AbortController();
  let accepted = 0;
  const serving = (async () => {
    for (;;) {
      const peer = await listener.accept({ signal: ending.signal });
      const act = peers[Math.min(accepted++, peers.length - 1)];
      act(peer).catch(() => {}); // The client may close first.
    }
  })().catch(() => {}); // So it ends.
  try {
    await body(`http://127.0.0.1:${listener.port}/`);
  } finally {
    ending.abort();
    await serving;
    await listener.close();
  }
  return accepted;
}

/** Reads a request's head, and what came with it. */
export async function readHead(peer) {
  let text = "";
  while (!text.includes("\r\n\r\n")) {
    const piece = await peer.read();
    if (piece === "") throw new Error("closed");
    text += piece;
  }
  return text;
}

/** Resolves when the client has closed its connection. */
export async function closed(peer) {
  try {
    while ((await peer.read()) !== "");
  } catch {
    // A reset ends it, too.
  }
}

/** Answers one request with that text, and closes. */
export const answering = (text) => async (peer) => {
  await readHead(peer);
  await peer.write(text);
  await peer.close();
};
