// fetch() against peers that are slow, hostile or gone, and ended by signals.

import { collectGarbage, listen } from "braid:testing";
import { deepEqual, equal, ok, rejects, test, turns } from "./harness.js";
import { answering, closed, peering, readHead } from "./peering.js";

const kHead = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n";
const failed = { name: "TypeError", message: "fetch failed" };

test("an answer split at each byte", async () => {
  const answer = "HTTP/1.1 200 Fine\r\ntransfer-encoding: chunked\r\nx-a: b\r\n\r\n2\r\nab\r\n1;x=y\r\nc\r\n0\r\n\r\n";
  for (let at = 1; at < answer.length; at++) {
    await peering(
      [
        async (peer) => {
          await readHead(peer);
          await peer.write(answer.slice(0, at));
          await turns();
          await peer.write(answer.slice(at));
        },
      ],
      async (url) => {
        const response = await fetch(url);
        deepEqual([response.statusText, response.headers.get("x-a"), await response.text()], ["Fine", "b", "abc"]);
      },
    );
  }
});

test("a peer that closes at each byte", async () => {
  const answer = `${kHead}abcde`;
  for (let at = 0; at < answer.length; at++) {
    await peering([answering(answer.slice(0, at))], async (url) => {
      if (at < kHead.length) {
        const { cause } = await rejects(fetch(url), failed);
        equal(cause.code, "UND_ERR_SOCKET");
        ok(cause.message.endsWith(url));
      } else {
        const error = await rejects((await fetch(url)).text(), { name: "TypeError", message: "terminated" });
        ok(error.cause.message.includes(`after ${at - kHead.length} bytes`));
      }
    });
  }
});

test("answers that are none", async () => {
  for (const answer of [
    "garbage\r\n\r\n",
    "HTTP/2 200 OK\r\n\r\n",
    "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab",
    "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n",
    "HTTP/1.1 200 OK\r\na b: c\r\n\r\n",
    "HTTP/1.1 200 OK\r\na: b\r\n folded\r\n\r\n",
    "HTTP/1.1 101 Switching\r\nupgrade: x\r\n\r\n",
    "\x16\x03\x01\x02\x00\x01\x00",
    `HTTP/1.1 200 OK\r\nx: ${"y".repeat(70_000)}\r\n\r\n`,
    `HTTP/1.1 200 OK\r\n${"a: b\r\n".repeat(300)}\r\n`,
    "HTTP/1.1 100 Continue\r\n\r\n".repeat(20),
  ]) {
    await peering([answering(answer)], (url) => rejects(fetch(url), failed));
  }
  for (const body of ["x\r\n", "1\r\nab\r\n", "ffffffffffffffffff\r\n", "1\r\na\r\n"]) {
    await peering([answering(`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${body}`)], async (url) => {
      await rejects((await fetch(url)).text(), { message: "terminated" });
    });
  }
});

test("bodies that end with the connection", () =>
  peering([answering("HTTP/1.0 200 OK\r\n\r\nabc")], async (url) => {
    equal(await (await fetch(url)).text(), "abc");
  }));

test("interim answers", () =>
  peering([answering(`HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n${kHead}abcde`)], async (url) => {
    equal(await (await fetch(url)).text(), "abcde");
  }));

test("nobody listens", async () => {
  const listener = listen();
  const { port } = listener;
  await listener.close();
  const { cause } = await rejects(fetch(`http://127.0.0.1:${port}/`), failed);
  deepEqual(
    [cause.message, cause.code, cause.errno, cause.syscall, cause.address, cause.port],
    [`connect ECONNREFUSED 127.0.0.1:${port}`, "ECONNREFUSED", -111, "connect", "127.0.0.1", port],
  );
});

test("a name that does not exist", async () => {
  const { cause } = await rejects(fetch("http://nobody.onion/"), failed);
  deepEqual([cause.message, cause.code, cause.syscall, cause.hostname], [
    "getaddrinfo ENOTFOUND nobody.onion",
    "ENOTFOUND",
    "getaddrinfo",
    "nobody.onion",
  ]);
});

test("a kept connection that the peer closes is not missed", async () => {
  const peers = [answering(`${kHead}abcde`)];
  const accepted = await peering(peers, async (url) => {
    for (let i = 0; i < 3; i++) equal(await (await fetch(url)).text(), "abcde");
  });
  equal(accepted, 3);
});

test("connection: close", async () => {
  let head;
  const peer = async (peer) => {
    head = await readHead(peer);
    await peer.write(`${kHead}abcde`);
    await closed(peer);
  };
  await peering([peer], async (url) => {
    equal(await (await fetch(url, { headers: { connection: "close" } })).text(), "abcde");
  });
  ok(head.includes("\r\nconnection: close\r\n"));
});

/**
 * Fetches from a peer, aborts when the peer has done `until` and a promise
 * waits; the peer must then see its connection closed.
 */
async function aborting(until, use, init = {}) {
  for (const reason of [new Error("mine"), undefined]) {
    const controller = new AbortController();
    const reached = Promise.withResolvers();
    const gone = Promise.withResolvers();
    const peer = async (peer) => {
      await until(peer);
      reached.resolve();
      await closed(peer);
      gone.resolve();
    };
    await peering([peer], async (url) => {
      const made = typeof init === "function" ? init() : init;
      const using = use(fetch(url, { ...made, signal: controller.signal }));
      await reached.promise;
      await turns();
      controller.abort(reason);
      const error = await rejects(using, reason === undefined ? { name: "AbortError" } : Error);
      equal(error, controller.signal.reason);
      await gone.promise;
    });
  }
}

test("aborted before it begins", async () => {
  let ended = 0;
  const body = { [Symbol.asyncIterator]: () => ({ next() {}, return: async () => (ended++, { done: true }) }) };
  const reason = new Error("why");
  const accepted = await peering([closed], async (url) => {
    equal(await rejects(fetch(url, { signal: AbortSignal.abort(reason), method: "POST", body, duplex: "half" }), Error), reason);
  });
  deepEqual([accepted, ended], [0, 1]);
});

test("aborted while connecting", async () => {
  // The answer of the kernel comes with a later turn.
  const listener = listen();
  const controller = new AbortController();
  const fetching = fetch(`http://127.0.0.1:${listener.port}/`, { signal: controller.signal });
  controller.abort();
  equal(await rejects(fetching, { name: "AbortError" }), controller.signal.reason);
  await listener.close();
});

test("aborted while the body is sent", async () => {
  // More than the sockets' buffers hold, to a peer that reads nothing more.
  await aborting(readHead, (fetching) => fetching, { method: "POST", body: new Uint8Array(32 << 20) });
});

test("aborted while the body's source is waited for", async () => {
  const ended = [];
  await aborting(
    readHead,
    (fetching) => fetching,
    () => {
      const source = {
        [Symbol.asyncIterator]: () => ({
          next: () => new Promise(() => {}),
          async return() {
            ended.push("ended");
            return { done: true };
          },
        }),
      };
      return { method: "POST", duplex: "half", body: source };
    },
  );
  deepEqual(ended, ["ended", "ended"]);
});

test("aborted while waiting for the head", () => aborting(readHead, (fetching) => fetching));

test("aborted while the body is read", async () => {
  const half = async (peer) => {
    await readHead(peer);
    await peer.write(`${kHead}ab`);
  };
  await aborting(half, async (fetching) => (await fetching).text());
  await aborting(half, async (fetching) => (await fetching).arrayBuffer());
  await aborting(half, async (fetching) => {
    for await (const chunk of (await fetching).body) ok(chunk.length > 0);
  });
});

test("aborted before the body is read", () =>
  peering(
    [
      async (peer) => {
        await readHead(peer);
        await peer.write(`${kHead}ab`);
        await closed(peer);
      },
    ],
    async (url) => {
      const controller = new AbortController();
      const response = await fetch(url, { signal: controller.signal });
      controller.abort();
      equal(await rejects(response.text(), { name: "AbortError" }), controller.signal.reason);
    },
  ));

test("aborted when all is over", () =>
  peering([answering(`${kHead}abcde`)], async (url) => {
    const controller = new AbortController();
    const response = await fetch(url, { signal: controller.signal });
    equal(await response.text(), "abcde");
    controller.abort();
  }));

test("a signal's time-out", () =>
  peering([closed], async (url) => {
    await rejects(fetch(url, { signal: AbortSignal.timeout(1) }), { name: "TimeoutError" });
  }));

test("a body that is cancelled closes the connection", async () => {
  const gone = Promise.withResolvers();
  const peer = async (peer) => {
    await readHead(peer);
    await peer.write(`${kHead}ab`);
    await closed(peer);
    gone.resolve();
  };
  await peering([peer], async (url) => {
    await (await fetch(url)).body.cancel();
    await gone.promise;
  });
});

test("a response that is dropped unread closes its connection", async () => {
  const gone = Promise.withResolvers();
  const peer = async (peer) => {
    await readHead(peer);
    await peer.write(`${kHead}ab`);
    await closed(peer);
    gone.resolve("gone");
  };
  const controller = new AbortController();
  await peering([peer], async (url) => {
    await (async () => {
      equal((await fetch(url, { signal: controller.signal })).status, 200);
    })();
    let state;
    gone.promise.then((value) => (state = value));
    while (state === undefined) {
      collectGarbage();
      await turns();
    }
  });
});

test("an answer before the body was sent", async () => {
  const ended = Promise.withResolvers();
  const source = {
    [Symbol.asyncIterator]: () => ({
      next: async () => (await turns(), { value: new Uint8Array(1000), done: false }),
      async return() {
        ended.resolve();
        return { done: true };
      },
    }),
  };
  const refuse = async (peer) => {
    await readHead(peer);
    await peer.write("HTTP/1.1 413 Content Too Large\r\ncontent-length: 2\r\n\r\nno");
    await closed(peer);
  };
  await peering([refuse], async (url) => {
    const response = await fetch(url, { method: "POST", body: source, duplex: "half" });
    equal(response.status, 413);
    equal(await response.text(), "no");
    await ended.promise;
  });
});
