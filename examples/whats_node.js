// What a runtime with one thread does with its time: a file is read, an expensive hash
// computed, timers run and a slow HTTP response comes, all started at once by one thread
// that waits for none of them. The log shows in which order they end, who did the work, and
// why. whats_node.cc is the same in C++.
//
//   ./bazelw run //:braid -- examples/whats_node.js

import { serve } from "braid:http";
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

const bytes = new Uint8Array(32 * 2 ** 20);
const start = performance.now();

/**
 * @param {string} what
 * @param {string} why
 */
function log(what, why) {
  console.log(`${(performance.now() - start).toFixed(1).padStart(7)} ms  ${what.padEnd(22)} ${why}`);
}

/** @param {number} ms */
async function timer(ms) {
  await sleep(ms);
  log(`timer of ${ms} ms`, "the loop itself: it looks at the time between two things");
}

async function readAFile() {
  const { length } = await readFile(process.execPath);
  log("file read", `the kernel: ${length} bytes came through the ring, no thread waited`);
}

async function hash() {
  await crypto.subtle.digest("SHA-512", bytes);
  log("hash of 32 MiB", "a thread of the pool: nothing but a processor can do it; the loop's was free for the rest");
}

// A server that takes its time, in the same process on the same thread.
const server = serve({
  hostname: "127.0.0.1",
  port: 0,
  async fetch() {
    await sleep(300);
    return new Response("At last.\n");
  },
});

async function response() {
  const answer = fetch(`http://127.0.0.1:${server.port}/`);
  log("HTTP request made", "it goes out when JavaScript has ended its turn");
  const text = await (await answer).text();
  log("HTTP response", `another machine, as it were: ${text.length} characters, when it was ready`);
}

process.nextTick(() => log("process.nextTick()", "the runtime: when the microtasks are done, of which a module's code is one"));
queueMicrotask(() => log("microtask", "V8: when the code that runs now has ended, before the loop goes on"));
setImmediate(() => log("setImmediate()", "the loop itself: at its next turn"));
const all = [response(), hash(), timer(500), timer(20), timer(0), readAFile()];
log("all is started", "the loop has not waited for anything yet");
await Promise.all(all);
log("all has ended", "the program ends when nothing is left to wait for");
server.shutdown();
