// Sockets and servers of node:net, against each other.

import { once } from "node:events";
import { rm } from "node:fs/promises";
import net from "node:net";
import { deepEqual, equal, ok, test, throws } from "../../web/testing/harness.js";

/** @returns {Promise<net.Server>} on a free port of 127.0.0.1 */
async function listen(options, onConnection) {
  const server = net.createServer(options, onConnection);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

const connectTo = (server, options = {}) => net.connect({ host: "127.0.0.1", port: server.address().port, ...options });

/** Both ends of a connection. */
async function connectBoth(server) {
  const socket = connectTo(server);
  const [[peer]] = await Promise.all([once(server, "connection"), once(socket, "connect")]);
  return { socket, peer };
}

async function textOf(stream) {
  let text = "";
  for await (const chunk of stream) text += chunk;
  return text;
}

/** What an event of a kind gives, also "error", which once() would throw. */
const next = (emitter, type) => new Promise((resolve) => emitter.once(type, (...args) => resolve(args)));

test("bytes go both ways, and each side sees the other's end", async () => {
  const events = [];
  const server = await listen({}, (socket) => {
    socket.on("end", () => events.push("server end"));
    socket.pipe(socket);
  });
  const socket = connectTo(server);
  deepEqual([socket.connecting, socket.pending, socket.readyState], [true, true, "opening"]);
  await once(socket, "connect");
  deepEqual([socket.connecting, socket.pending, socket.readyState], [false, false, "open"]);
  deepEqual([socket.remoteAddress, socket.remoteFamily, socket.remotePort], ["127.0.0.1", "IPv4", server.address().port]);
  socket.write("one ");
  socket.end("two");
  equal(await textOf(socket), "one two");
  await once(socket, "close");
  deepEqual([socket.bytesRead, socket.bytesWritten, socket.readyState], [7, 7, "closed"]);
  deepEqual(events, ["server end"]);
  server.close();
  await once(server, "close");
  equal(server.address(), null);
});

test("a server closes when its last connection has", async () => {
  const server = await listen({}, (socket) => socket.resume());
  const { socket, peer } = await connectBoth(server);
  let isClosed = false;
  const closed = new Promise((resolve) => server.close((error) => resolve(error)));
  closed.then(() => (isClosed = true));
  server.getConnections((error, count) => deepEqual([error, count], [null, 1]));
  await new Promise((resolve) => setImmediate(resolve));
  ok(!isClosed);
  socket.end();
  equal(await closed, undefined);
  ok(peer.destroyed);
  const again = await new Promise((resolve) => server.close(resolve));
  equal(again.code, "ERR_SERVER_NOT_RUNNING");
});

test("a reader that pauses holds its peer back", async () => {
  // More than the kernel's buffers hold.
  const bytes = Buffer.alloc(24 << 20, "x");
  const server = await listen({ pauseOnConnect: true });
  const { socket, peer } = await connectBoth(server);
  equal(socket.write(bytes), false);
  let isDrained = false;
  socket.once("drain", () => (isDrained = true));
  for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve));
  ok(!isDrained && peer.readableLength < bytes.length / 4);
  let received = 0;
  peer.on("data", (chunk) => (received += chunk.length));
  peer.resume();
  await once(socket, "drain");
  socket.end();
  await once(peer, "end");
  equal(received, bytes.length);
  server.close();
});

test("half open: the other direction goes on after the end", async () => {
  const server = await listen({ allowHalfOpen: true }, (socket) => {
    socket.resume().on("end", () => socket.end("late"));
  });
  const socket = connectTo(server);
  socket.end("x");
  equal(await textOf(socket), "late");
  server.close();
});

test("failures to connect are Node's, and close the socket", async () => {
  const server = await listen();
  const { port } = server.address();
  server.close();
  await once(server, "close");
  const socket = net.connect(port, "127.0.0.1");
  const closed = next(socket, "close");
  const [error] = await next(socket, "error");
  const { message, code, errno, syscall, address } = error;
  deepEqual(
    [message, code, errno, syscall, address, error.port],
    [`connect ECONNREFUSED 127.0.0.1:${port}`, "ECONNREFUSED", -111, "connect", "127.0.0.1", port],
  );
  deepEqual(await closed, [true]);
  const [missing] = await next(net.connect("/nonexistent/x.sock"), "error");
  equal(missing.message, "connect ENOENT /nonexistent/x.sock");
  const [unknown] = await next(net.connect(80, "nosuch.onion"), "error");
  equal(unknown.message, "getaddrinfo ENOTFOUND nosuch.onion");
  const lookup = (name, options, callback) => {
    callback(null, [{ address: "127.0.0.1", family: 4 }, { address: "127.0.0.2", family: 4 }]);
  };
  const [none] = await next(net.connect({ port, host: "two.test", lookup }), "error");
  deepEqual([none.constructor.name, none.code, none.errors.length], ["AggregateError", "ECONNREFUSED", 2]);
});

test("an address that fails is followed by the next", async () => {
  const server = await listen({}, (socket) => socket.end("here"));
  const lookup = (name, options, callback) => {
    callback(null, [{ address: "::1", family: 6 }, { address: "127.0.0.1", family: 4 }]);
  };
  const socket = connectTo(server, { host: "two.test", lookup });
  equal(await textOf(socket), "here");
  server.close();
});

test("Unix sockets have paths, which go with the server", async () => {
  const path = `/tmp/braid-net-${process.pid}.sock`;
  await rm(path, { force: true });
  const server = net.createServer((socket) => socket.end("by path")).listen(path);
  await once(server, "listening");
  equal(server.address(), path);
  const [error] = await next(net.createServer().listen(path), "error");
  deepEqual([error.code, error.address, error.port], ["EADDRINUSE", path, -1]);
  equal(await textOf(net.connect(path)), "by path");
  server.close();
  await once(server, "close");
  equal((await next(net.connect(path), "error"))[0].code, "ENOENT");
});

test("a port that is taken is an error event", async () => {
  const server = await listen();
  const { port } = server.address();
  const [error] = await next(net.createServer().listen(port, "127.0.0.1"), "error");
  equal(error.message, `listen EADDRINUSE: address already in use 127.0.0.1:${port}`);
  throws(() => server.listen(0), { code: "ERR_SERVER_ALREADY_LISTEN" });
  server.close();
});

test("destroying ends what is under way", async () => {
  const server = await listen({}, (socket) => socket.on("error", () => {}));
  const connecting = connectTo(server);
  connecting.destroy();
  deepEqual(await next(connecting, "close"), [false]);
  const reading = connectTo(server);
  reading.resume();
  await once(reading, "connect");
  const writing = new Promise((resolve) => reading.write(Buffer.alloc(16 << 20), resolve));
  reading.destroy(new Error("enough"));
  const closed = next(reading, "close");
  equal((await next(reading, "error"))[0].message, "enough");
  ok((await writing) instanceof Error);
  deepEqual(await closed, [true]);
  server.close();
});

test("a reset is ECONNRESET for the peer", async () => {
  const server = await listen({}, (socket) => socket.resume());
  const { socket, peer } = await connectBoth(server);
  const failed = next(peer, "error");
  socket.resetAndDestroy();
  const [{ message, code, syscall }] = await failed;
  deepEqual([message, code, syscall], ["read ECONNRESET", "ECONNRESET", "read"]);
  server.close();
});

test("a time-out is told once nothing moves", async () => {
  const server = await listen();
  const socket = connectTo(server);
  await new Promise((resolve) => socket.setTimeout(1, resolve));
  equal(socket.timeout, 1);
  ok(!socket.destroyed);
  socket.destroy();
  server.close();
  throws(() => new net.Socket().setTimeout("1"), { code: "ERR_INVALID_ARG_TYPE" });
});

test("connections beyond maxConnections are dropped", async () => {
  const server = await listen();
  server.maxConnections = 0;
  const socket = connectTo(server);
  const [{ localPort }] = await once(server, "drop");
  equal(localPort, server.address().port);
  await next(socket.resume(), "close");
  server.close();
});

test("an aborted signal closes a server and destroys a socket", async () => {
  const controller = new AbortController();
  const server = net.createServer().listen({ port: 0, host: "127.0.0.1", signal: controller.signal });
  await once(server, "listening");
  const socket = connectTo(server, { signal: controller.signal });
  const failed = next(socket, "error");
  controller.abort();
  equal((await failed)[0].name, "AbortError");
  if (server.listening) await once(server, "close");
});

test("what is not referenced does not keep the program running", async () => {
  const server = await listen();
  const { socket, peer } = await connectBoth(server);
  for (const open of [server, socket.resume(), peer.resume()]) open.unref();
});

test("wrong arguments are refused at once", () => {
  throws(() => net.connect(), { code: "ERR_MISSING_ARGS" });
  throws(() => net.connect(65_536), { code: "ERR_SOCKET_BAD_PORT" });
  throws(() => net.createServer().listen(-1), { code: "ERR_SOCKET_BAD_PORT" });
  throws(() => net.createServer().listen({}), { code: "ERR_INVALID_ARG_VALUE" });
  throws(() => net.createServer(5), { code: "ERR_INVALID_ARG_TYPE" });
  deepEqual(["127.0.0.1", "::1", "fe80::1%lo", "1.2.3", ""].map(net.isIP), [4, 6, 6, 0, 0]);
});
