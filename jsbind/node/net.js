// node:net.

import { isIP as familyOf } from "internal:ops/dns";
import { validateBoolean, validateInteger } from "../web/errors.js";
import { toOptions } from "./net_arguments.js";
import { defaults } from "./net_connect.js";
import { Server } from "./net_server.js";
import { Socket } from "./net_socket.js";

export { Server, Socket, Socket as Stream };

/** @returns {Server} */
export function createServer(options = undefined, listener = undefined) {
  return new Server(options, listener);
}

/** A socket that connects; the arguments are those of its connect(). */
export function connect(...args) {
  const { options, callback } = toOptions(args, ["host"]);
  const socket = new Socket(options);
  if (options.timeout) socket.setTimeout(options.timeout);
  return socket.connect(options, callback);
}
export { connect as createConnection };

/** @returns {0 | 4 | 6} */
export function isIP(text) {
  return familyOf(`${text}`);
}

export function isIPv4(text) {
  return isIP(text) === 4;
}

export function isIPv6(text) {
  return isIP(text) === 6;
}

export function getDefaultAutoSelectFamily() {
  return defaults.autoSelectFamily;
}

export function setDefaultAutoSelectFamily(value) {
  defaults.autoSelectFamily = validateBoolean(value, "value");
}

export function getDefaultAutoSelectFamilyAttemptTimeout() {
  return defaults.attemptTimeout;
}

export function setDefaultAutoSelectFamilyAttemptTimeout(value) {
  defaults.attemptTimeout = Math.max(validateInteger(value, "value", 1), 10);
}

export default {
  Server,
  Socket,
  Stream: Socket,
  connect,
  createConnection: connect,
  createServer,
  getDefaultAutoSelectFamily,
  getDefaultAutoSelectFamilyAttemptTimeout,
  isIP,
  isIPv4,
  isIPv6,
  setDefaultAutoSelectFamily,
  setDefaultAutoSelectFamilyAttemptTimeout,
};
