// node:dns/promises.

import * as codes from "./dns_codes.js";
import { findAddresses, findService, getDefaultResultOrder, setDefaultResultOrder, toLookup } from "./dns_lookup.js";
import { PromisesResolver as Resolver, resolverFunctions } from "./dns_resolver.js";

/**
 * @param {string} hostname
 * @param {number | object} [options] as for lookup() of node:dns
 * @returns {Promise<{ address: string, family: number } | { address: string, family: number }[]>}
 */
export async function lookup(hostname, options = undefined) {
  const query = toLookup(hostname, options);
  if (!hostname) return query.all ? [] : { address: null, family: query.family === 6 ? 6 : 4 };
  const found = await findAddresses(hostname, query);
  return query.all ? found : found[0];
}

/** @param {string} address @param {number} port */
export async function lookupService(address, port) {
  return findService(address, port);
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
export { getDefaultResultOrder, Resolver, setDefaultResultOrder };

export default {
  ...codes,
  ...functions,
  Resolver,
  getDefaultResultOrder,
  lookup,
  lookupService,
  setDefaultResultOrder,
};
