import { deepEqual, equal, ok, rejects, test, throws } from "./harness.js";

const textOf = (blob) => blob.text();

test("Blob joins parts of every kind", async () => {
  const bytes = new Uint8Array([0x61, 0x62, 0x63, 0x64]);
  const blob = new Blob([bytes.subarray(1, 3), bytes.buffer, "é", new Blob(["x"]), 5], { type: "Text/Plain" });
  bytes.fill(0); // The blob has its own.
  equal(await textOf(blob), "bcabcdéx5");
  equal(blob.size, 10);
  equal(blob.type, "text/plain");
  equal(Object.prototype.toString.call(blob), "[object Blob]");
  equal(new Blob().size, 0);
  equal(await textOf(new Blob(["\ud800"])), "\ufffd");
});

test("Blob options", async () => {
  equal(new Blob([], { type: "a\u00e9" }).type, "");
  equal(await textOf(new Blob(["a\r\nb\rc\n"], { endings: "native" })), "a\nb\nc\n");
  equal(await textOf(new Blob(["a\r\n"])), "a\r\n");
  throws(() => new Blob([], { endings: "none" }), TypeError);
  throws(() => new Blob("text"), TypeError);
  throws(() => new Blob(null), TypeError);
  throws(() => new Blob([], 5), TypeError);
});

test("Blob.slice", async () => {
  const blob = new Blob(["0123456789"], { type: "a/b" });
  const slices = [[], [2], [2, 4], [-3], [-3, -1], [4, 2], [8, 100], [-100, 1], [1.5, 2.5], [NaN, 1], [0, undefined]];
  const texts = await Promise.all(slices.map((range) => textOf(blob.slice(...range))));
  deepEqual(texts, ["0123456789", "23456789", "23", "789", "78", "", "89", "0", "", "0", "0123456789"]);
  equal(blob.slice(0, 1).type, "");
  equal(blob.slice(0, 1, "C/D").type, "c/d");
  equal(await textOf(blob.slice(2, 8).slice(1, 3)), "34");
});

test("what a Blob gives away is a copy", async () => {
  const blob = new Blob(["abc"]);
  new Uint8Array(await blob.arrayBuffer()).fill(0);
  (await blob.bytes()).fill(0);
  for await (const chunk of blob.stream()) chunk.fill(0);
  (await new Response(blob).bytes()).fill(0);
  equal(await textOf(blob), "abc");
});

test("Blob.stream gives pieces", async () => {
  const sizes = [];
  for await (const chunk of new Blob([new Uint8Array(150_000)]).stream()) sizes.push(chunk.length);
  deepEqual(sizes, [65_536, 65_536, 18_928]);
  equal((await new Blob([]).stream().getReader().read()).done, true);
});

test("a foreign this", async () => {
  throws(() => Blob.prototype.slice.call({}), { code: "ERR_INVALID_THIS" });
  await rejects(Blob.prototype.text.call({}), { code: "ERR_INVALID_THIS" });
});

test("File", async () => {
  const file = new File(["abc"], "a.txt", { type: "text/plain", lastModified: 5.7 });
  deepEqual([file.name, file.lastModified, file.size, file.type], ["a.txt", 5, 3, "text/plain"]);
  ok(file instanceof Blob);
  equal(await textOf(file), "abc");
  ok(new File([], "x").lastModified >= 1.7e12);
  equal(file.slice(1) instanceof File, false);
  throws(() => new File([]), TypeError);
  throws(() => new File(undefined, "x"), TypeError);
});

test("blobs as bodies", async () => {
  const response = new Response(new Blob(["<p>"], { type: "text/html" }));
  equal(response.headers.get("content-type"), "text/html");
  equal(await response.text(), "<p>");
  equal(new Response(new Blob(["x"])).headers.get("content-type"), null);
  const request = new Request("http://h", { method: "POST", body: new Blob(["x"], { type: "a/b" }) });
  equal(request.headers.get("content-type"), "a/b");
});

test("bodies as blobs", async () => {
  const typeOf = async (type) => (await new Response("x", { headers: { "content-type": type } }).blob()).type;
  equal(await typeOf("Text/HTML; Charset=UTF-8;x"), "text/html;charset=utf-8");
  equal(await typeOf("\t a/b \t; c=d e \t"), 'a/b;c="d e"');
  equal(await typeOf('a/b;c="d e";c=f;=g;h="\\"i'), 'a/b;c="d e";h="\\"i"');
  for (const none of ["", "text", "a/", "/b", "a b/c", "a/b/c"]) equal(await typeOf(none), "");
  const blob = await new Response("text").blob();
  deepEqual([blob.type, blob.size], ["text/plain;charset=utf-8", 4]);
  equal((await new Response().blob()).size, 0);
  const used = new Response("x");
  await used.blob();
  await rejects(used.blob(), TypeError);
});
