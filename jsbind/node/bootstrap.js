// Installs what Node has on the global object beside the web API.

import { Buffer } from "./buffer.js";
import process from "./process_object.js";

for (const [name, value] of [
  ["Buffer", Buffer],
  ["process", process],
  ["global", globalThis],
]) {
  Object.defineProperty(globalThis, name, { value, writable: true, enumerable: false, configurable: true });
}
