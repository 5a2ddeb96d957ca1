import { equal, test, throws } from "./harness.js";

const invalid = { name: "InvalidCharacterError", code: 5 };

test("atob decodes forgivingly", () => {
  equal(atob(""), "");
  equal(atob("aGVsbG8="), "hello");
  equal(atob("aGVsbG8"), "hello");
  equal(atob(" aGVs\t\nbG8\f\r= "), "hello");
  equal(atob("/+8="), "\xff\xef");
  // Bits that are left over are dropped.
  equal(atob("aR=="), "i");
  equal(atob(null), "\x9e\xe9e");
  equal(atob(12345678), "\xd7m\xf8\xe7\xae\xfc");
});

test("atob refuses what is no Base64", () => {
  for (const text of ["a", "aaaaa", "=", "a=", "ab=", "abc==", "abcd=", "ab=c", "ab==c", "a-_b", "\u0100abc", "\xa0abc", undefined, {}]) {
    throws(() => atob(text), invalid);
  }
  throws(() => atob(), TypeError);
  throws(() => atob(Symbol()), TypeError);
});

test("btoa takes bytes alone", () => {
  equal(btoa(""), "");
  equal(btoa("hello"), "aGVsbG8=");
  equal(btoa("\xff\xef"), "/+8=");
  equal(btoa(undefined), "dW5kZWZpbmVk");
  // A string of two bytes a character in which none needs them.
  equal(btoa("\u0100hi".slice(1)), "aGk=");
  throws(() => btoa("\u0100"), invalid);
  throws(() => btoa("ok\ud83d\ude00"), invalid);
  throws(() => btoa(), TypeError);
});

test("Base64 of every length comes back", () => {
  let text = "";
  for (let i = 0; i < 300; i++) {
    equal(atob(btoa(text)), text);
    text += String.fromCharCode((i * 7) & 0xff);
  }
});
