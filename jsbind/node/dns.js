// node:dns.

import { validateFunction } from "../web/errors.js";
import { nextTick } from "../web/task_queue.js";
import * as codes from "./dns_codes.js";
import {
  ADDRCONFIG,
  ALL,
  findAddresses,
  findService,
  getDefaultResultOrder,
  setDefaultResultOrder,
  toLookup,
  V4MAPPED,
} from "./dns_lookup.js";
import promises from "./dns_promises.js";
import { callBack, CallbackResolver as Resolver, resolverFunctions } from "./dns_resolver.js";

/**
 * The addresses of a host, as the system sees them: the hosts file, then the
 * DNS.
 * @param {string} hostname
 * @param {number | object | Function} options family, or { family, hints, all, order, verbatim }
 * @param {(error: Error | null, address: string | object[], family?: number) => void} [callback]
 */
export function lookup(hostname, options, callback = options) {
  if (typeof options === "function") options = undefined;
  validateFunction(callback, "callback");
  const query = toLookup(hostname, options);
  if (!hostname) {
    if (query.all) nextTick(callback, null, []);
    else nextTick(callback, null, null, query.family === 6 ? 6 : 4);
  } else {
    callBack(findAddresses(hostname, query), callback, (found) =>
      query.all ? [found] : [found[0].address, found[0].family],
    );
  }
  return {};
}
// As promises.lookup() gives it.
Object.defineProperty(lookup, Symbol.for("nodejs.util.promisify.custom"), { value: promises.lookup });

/**
 * @param {string} address @param {number} port
 * @param {(error: Error | null, hostname: string, service: string) => void} callback
 */
export function lookupService(address, port, callback) {
  validateFunction(callback, "callback");
  callBack(findService(address, port), callback, ({ hostname, service }) => [hostname, service]);
}

const functions = resolverFunctions(Resolver);
export const {
  getServers,
  resolve,
  resolve4,
  resolve6,
  resolveAny,
  resolveCaa,
  resolveCname,
  resolveMx,
  resolveNaptr,
  resolveNs,
  resolvePtr,
  resolveSoa,
  resolveSrv,
  resolveTxt,
  reverse,
  setServers,
} = functions;
export * from "./dns_codes.js";
export { ADDRCONFIG, ALL, getDefaultResultOrder, promises, Resolver, setDefaultResultOrder, V4MAPPED };

export default {
  ...codes,
  ...functions,
  ADDRCONFIG,
  ALL,
  Resolver,
  V4MAPPED,
  getDefaultResultOrder,
  lookup,
  lookupService,
  promises,
  setDefaultResultOrder,
};
