// How a socket of node:net finds and reaches its peer.

import { isIP } from "internal:ops/dns";
import { Connection } from "internal:ops/net";
import { codedError, validateFunction, validateString } from "../web/errors.js";
import { clearTimeout, setTimeout } from "../web/timers.js";
import { findAddresses, toLookup } from "./dns_lookup.js";
import { toPort } from "./net_arguments.js";
import { systemError } from "./system_errors.js";

/** What connections do that do not say otherwise: attemptTimeout is how long one address is tried, in ms. */
export const defaults = { attemptTimeout: 250, autoSelectFamily: true };

/** The options of connect(), checked, since they fail at once. */
export function checkConnect(options) {
  if (options.path !== undefined && options.path !== null) {
    validateString(options.path, "options.path");
    return;
  }
  if (options.port === undefined || options.port === null) {
    throw codedError(TypeError, "ERR_MISSING_ARGS", 'The "options" or "port" or "path" argument must be specified');
  }
  toPort(options.port, "Port");
  if (options.host !== undefined && options.host !== null) validateString(options.host, "hostname");
  if (options.lookup !== undefined) validateFunction(options.lookup, "options.lookup");
  if (options.localAddress !== undefined || options.localPort !== undefined) {
    throw codedError(Error, "ERR_METHOD_NOT_IMPLEMENTED", "A socket cannot choose its local address here");
  }
}

/**
 * @param {object} options of connect(), checked
 * @param {AbortSignal} signal
 * @param {(event: string, ...args: unknown[]) => void} tell of "lookup", "connectionAttempt" and the like
 * @returns {Promise<Connection>}
 */
export async function openConnection(options, signal, tell) {
  if (options.path) {
    try {
      return await Connection.connectPath(options.path, { signal });
    } catch (error) {
      throw systemError(error, "connect", { address: options.path });
    }
  }
  const port = toPort(options.port);
  const addresses = await lookUp(options, signal, tell);
  const errors = [];
  for (const [i, { address, family }] of addresses.entries()) {
    const isLast = i === addresses.length - 1;
    tell("connectionAttempt", address, port, family);
    try {
      return await attempt(address, port, signal, isLast ? 0 : options.autoSelectFamilyAttemptTimeout);
    } catch (error) {
      if (signal.aborted) throw error;
      errors.push(systemError(error, "connect", { address, port }));
      tell("connectionAttemptFailed", address, port, family, errors.at(-1));
    }
  }
  if (errors.length === 1) throw errors[0];
  throw Object.assign(new AggregateError(errors), { code: errors[0].code });
}

/** Connects to one address, within a time if that is not 0. */
async function attempt(address, port, signal, timeout = defaults.attemptTimeout) {
  if (timeout === 0) return Connection.connect(address, port, { signal });
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), timeout);
  try {
    return await Connection.connect(address, port, { signal: AbortSignal.any([signal, controller.signal]) });
  } catch (error) {
    if (!controller.signal.aborted || signal.aborted) throw error;
    throw Object.assign(new Error(), { code: "ETIMEDOUT", errno: -110 });
  } finally {
    clearTimeout(timer);
  }
}

async function lookUp(options, signal, tell) {
  const { host = "localhost", family = 0, hints = undefined, autoSelectFamily = defaults.autoSelectFamily } = options;
  const numeric = isIP(host);
  if (numeric !== 0) return [{ address: host, family: numeric }];
  try {
    const query = { family, hints, all: autoSelectFamily && family === 0 };
    const found =
      options.lookup === undefined
        ? await findAddresses(host, toLookup(host, query), signal)
        : await lookUpWith(options.lookup, host, query);
    if (!query.all) found.length = Math.min(found.length, 1);
    for (const { address, family } of found) tell("lookup", null, address, family, host);
    return found;
  } catch (error) {
    if (!signal.aborted) tell("lookup", error, undefined, undefined, host);
    throw error;
  }
}

/** By the program's own function, which is like lookup() of node:dns. */
function lookUpWith(lookup, host, query) {
  return new Promise((resolve, reject) => {
    lookup(host, query, (error, address, family) => {
      if (error) return reject(error);
      const found = Array.isArray(address) ? address : [{ address, family }];
      const wrong = found.find(({ address }) => isIP(address) === 0);
      if (wrong === undefined && found.length > 0) return resolve(found.map(({ address }) => ({ address, family: isIP(address) })));
      return reject(codedError(TypeError, "ERR_INVALID_IP_ADDRESS", `Invalid IP address: ${wrong?.address}`));
    });
  });
}
