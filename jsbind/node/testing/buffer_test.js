import buffer, { Buffer, constants, isAscii, isUtf8, kMaxLength, transcode } from "node:buffer";
import { inspect } from "node:util";
import { deepEqual, equal, ok, test, throws } from "../../web/testing/harness.js";

const hex = (bytes) => Buffer.from(bytes).toString("hex");

test("Buffer is a Uint8Array, on the global object, and Node's module", () => {
  equal(globalThis.Buffer, Buffer);
  equal(buffer.Buffer, Buffer);
  ok(Buffer.from("a") instanceof Uint8Array);
  ok(Buffer.isBuffer(Buffer.alloc(1)) && !Buffer.isBuffer(new Uint8Array(1)));
  equal(Buffer.from("a").constructor, Buffer);
  ok(Buffer.from("ab").map((byte) => byte + 1) instanceof Buffer);
  equal(constants.MAX_LENGTH, kMaxLength);
  equal(constants.MAX_STRING_LENGTH, 0x1fffffe8);
  equal(buffer.Blob, Blob);
  equal(buffer.atob, atob);
  equal(buffer.btoa, btoa);
});

test("Buffer.from takes text in every encoding", () => {
  equal(hex("h\u00e9\u20ac\u{1f600}"), "68c3a9e282acf09f9880");
  equal(hex("a\ud800b"), "61efbfbd62");
  equal(Buffer.from("h\u00e9\u0101", "latin1").toString("hex"), "68e901");
  equal(Buffer.from("h\u0101", "UTF16LE").toString("hex"), "68000101");
  equal(Buffer.from("aGVsbG8=", "base64").toString(), "hello");
  equal(Buffer.from("_-8", "base64url").toString("hex"), "ffef");
  equal(Buffer.from("aG*V s\nbG8=aaaa", "base64").toString(), "hello");
  equal(Buffer.from("A", "base64").length, 0);
  equal(Buffer.from("abC1x0", "hex").toString("hex"), "abc1");
  equal(Buffer.from("abc", "hex").toString("hex"), "ab");
  // Longer than the pool.
  const long = "\u20ac".repeat(10_000);
  equal(Buffer.from(long).toString(), long);
  equal(Buffer.from(long, "ucs2").length, 20_000);
  equal(Buffer.from("x".repeat(30_000), "ascii").toString("latin1", 29_999), "x");
  throws(() => Buffer.from("a", "utf-7"), { name: "TypeError", code: "ERR_UNKNOWN_ENCODING", message: "Unknown encoding: utf-7" });
});

test("Buffer.from takes arrays, memory and objects", () => {
  deepEqual([...Buffer.from([1, 256, -1, "3", 2.9])], [1, 0, 255, 3, 2]);
  const memory = new ArrayBuffer(4);
  const shared = Buffer.from(memory, 1, 2);
  shared[0] = 7;
  equal(new Uint8Array(memory)[1], 7);
  deepEqual([...Buffer.from(new Uint16Array([1, 257]))], [1, 1]);
  deepEqual([...Buffer.from({ length: 2, 0: 5 })], [5, 0]);
  deepEqual([...Buffer.from(JSON.parse(JSON.stringify(Buffer.from([1, 2]))))], [1, 2]);
  equal(Buffer.from(new String("boxed")).toString(), "boxed");
  equal(Buffer.from({ [Symbol.toPrimitive]: () => "made" }).toString(), "made");
  throws(() => Buffer.from(memory, 5), { code: "ERR_BUFFER_OUT_OF_BOUNDS", message: '"offset" is outside of buffer bounds' });
  throws(() => Buffer.from(memory, 1, 4), { code: "ERR_BUFFER_OUT_OF_BOUNDS", message: '"length" is outside of buffer bounds' });
  throws(() => Buffer.from(5), {
    code: "ERR_INVALID_ARG_TYPE",
    message:
      "The first argument must be of type string or an instance of Buffer, ArrayBuffer, or Array or an Array-like " +
      "Object. Received type number (5)",
  });
  for (const value of [null, undefined, true, Symbol("s"), () => {}, {}]) {
    throws(() => Buffer.from(value), { code: "ERR_INVALID_ARG_TYPE" });
  }
});

test("Small Buffers of the pool do not lie over each other", () => {
  const buffers = [];
  for (let i = 0; i < 2000; i++) {
    buffers.push([i, Buffer.from(`text ${i}`), Buffer.allocUnsafe(7).fill(i & 255), Buffer.concat([Buffer.from([i & 255])])]);
  }
  for (const [i, text, filled, joined] of buffers) {
    equal(text.toString(), `text ${i}`);
    ok(filled.every((byte) => byte === (i & 255)));
    equal(joined[0], i & 255);
    equal(filled.byteOffset % 8, 0);
  }
});

test("alloc, fill and concat", () => {
  equal(Buffer.alloc(5, "ab").toString(), "ababa");
  equal(Buffer.alloc(4, "YQ==", "base64").toString(), "aaaa");
  deepEqual([...Buffer.alloc(3, 257)], [1, 1, 1]);
  equal(Buffer.allocUnsafe(6).fill("\u20ac").toString(), "\u20ac\u20ac");
  equal(Buffer.alloc(6).fill("x", 2, 4).toString("latin1"), "\0\0xx\0\0");
  equal(Buffer.alloc(2).fill("6162", "hex").toString(), "ab");
  equal(Buffer.concat([Buffer.from("ab"), new Uint8Array([99])], 5).toString("latin1"), "abc\0\0");
  equal(Buffer.concat([Buffer.from("ab"), Buffer.from("cd")], 3).toString(), "abc");
  equal(Buffer.concat([]).length, 0);
  throws(() => Buffer.concat(["a"]), { code: "ERR_INVALID_ARG_TYPE", message: /"list\[0\]"/ });
  throws(() => Buffer.alloc(3).fill("zz", "hex"), { code: "ERR_INVALID_ARG_VALUE" });
  throws(() => Buffer.alloc(3).fill(0, 0, 4), { code: "ERR_OUT_OF_RANGE" });
  for (const size of [-1, NaN, 2 ** 53]) throws(() => Buffer.alloc(size), { name: "RangeError", code: "ERR_OUT_OF_RANGE" });
  throws(() => Buffer.allocUnsafe(2 ** 52), RangeError);
  throws(() => Buffer.alloc("5"), { code: "ERR_INVALID_ARG_TYPE" });
});

test("concat trusts no length that a script made up", () => {
  const lying = new Uint8Array([1, 2]);
  Object.defineProperty(lying, "length", { value: 1000 });
  deepEqual([...Buffer.concat([lying, Buffer.from([3])])], [1, 2, 3]);
});

test("numbers of every kind come back", () => {
  const b = Buffer.alloc(16);
  for (const [kind, size, values] of [
    ["UInt8", 1, [0, 255]],
    ["Int8", 1, [-128, 127]],
    ["UInt16LE", 2, [0, 0x1234, 0xffff]],
    ["UInt16BE", 2, [0, 0x1234, 0xffff]],
    ["Int16LE", 2, [-0x8000, -2, 0x7fff]],
    ["Int16BE", 2, [-0x8000, -2, 0x7fff]],
    ["UInt32LE", 4, [0, 0x12345678, 0xffffffff]],
    ["UInt32BE", 4, [0, 0x12345678, 0xffffffff]],
    ["Int32LE", 4, [-0x80000000, -2, 0x7fffffff]],
    ["Int32BE", 4, [-0x80000000, -2, 0x7fffffff]],
    ["BigUInt64LE", 8, [0n, 0x123456789abcdef0n, 0xffffffffffffffffn]],
    ["BigUInt64BE", 8, [0n, 0x123456789abcdef0n, 0xffffffffffffffffn]],
    ["BigInt64LE", 8, [-0x8000000000000000n, -2n, 0x7fffffffffffffffn]],
    ["BigInt64BE", 8, [-0x8000000000000000n, -2n, 0x7fffffffffffffffn]],
    ["FloatLE", 4, [0.5, -Infinity, NaN]],
    ["FloatBE", 4, [0.5, -Infinity, NaN]],
    ["DoubleLE", 8, [Math.PI, -0, NaN]],
    ["DoubleBE", 8, [Math.PI, -0, NaN]],
  ]) {
    for (const value of values) {
      equal(b[`write${kind}`](value, 3), 3 + size);
      equal(b[`read${kind}`](3), value);
    }
    throws(() => b[`read${kind}`](17 - size), { name: "RangeError", code: "ERR_OUT_OF_RANGE", message: `The value of "offset" is out of range. It must be >= 0 and <= ${16 - size}. Received ${17 - size}` });
    throws(() => b[`read${kind}`](-1), { code: "ERR_OUT_OF_RANGE" });
    throws(() => b[`read${kind}`](0.5), { code: "ERR_OUT_OF_RANGE", message: /must be an integer/ });
    throws(() => b[`read${kind}`]("0"), { code: "ERR_INVALID_ARG_TYPE" });
    throws(() => Buffer.alloc(0)[`read${kind}`](0), { code: "ERR_BUFFER_OUT_OF_BOUNDS" });
  }
  for (let size = 1; size <= 6; size++) {
    const top = 2 ** (8 * size) - 1;
    for (const end of ["LE", "BE"]) {
      b[`writeUInt${end}`](top - 1, 1, size);
      equal(b[`readUint${end}`](1, size), top - 1);
      b[`writeInt${end}`](-((top + 1) / 2), 1, size);
      equal(b[`readInt${end}`](1, size), -((top + 1) / 2));
      throws(() => b[`writeUInt${end}`](top + 1, 0, size), { code: "ERR_OUT_OF_RANGE" });
    }
  }
  equal(hex(Buffer.alloc(4).fill(0)), "00000000");
  b.writeUIntBE(0x123456789abc, 0, 6);
  equal(b.toString("hex", 0, 6), "123456789abc");
  throws(() => b.writeInt8(128), { message: 'The value of "value" is out of range. It must be >= -128 and <= 127. Received 128' });
  throws(() => b.writeBigUInt64LE(2n ** 64n), { message: 'The value of "value" is out of range. It must be >= 0n and < 2n ** 64n. Received 18_446_744_073_709_551_616n' });
  throws(() => b.readUIntLE(0, 7), { message: 'The value of "byteLength" is out of range. It must be >= 1 and <= 6. Received 7' });
});

test("indexOf, lastIndexOf and includes", () => {
  const b = Buffer.from("abcabcabc");
  equal(b.indexOf("ca"), 2);
  equal(b.indexOf("ca", 3), 5);
  equal(b.indexOf("abc", -3), 6);
  equal(b.indexOf("x"), -1);
  equal(b.indexOf(98), 1);
  equal(b.indexOf(98 + 256, 2), 4);
  equal(b.indexOf(Buffer.from("bc"), 2), 4);
  equal(b.indexOf("bc", 0, 2), -1);
  equal(b.indexOf("", 100), 9);
  equal(b.indexOf("6263", "hex"), 1);
  equal(b.lastIndexOf("abc"), 6);
  equal(b.lastIndexOf("abc", 5), 3);
  equal(b.lastIndexOf("abc", -100), -1);
  equal(b.lastIndexOf(99, -2), 5);
  equal(b.includes("cab"), true);
  // Units of UTF-16 do not begin in the middle of one.
  const wide = Buffer.from("\u6161\u0061\u6100", "utf16le");
  equal(wide.indexOf("\u6100", 0, "utf16le"), 4);
  equal(wide.indexOf("\u0061", "utf16le"), 2);
  throws(() => b.indexOf({}), { code: "ERR_INVALID_ARG_TYPE" });
  throws(() => b.indexOf("a", 0, "nope"), { code: "ERR_UNKNOWN_ENCODING" });
});

test("compare, equals and copy", () => {
  equal(Buffer.compare(Buffer.from("a"), Buffer.from("b")), -1);
  equal(Buffer.from("ab").compare(Buffer.from("a")), 1);
  equal(Buffer.from("xab").compare(Buffer.from("abx"), 0, 2, 1), 0);
  ok(Buffer.from("ab").equals(new Uint8Array([97, 98])));
  throws(() => Buffer.from("a").compare("a"), { code: "ERR_INVALID_ARG_TYPE" });
  throws(() => Buffer.from("a").compare(Buffer.from("b"), 0, 100), { code: "ERR_OUT_OF_RANGE" });
  const b = Buffer.from("12345");
  equal(b.copy(b, 1, 0, 3), 3);
  equal(b.toString(), "11235");
  equal(b.copy(Buffer.alloc(2), 5), 0);
  equal(b.copy(new Uint16Array(2), 1), 3);
  throws(() => b.copy(Buffer.alloc(1), -1), { code: "ERR_OUT_OF_RANGE" });
});

test("toString and write", () => {
  const b = Buffer.from("h\u00e9llo");
  equal(b.toString("utf8", 1, 3), "\u00e9");
  equal(b.toString("latin1"), "h\u00c3\u00a9llo");
  equal(b.toString("ascii", 0, 3), "hC)");
  equal(b.toString("base64url"), "aMOpbGxv");
  equal(Buffer.from([0xff]).toString("base64"), "/w==");
  equal(Buffer.from([0xff]).toString("base64url"), "_w");
  equal(Buffer.from([0x61, 0xe2, 0x82, 0x62]).toString(), "a\ufffdb");
  // From an odd place in memory.
  equal(Buffer.from([0, 0x61, 0]).subarray(1).toString("ucs2"), "a");
  equal(b.toString("utf8", 10), "");
  equal(b.toString("utf8", -5, 1), "h");
  const w = Buffer.alloc(4, ".");
  // No part of a character is written.
  equal(w.write("\u20ac\u20ac"), 3);
  equal(w.toString(), "\u20ac.");
  equal(w.write("ab", 3), 1);
  equal(w.write("6162zz", 0, "hex"), 2);
  equal(w.write("ab", 1, 1, "latin1"), 1);
  equal(w.write("YWJjZGU=", "base64"), 4);
  equal(w.toString(), "abcd");
  throws(() => w.write("a", 5), { code: "ERR_OUT_OF_RANGE" });
  throws(() => w.write(1), { code: "ERR_INVALID_ARG_TYPE" });
  throws(() => w.toString("nope"), { code: "ERR_UNKNOWN_ENCODING" });
});

test("byteLength, isEncoding, transcode, isUtf8 and isAscii", () => {
  equal(Buffer.byteLength("\u20ac"), 3);
  equal(Buffer.byteLength("\u20ac", "ucs2"), 2);
  equal(Buffer.byteLength("aGk=", "base64"), 2);
  equal(Buffer.byteLength("abc", "hex"), 1);
  equal(Buffer.byteLength(new ArrayBuffer(3)), 3);
  ok(Buffer.isEncoding("UTF-8") && Buffer.isEncoding("binary") && !Buffer.isEncoding("utf") && !Buffer.isEncoding(1));
  equal(transcode(Buffer.from("\u20aca"), "utf8", "latin1").toString(), "?a");
  equal(transcode(Buffer.from("\u00e9"), "utf8", "utf16le").toString("hex"), "e900");
  throws(() => transcode(Buffer.from("a"), "utf8", "hex"), { code: "U_ILLEGAL_ARGUMENT_ERROR" });
  ok(isUtf8(Buffer.from("\u20ac")) && !isUtf8(Buffer.from([0xff])));
  ok(isAscii(Buffer.from("a")) && !isAscii(Buffer.from("\u20ac")));
});

test("subarray, slice, swap and toJSON", () => {
  const b = Buffer.from("abcdefgh");
  equal(b.subarray(2, -2).toString(), "cdef");
  equal(b.slice(-3).toString(), "fgh");
  equal(b.subarray(5, 2).length, 0);
  b.subarray(0, 1)[0] = 65;
  equal(b.swap16().toString(), "bAdcfehg");
  equal(b.swap32().toString(), "cdAbghef");
  equal(b.swap64().toString(), "fehgbAdc");
  throws(() => b.subarray(1).swap16(), { name: "RangeError", code: "ERR_INVALID_BUFFER_SIZE", message: "Buffer size must be a multiple of 16-bits" });
  equal(JSON.stringify(Buffer.from([1, 2])), '{"type":"Buffer","data":[1,2]}');
});

test("memory that is shared, resized or given away", () => {
  const shared = Buffer.from(new SharedArrayBuffer(4));
  shared.write("abcd");
  equal(shared.toString(), "abcd");
  const memory = new ArrayBuffer(4, { maxByteLength: 8 });
  const b = Buffer.from(memory);
  b.fill("x");
  memory.resize(2);
  equal(b.toString(), "xx");
  equal(b.indexOf("xxx"), -1);
  const gone = Buffer.from(new ArrayBuffer(4));
  structuredClone(gone.buffer, { transfer: [gone.buffer] });
  equal(gone.toString(), "");
  equal(gone.write("abc"), 0);
  throws(() => gone.readUInt8(), { code: "ERR_BUFFER_OUT_OF_BOUNDS" });
});

test("Buffers are shown as Node shows them", () => {
  equal(inspect(Buffer.from("hi")), "<Buffer 68 69>");
  equal(inspect(Buffer.alloc(0)), "<Buffer >");
  ok(inspect(Buffer.alloc(60)).endsWith(" 00 ... 10 more bytes>"));
  equal(inspect(Object.assign(Buffer.from("a"), { x: 1 })), "<Buffer 61, x: 1>");
  buffer.INSPECT_MAX_BYTES = 1;
  equal(inspect(Buffer.from("hi")), "<Buffer 68 ... 1 more byte>");
});

test("no length that a script made up reaches memory", () => {
  const lying = (bytes, name = "length", value = 1e9) => Object.defineProperty(bytes, name, { value });
  const b = () => Buffer.from("abcd");
  equal(lying(b()).toString().slice(0, 4), "abcd");
  equal(lying(b()).toString().length, 4);
  equal(lying(b()).write("xyz", 1e6), 0);
  equal(lying(b()).latin1Write("xyz", 1e6), 0);
  equal(lying(b(), "length", -1).toString(), "");
  equal(b().copy(lying(Buffer.alloc(2), "byteLength"), 4096), 4);
  equal(transcode(lying(b()), "utf8", "latin1").toString(), "abcd");
  equal(lying(b())[inspect.custom](2, undefined, inspect).slice(0, 19), "<Buffer 61 62 63 64");
  throws(() => lying(b()).fill("xy", 0, 1e6), { code: "ERR_BUFFER_OUT_OF_BOUNDS" });
  equal(b().utf8Slice(NaN, 2), "ab");
  equal(b().hexSlice(0, NaN), "");
  equal(b().latin1Slice("x", 3), "abc");
  throws(() => Buffer.prototype.toString.call(new DataView(new ArrayBuffer(4))), TypeError);
  const size = Buffer.poolSize;
  Buffer.poolSize = -16;
  equal(Buffer.from("x").toString(), "x");
  Buffer.poolSize = size;
});

test("bytes may go away while arguments are looked at", () => {
  const away = (bytes) => ({
    toString() {
      bytes.buffer.transfer();
      return "latin1";
    },
  });
  const read = Buffer.from(new ArrayBuffer(64));
  equal(read.toString(away(read), 0), "");
  const written = Buffer.from(new ArrayBuffer(64));
  equal(written.write("AAAA", 0, 4, away(written)), 0);
  let asked = 0;
  const start = { valueOf: () => (asked++ === 0 ? 1 : -1e6) };
  equal(Buffer.from("abcd").toString("latin1", start).length <= 4, true);
  const shrinking = Buffer.from(new ArrayBuffer(1 << 16, { maxByteLength: 1 << 16 }));
  const shrink = {
    toString() {
      shrinking.buffer.resize(2);
      return "latin1";
    },
  };
  equal(shrinking.toString(shrink, 0).length, 2);
});

test("other Buffers keep their bytes when one is moved away", () => {
  const [a, b] = [Buffer.from("hi"), Buffer.from("yo")];
  throws(() => structuredClone(a.buffer, { transfer: [a.buffer] }), { name: "DataCloneError" });
  deepEqual([`${a}`, `${b}`], ["hi", "yo"]);
  equal(structuredClone(a).length, 2);
});

test("text that is too long is refused before it is made", () => {
  const large = Buffer.allocUnsafe(2 ** 29 + 8);
  for (const encoding of ["hex", "base64", "ascii", "latin1"]) {
    throws(() => large.toString(encoding), { code: "ERR_STRING_TOO_LONG" });
  }
});

test("large Buffers are inspected at once", () => {
  const large = Object.assign(Buffer.alloc(1 << 28), { extra: 1 });
  const text = inspect(large);
  ok(text.startsWith("<Buffer 00 00") && text.endsWith("more bytes, extra: 1>"));
});

test("what Node takes or refuses at the edges", () => {
  equal(Buffer.from("abc", null).toString(), "abc");
  equal(Buffer.from("abc", 5).toString(), "abc");
  throws(() => Buffer.concat([Buffer.from("a"), , Buffer.from("b")]), { code: "ERR_INVALID_ARG_TYPE" });
  const b = Buffer.alloc(3);
  b.writeIntLE(-256.5, 0, 3);
  equal(b.toString("hex"), "00ffff");
  equal(isUtf8(new SharedArrayBuffer(2)), true);
  throws(() => isUtf8(new DataView(new ArrayBuffer(1))), { code: "ERR_INVALID_ARG_TYPE" });
  const gone = new ArrayBuffer(4);
  gone.transfer();
  throws(() => isAscii(gone), { code: "ERR_INVALID_STATE" });
});
