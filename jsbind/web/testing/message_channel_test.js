import { deepEqual, equal, ok, test, throws, turns } from "./harness.js";

const received = (port) => new Promise((resolve) => (port.onmessage = ({ data }) => (port.close(), resolve(data))));

test("MessageChannel carries copies, in order", async () => {
  const { port1, port2 } = new MessageChannel();
  const sent = { n: 1 };
  port1.postMessage(sent);
  sent.n = 2;
  port1.postMessage("second");
  const got = [];
  await new Promise((resolve) => {
    port2.onmessage = (event) => {
      equal(event.type, "message");
      equal(event.isTrusted, true);
      equal(event.target, port2);
      got.push(event.data);
      if (got.length === 2) resolve();
    };
  });
  port2.close();
  deepEqual(got, [{ n: 1 }, "second"]);
});

test("a port that was not started keeps its messages", async () => {
  const { port1, port2 } = new MessageChannel();
  const got = [];
  port2.addEventListener("message", ({ data }) => got.push(data));
  port1.postMessage(1);
  await turns();
  deepEqual(got, []);
  port2.start();
  await turns();
  deepEqual(got, [1]);
  port1.close();
});

test("messages come after microtasks, before immediates, each with its own", async () => {
  const log = [];
  const { port1, port2 } = new MessageChannel();
  port2.onmessage = ({ data }) => {
    log.push(data);
    queueMicrotask(() => log.push(`${data} micro`));
    if (data === 1) port1.postMessage(3);
  };
  port1.postMessage(1);
  port1.postMessage(2);
  setTimeout(() => log.push("timeout"), 0);
  setImmediate(() => log.push("immediate"));
  queueMicrotask(() => log.push("micro"));
  await new Promise((resolve) => setTimeout(resolve, 2));
  await turns();
  port1.close();
  deepEqual(log.slice(0, 6), ["micro", 1, "1 micro", 2, "2 micro", "immediate"]);
  ok(log.indexOf(3) > 5);
});

test("closing a channel tells both ends, after what was sent", async () => {
  const log = [];
  const { port1, port2 } = new MessageChannel();
  port1.onclose = () => log.push("close 1");
  port2.onclose = () => log.push("close 2");
  port2.onmessage = ({ data }) => log.push(data);
  port1.postMessage("last");
  port1.close();
  port1.postMessage("lost");
  await turns();
  deepEqual(log.toSorted(), ["close 1", "close 2", "last"]);
  ok(log.indexOf("last") < log.indexOf("close 2"));
  port2.postMessage("nobody");
  port2.close();
  await turns();
  equal(log.length, 3);
});

test("closing in a listener drops what was left", async () => {
  const got = [];
  const { port1, port2 } = new MessageChannel();
  port2.onmessage = ({ data }) => {
    got.push(data);
    port2.close();
  };
  port1.postMessage(1);
  port1.postMessage(2);
  await turns();
  deepEqual(got, [1]);
});

test("an end that nobody listens to does not hold the close back", async () => {
  const { port1, port2 } = new MessageChannel();
  let closed = false;
  port2.onclose = () => (closed = true);
  port1.postMessage("unread");
  port1.close();
  await turns();
  equal(closed, true);
});

test("ports are moved, with what waits for them", async () => {
  const first = new MessageChannel();
  const second = new MessageChannel();
  second.port2.postMessage("waiting");
  first.port1.postMessage({ port: second.port1 }, [second.port1]);
  throws(() => first.port1.postMessage(1, [second.port1]), { name: "DataCloneError" });
  const event = await new Promise((resolve) => (first.port2.onmessage = resolve));
  first.port2.close();
  const { port } = event.data;
  ok(port instanceof MessagePort && port !== second.port1);
  equal(event.ports[0], port);
  ok(Object.isFrozen(event.ports));
  equal(await received(port), "waiting");
});

test("a port cannot be sent through itself", async () => {
  const { port1, port2 } = new MessageChannel();
  throws(() => port1.postMessage(1, [port1]), { name: "DataCloneError" });
  port1.postMessage(1, [port2]); // Lost with the message.
  port1.close();
  await turns();
});

test("postMessage reports what cannot be cloned at once", () => {
  const { port1 } = new MessageChannel();
  throws(() => port1.postMessage(() => {}), { name: "DataCloneError" });
  throws(() => port1.postMessage(), TypeError);
  throws(() => port1.postMessage(1, 5), TypeError);
  throws(() => MessagePort.prototype.postMessage.call({}, 1), { code: "ERR_INVALID_THIS" });
  throws(() => new MessagePort(), TypeError);
  port1.close();
});

test("buffers are moved between ports", async () => {
  const { port1, port2 } = new MessageChannel();
  const { buffer } = new Uint8Array([1, 2]);
  port1.postMessage(buffer, { transfer: [buffer] });
  equal(buffer.byteLength, 0);
  deepEqual([...new Uint8Array(await received(port2))], [1, 2]);
});

test("a thousand messages arrive", async () => {
  const got = [];
  const { port1, port2 } = new MessageChannel();
  port2.addEventListener("message", ({ data }) => got.push(data));
  port2.start();
  for (let i = 0; i < 1000; i++) port1.postMessage(i);
  await turns();
  equal(got.length, 1000);
  equal(got[999], 999);
  port1.close();
});

test("a port keeps the program alive while it listens", async () => {
  const { port1, port2 } = new MessageChannel();
  equal(port2.hasRef(), false);
  port2.onmessage = () => {};
  equal(port2.hasRef(), true);
  port2.unref();
  equal(port2.hasRef(), false);
  port2.ref();
  equal(port2.hasRef(), true);
  port1.close();
  await turns();
  equal(port2.hasRef(), false);
});

test("MessageEvent", () => {
  const { port1 } = new MessageChannel();
  const event = new MessageEvent("message", { data: 1, origin: "o", lastEventId: "i", source: port1, ports: [port1] });
  deepEqual([event.data, event.origin, event.lastEventId, event.ports.length], [1, "o", "i", 1]);
  equal(event.source, port1);
  const empty = new MessageEvent("x");
  deepEqual([empty.data, empty.origin, empty.lastEventId, empty.source, empty.ports], [null, "", "", null, []]);
  throws(() => new MessageEvent("x", { ports: [1] }), TypeError);
  throws(() => new MessageEvent(), TypeError);
  empty.initMessageEvent("y", true, false, 5);
  deepEqual([empty.type, empty.bubbles, empty.data], ["y", true, 5]);
});
