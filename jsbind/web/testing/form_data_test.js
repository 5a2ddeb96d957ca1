import { deepEqual, equal, ok, rejects, test, throws } from "./harness.js";
import { bodyOf, serving } from "./serving.js";
import { request } from "braid:testing";

const formOf = (body, type = "multipart/form-data; boundary=XX") =>
  new Response(body, { headers: { "content-type": type } }).formData();

const part = (headers, body) => `--XX\r\n${headers}\r\n\r\n${body}\r\n`;
const named = (name, body) => part(`Content-Disposition: form-data; name="${name}"`, body);

test("FormData keeps entries in order", () => {
  const form = new FormData();
  form.append("a", 1);
  form.append("b", "2");
  form.append("a", "3");
  deepEqual([...form], [["a", "1"], ["b", "2"], ["a", "3"]]);
  deepEqual([...form.keys()], ["a", "b", "a"]);
  deepEqual([...form.values()], ["1", "2", "3"]);
  equal(form.get("a"), "1");
  equal(form.get("none"), null);
  deepEqual(form.getAll("a"), ["1", "3"]);
  form.set("a", "4");
  form.set("c", "5");
  deepEqual([...form.entries()], [["a", "4"], ["b", "2"], ["c", "5"]]);
  form.delete("b");
  equal(form.has("b"), false);
  const seen = [];
  form.forEach((value, name, self) => seen.push(value, name, self === form));
  deepEqual(seen, ["4", "a", true, "5", "c", true]);
});

test("FormData makes files of blobs", () => {
  const form = new FormData();
  const file = new File(["x"], "f", { lastModified: 1 });
  form.append("a", new Blob(["b"], { type: "t/t" }));
  form.append("a", new Blob(["b"]), "named");
  form.append("a", file);
  form.append("a", file, "other");
  const [blob, namedBlob, same, other] = form.getAll("a");
  deepEqual([blob.name, blob.type, namedBlob.name, other.name], ["blob", "t/t", "named", "other"]);
  equal(same, file);
  ok(other instanceof File && other.lastModified === 1);
});

test("FormData refuses", () => {
  throws(() => new FormData({}), TypeError);
  throws(() => new FormData().append("a"), TypeError);
  throws(() => new FormData().append("a", "text", "name"), TypeError);
  throws(() => FormData.prototype.get.call({}, "a"), { code: "ERR_INVALID_THIS" });
});

test("a form survives being sent", async () => {
  const form = new FormData();
  form.append("text", "line\nline\r");
  form.append('na"me\r\n', "ünï");
  form.append("file", new File([new Uint8Array([0, 13, 10, 255])], 'ö".bin', { type: "a/b" }));
  form.append("file", new Blob([]));
  const response = new Response(form);
  ok(/^multipart\/form-data; boundary=\S+$/.test(response.headers.get("content-type")));
  const copy = [...(await response.formData())];
  deepEqual(copy.slice(0, 2), [["text", "line\r\nline\r\n"], ['na"me\r\n', "ünï"]]);
  const [file, empty] = copy.slice(2).map(([, value]) => value);
  deepEqual([file.name, file.type, ...(await file.bytes())], ['ö".bin', "a/b", 0, 13, 10, 255]);
  deepEqual([empty.name, empty.type, empty.size], ["blob", "application/octet-stream", 0]);
  deepEqual([...(await new Response(new FormData()).formData())], []);
});

test("how a form is written", async () => {
  const form = new FormData();
  form.append("a", "1");
  form.append("b", new File(["2"], "f", { type: "t/t" }));
  const response = new Response(form);
  const boundary = /boundary=(.*)/.exec(response.headers.get("content-type"))[1];
  equal(
    (await response.text()).replaceAll(boundary, "XX"),
    '--XX\r\ncontent-disposition: form-data; name="a"\r\n\r\n1\r\n' +
      '--XX\r\ncontent-disposition: form-data; name="b"; filename="f"\r\ncontent-type: t/t\r\n\r\n2\r\n--XX--\r\n',
  );
});

test("a part cannot end itself", async () => {
  const { random } = Math;
  const numbers = [0.5, 0.5, 0.25];
  const form = new FormData();
  Math.random = () => 0.5;
  const boundary = /boundary=(.*)/.exec(new Response(form).headers.get("content-type"))[1];
  form.append("a", `\r\n--${boundary}\r\ncontent-disposition: form-data; name="b"\r\n\r\nc`);
  Math.random = () => numbers.shift();
  const copy = await new Response(form).formData();
  Math.random = random;
  deepEqual([...copy.keys()], ["a"]);
});

test("forms that others write", async () => {
  const form = await formOf(
    "\r\n" +
      part("content-type: text/html\r\nCONTENT-DISPOSITION: Form-Data ; filename=f.txt; x=y; name=a\r\nX-Y: z", "1") +
      named("", "--X\r\n--X") +
      "--XX--",
  );
  const file = form.get("a");
  deepEqual([file.name, file.type, await file.text()], ["f.txt", "text/html", "1"]);
  equal(form.get(""), "--X\r\n--X");
  const quoted = await formOf(named("a", "1") + "--XX--\r\nepilogue", 'multipart/form-data; boundary="XX"');
  equal(quoted.get("a"), "1");
  const untyped = await formOf(part('Content-Disposition: form-data; name="a"; filename=""', "1") + "--XX--");
  deepEqual([untyped.get("a").name, untyped.get("a").type], ["", "text/plain"]);
});

test("malformed forms", async () => {
  const bad = [
    "",
    "--YY--",
    "--XX",
    "--XX\r\n",
    named("a", "1"),
    `--XX\n${named("a", "1")}--XX--`,
    `${part("Content-Disposition: form-data", "1")}--XX--`,
    `${part("Content-Type: a/b", "1")}--XX--`,
    `${part('Content-Disposition: attachment; name="a"', "1")}--XX--`,
    `${part('Content-Disposition: form-data; name="a', "1")}--XX--`,
    `${part("no header", "1")}--XX--`,
    '--XX\r\nContent-Disposition: form-data; name="a"\r\n',
  ];
  for (const text of bad) await rejects(formOf(text), TypeError);
  await rejects(formOf("a", "multipart/form-data"), TypeError);
  await rejects(formOf("a=b", "text/plain"), TypeError);
  await rejects(new Response("a=b").formData(), TypeError);
});

test("url-encoded forms", async () => {
  const form = await new Response(new URLSearchParams("a=b+c&a=%C3%A9&d")).formData();
  deepEqual([...form], [["a", "b c"], ["a", "é"], ["d", ""]]);
});

test("a server reads forms", () =>
  serving(
    async (req) => {
      const form = await req.formData();
      return new Response(`${form.get("a")} ${await form.get("f").text()}`);
    },
    async (port) => {
      const sent = new FormData();
      sent.append("a", "1");
      sent.append("f", new Blob(["file"]));
      const message = new Response(sent);
      const type = message.headers.get("content-type");
      const body = await message.text();
      const text = await request(
        port,
        `POST / HTTP/1.1\r\nHost: h\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
      );
      equal(bodyOf(text), "1 file");
    },
  ));
