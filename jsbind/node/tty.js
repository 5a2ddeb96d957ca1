// node:tty, as far as programs ask whether somebody is looking.

import { isTerminal } from "internal:ops/stdio";

/** @param {number} fd @returns {boolean} */
export function isatty(fd) {
  return Number.isInteger(fd) && fd >= 0 && fd <= 2 ** 31 - 1 && isTerminal(fd);
}

export default { isatty };
