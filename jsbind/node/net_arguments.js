// What connect() and listen() of node:net take.

import { codedError, invalidArgType, validateInteger } from "../web/errors.js";

/** A path, as opposed to a port: a text that is no number. */
function isPath(value) {
  return typeof value === "string" && !(Number(value) >= 0);
}

/**
 * (options, callback), (port, host, callback) or (path, callback); what stands
 * between a port and the callback is `names`, in their order.
 * @returns {{ options: object, callback: Function | undefined }}
 */
export function toOptions(args, names) {
  const rest = [...args];
  const callback = typeof rest.at(-1) === "function" ? rest.pop() : undefined;
  const [first, ...others] = rest;
  if (typeof first === "object" && first !== null) return { options: { ...first }, callback };
  if (isPath(first)) return { options: withBacklog({ path: first }, others), callback };
  const options = first === undefined || first === null ? {} : { port: first };
  // A number in the host's place is the backlog.
  if (names.includes("backlog") && typeof others[0] === "number") return { options: withBacklog(options, others), callback };
  others.slice(0, names.length).forEach((value, i) => {
    if (value !== undefined && value !== null) options[names[i]] = value;
  });
  return { options, callback };
}

function withBacklog(options, [backlog]) {
  if (typeof backlog === "number") options.backlog = backlog;
  return options;
}

/**
 * @param {unknown} port a number, or its text
 * @param {string} [name]
 * @returns {number}
 */
export function toPort(port, name = "options.port") {
  const isNumber = typeof port === "number" || (typeof port === "string" && port.trim() !== "");
  const number = isNumber ? Number(port) : Number.NaN;
  if (!(Number.isInteger(number) && number >= 0 && number <= 65_535)) {
    const received = typeof port === "string" ? `type string ('${port}')` : `type ${typeof port} (${String(port)})`;
    throw codedError(RangeError, "ERR_SOCKET_BAD_PORT", `${name} should be >= 0 and < 65536. Received ${received}.`);
  }
  return number;
}

/** A time-out in ms that timers can keep. */
export function toTimeout(value, name) {
  if (typeof value !== "number") throw invalidArgType(name, "of type number", value);
  if (value === Number.POSITIVE_INFINITY) return 2 ** 31 - 1;
  validateInteger(Math.trunc(value), name, 0);
  return Math.min(value, 2 ** 31 - 1);
}

/** An address as address() and remoteFamily have it. */
export function describeAddress(parts) {
  if (parts === undefined) return {};
  const [address, port, family] = parts;
  if (family === 0) return {};
  return { address, family: family === 6 ? "IPv6" : "IPv4", port };
}
