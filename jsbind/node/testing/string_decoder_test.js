import { Buffer } from "node:buffer";
import { StringDecoder } from "node:string_decoder";
import { equal, ok, test, throws } from "../../web/testing/harness.js";

/** What a decoder makes of `bytes` in two pieces, and in pieces of one byte. */
function checkSplits(bytes, encoding, expected) {
  for (let at = 0; at <= bytes.length; at++) {
    const decoder = new StringDecoder(encoding);
    equal(decoder.write(bytes.subarray(0, at)) + decoder.write(bytes.subarray(at)) + decoder.end(), expected);
  }
  const decoder = new StringDecoder(encoding);
  let text = "";
  for (const byte of bytes) text += decoder.write(Buffer.from([byte]));
  equal(text + decoder.end(), expected);
}

test("text is the same however its bytes are split", () => {
  const text = "a\u00e9\u20ac\u{1f600}\u0101z";
  for (const encoding of ["utf8", "utf16le", "base64", "base64url", "hex", "latin1", "ascii"]) {
    const bytes = encoding === "utf16le" ? Buffer.from(text, encoding) : Buffer.from(text);
    checkSplits(bytes, encoding, bytes.toString(encoding));
  }
});

test("what is no UTF-8 is replaced the same way at every split", () => {
  for (const bad of ["ff", "e282", "e28261", "f09f98", "f09f9861", "eda080", "c080", "f5808080", "e0a0", "e080", "80", "f48fbf", "f490", "e282e282ac"]) {
    const bytes = Buffer.from(`61${bad}`, "hex");
    checkSplits(bytes, "utf8", bytes.toString());
    const followed = Buffer.from(`${bad}61`, "hex");
    checkSplits(followed, "utf8", followed.toString());
  }
});

test("all sequences of four bytes around the borders", () => {
  const borders = [0x00, 0x7f, 0x80, 0xbf, 0xc2, 0xe0, 0xed, 0xf0, 0xf4, 0xf5];
  for (const a of borders) {
    for (const b of borders) {
      for (const c of borders) {
        for (const d of borders) {
          const bytes = Buffer.from([a, b, c, d]);
          const decoder = new StringDecoder();
          let text = "";
          for (const byte of bytes) text += decoder.write(Buffer.from([byte]));
          equal(text + decoder.end(), bytes.toString());
        }
      }
    }
  }
});

test("what waits can be seen", () => {
  const decoder = new StringDecoder("utf8");
  equal(decoder.encoding, "utf8");
  equal(decoder.write(Buffer.from([0xf0, 0x9f])), "");
  equal(decoder.lastTotal, 4);
  equal(decoder.lastNeed, 2);
  equal(decoder.end(), "\ufffd");
  equal(decoder.lastNeed, 0);
  equal(decoder.write(Buffer.from("next")), "next");
  equal(new StringDecoder("UCS-2").encoding, "utf16le");
});

test("arguments", () => {
  equal(new StringDecoder().write("text"), "text");
  equal(new StringDecoder().write(new Uint16Array([0x6261])), "ab");
  throws(() => new StringDecoder("nope"), { code: "ERR_UNKNOWN_ENCODING", message: "Unknown encoding: nope" });
  throws(() => new StringDecoder().write(null), { code: "ERR_INVALID_ARG_TYPE" });
  throws(() => StringDecoder.prototype.write(Buffer.from("a")), { code: "ERR_INVALID_THIS" });
  // As packages of the time before classes do.
  function Old() {
    StringDecoder.call(this, "hex");
  }
  Object.setPrototypeOf(Old.prototype, StringDecoder.prototype);
  equal(new Old().end(Buffer.from([0xab])), "ab");
});

test("a script that changes what is held back changes only text", () => {
  const decoder = new StringDecoder("utf8");
  decoder.write(Buffer.from([0xe2, 0x82]));
  new Uint8Array(decoder.lastChar.buffer)[4] = 255;
  ok(decoder.write(Buffer.from("x")).length <= 8);
  const emptied = new StringDecoder("utf8");
  emptied.lastChar.buffer.transfer();
  equal(emptied.write(Buffer.from("abc")), "abc");
});
