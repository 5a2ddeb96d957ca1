// node:assert/strict.

import { strict } from "./assert.js";

export { AssertionError, doesNotMatch, doesNotReject, doesNotThrow, fail, ifError, match, ok, rejects, throws } from "./assert.js";
export { deepStrictEqual, notDeepStrictEqual, notStrictEqual, partialDeepStrictEqual, strictEqual } from "./assert.js";
export {
  deepStrictEqual as deepEqual,
  notDeepStrictEqual as notDeepEqual,
  notStrictEqual as notEqual,
  strict,
  strictEqual as equal,
} from "./assert.js";
export default strict;
