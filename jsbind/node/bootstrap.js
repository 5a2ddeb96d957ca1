// Installs what Node has on the global object beside the web API.

import { requireBuiltin } from "internal:ops/modules";
import { defineLazily } from "../web/lazy.js";
import process from "./process_object.js";

for (const [name, value] of [
  ["process", process],
  ["global", globalThis],
]) {
  Object.defineProperty(globalThis, name, { value, writable: true, enumerable: false, configurable: true });
}

// Its module takes a quarter of the time of a start, and most programs do without.
defineLazily(globalThis, { Buffer: () => requireBuiltin("node:buffer").Buffer }, { enumerable: false });
