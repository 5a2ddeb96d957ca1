// node:console: the global console as a module.

import { console } from "../web/console.js";

export const { assert, clear, count, countReset, debug, dir, dirxml, error, group, groupCollapsed, groupEnd } = console;
export const { info, log, table, time, timeEnd, timeLog, trace, warn } = console;
export default console;
