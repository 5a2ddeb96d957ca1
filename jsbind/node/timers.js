// node:timers: the global timers as a module.

import { clearImmediate, setImmediate } from "../web/immediate.js";
import { clearInterval, clearTimeout, setInterval, setTimeout } from "../web/timers.js";
import promises from "./timers_promises.js";

export { clearImmediate, clearInterval, clearTimeout, promises, setImmediate, setInterval, setTimeout };
export default { clearImmediate, clearInterval, clearTimeout, promises, setImmediate, setInterval, setTimeout };
