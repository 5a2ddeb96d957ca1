import { deepEqual, equal, test, throws } from "./harness.js";

const bytes = (...values) => new Uint8Array(values);

test("TextEncoder", () => {
  const encoder = new TextEncoder();
  equal(encoder.encoding, "utf-8");
  deepEqual([...encoder.encode("é€😀\ud800")], [0xc3, 0xa9, 0xe2, 0x82, 0xac, 0xf0, 0x9f, 0x98, 0x80, 0xef, 0xbf, 0xbd]);
  equal(encoder.encode().length, 0);
  deepEqual([...encoder.encode(undefined)], []);
  throws(() => TextEncoder.prototype.encode.call({}, ""), TypeError);
});

test("encodeInto writes whole characters", () => {
  const encoder = new TextEncoder();
  const into = new Uint8Array(5);
  deepEqual(encoder.encodeInto("aé€", into), { read: 2, written: 3 });
  deepEqual([...into], [0x61, 0xc3, 0xa9, 0, 0]);
  deepEqual(encoder.encodeInto("😀", into.subarray(2)), { read: 0, written: 0 });
  deepEqual(encoder.encodeInto("", into), { read: 0, written: 0 });
  deepEqual(encoder.encodeInto("x".repeat(9), new Uint8Array(4)), { read: 4, written: 4 });
  throws(() => encoder.encodeInto("a", new Uint16Array(1)), TypeError);
});

test("utf-8", () => {
  const decoder = new TextDecoder();
  equal(decoder.encoding, "utf-8");
  equal(decoder.decode(bytes(0xc3, 0xa9)), "é");
  equal(decoder.decode(bytes(0xef, 0xbb, 0xbf, 0x61)), "a");
  equal(new TextDecoder("utf8", { ignoreBOM: true }).decode(bytes(0xef, 0xbb, 0xbf, 0x61)), "\ufeffa");
  equal(decoder.decode(bytes(0x61, 0xff, 0xe2, 0x82, 0x62)), "a\ufffd\ufffdb");
  equal(decoder.decode(bytes(0xf0, 0x80, 0x80)), "\ufffd\ufffd\ufffd");
  equal(decoder.decode(), "");
  equal(decoder.decode(new ArrayBuffer(2)), "\0\0");
  equal(decoder.decode(new DataView(bytes(0x61, 0x62, 0x63).buffer, 1)), "bc");
  equal(decoder.decode(new Uint16Array([0x6261])), "ab");
  const shared = new Uint8Array(new SharedArrayBuffer(1));
  shared[0] = 0x7a;
  equal(decoder.decode(shared), "z");
  throws(() => decoder.decode("text"), TypeError);
});

test("fatal", () => {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  equal(decoder.fatal, true);
  throws(() => decoder.decode(bytes(0xff)), { name: "TypeError", code: "ERR_ENCODING_INVALID_ENCODED_DATA" });
  equal(decoder.decode(bytes(0x61)), "a");
  throws(() => decoder.decode(bytes(0xe2, 0x82)), TypeError);
  equal(decoder.decode(bytes(0xe2, 0x82), { stream: true }), "");
  throws(() => decoder.decode(), TypeError);
  throws(() => new TextDecoder("utf-16le", { fatal: true }).decode(bytes(0, 0xd8)), TypeError);
});

test("streams may be cut anywhere", () => {
  const text = "\ufeffaé€😀b";
  const all = new TextEncoder().encode(text);
  for (let i = 0; i <= all.length; i++) {
    for (let j = i; j <= all.length; j++) {
      const decoder = new TextDecoder();
      const stream = { stream: true };
      const result =
        decoder.decode(all.subarray(0, i), stream) +
        decoder.decode(all.subarray(i, j), stream) +
        decoder.decode(all.subarray(j), stream) +
        decoder.decode();
      equal(result, text.slice(1));
    }
  }
  const decoder = new TextDecoder();
  equal(decoder.decode(bytes(0xe2), { stream: true }), "");
  equal(decoder.decode(bytes(0x61), { stream: true }), "\ufffda");
  equal(decoder.decode(bytes(0xf0, 0x9f), { stream: true }), "");
  equal(decoder.decode(), "\ufffd");
  equal(decoder.decode(bytes(0xef, 0xbb, 0xbf, 0x62)), "b");
});

test("utf-16", () => {
  equal(new TextDecoder("utf-16le").decode(bytes(0x61, 0, 0x3d, 0xd8, 0, 0xde)), "a😀");
  equal(new TextDecoder("utf-16be").decode(bytes(0, 0x61)), "a");
  equal(new TextDecoder("unicode").encoding, "utf-16le");
  equal(new TextDecoder("utf-16").decode(bytes(0xff, 0xfe, 0x61, 0, 0x62)), "a\ufffd");
  equal(new TextDecoder("utf-16le").decode(bytes(0, 0xd8)), "\ufffd");
  const decoder = new TextDecoder("utf-16le");
  equal(decoder.decode(bytes(0x3d), { stream: true }), "");
  equal(decoder.decode(bytes(0xd8, 0), { stream: true }), "");
  equal(decoder.decode(bytes(0xde)), "😀");
});

test("windows-1252 and labels", () => {
  equal(new TextDecoder("latin1").encoding, "windows-1252");
  equal(new TextDecoder(" ASCII\n").decode(bytes(0x80, 0xe9, 0x99)), "€é™");
  throws(() => new TextDecoder("klingon"), { name: "RangeError", code: "ERR_ENCODING_NOT_SUPPORTED" });
});
