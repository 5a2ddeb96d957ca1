// lookup() of node:dns and node:dns/promises.

import { isIP, Resolver, serviceName } from "internal:ops/dns";
import {
  invalidArgType,
  invalidArgValue,
  validateBoolean,
  validateInteger,
  validateString,
} from "../web/errors.js";

/** Flags of getaddrinfo(), by Linux' numbers. */
export const ADDRCONFIG = 32;
export const V4MAPPED = 8;
export const ALL = 16;

const kOrders = { __proto__: null, verbatim: 0, ipv4first: 4, ipv6first: 6 };
let defaultOrder = "verbatim";

export function getDefaultResultOrder() {
  return defaultOrder;
}

/** @param {"verbatim" | "ipv4first" | "ipv6first"} order */
export function setDefaultResultOrder(order) {
  defaultOrder = checkOrder(order, "dnsOrder");
}

function checkOrder(order, name) {
  if (order in kOrders) return order;
  const known = Object.keys(kOrders).map((known) => `'${known}'`);
  throw invalidArgValue(name, order, `must be one of: ${known.join(", ")}`);
}

/**
 * The arguments of lookup(), checked.
 * @returns {{ family: 0 | 4 | 6, all: boolean, order: number, configuredOnly: boolean }}
 */
export function toLookup(hostname, options) {
  if (hostname) validateString(hostname, "hostname");
  if (typeof options === "number") options = { family: options };
  else if (options !== undefined && options !== null && typeof options !== "object") {
    throw invalidArgType("options", "one of type integer or object", options);
  }
  const { hints = 0, all = false, verbatim = undefined } = options ?? {};
  let { family = 0, order = undefined } = options ?? {};
  if (hints !== null) {
    validateInteger(hints, "options.hints");
    if ((hints & ~(ADDRCONFIG | V4MAPPED | ALL)) !== 0) throw invalidArgValue("hints", hints);
  }
  if (family === "IPv4") family = 4;
  if (family === "IPv6") family = 6;
  family ??= 0;
  if (family !== 0 && family !== 4 && family !== 6) {
    throw invalidArgValue("options.family", family, "must be one of: 0, 4, 6");
  }
  if (all !== undefined && all !== null) validateBoolean(all, "options.all");
  if (verbatim !== undefined && verbatim !== null) validateBoolean(verbatim, "options.verbatim");
  if (order !== undefined && order !== null) checkOrder(order, "options.order");
  else order = typeof verbatim === "boolean" ? (verbatim ? "verbatim" : "ipv4first") : defaultOrder;
  return { family, all: Boolean(all), order: kOrders[order], configuredOnly: (hints & ADDRCONFIG) !== 0 };
}

const kTimeoutMs = 2000;
const kTries = 3;
let resolver;

/**
 * Addresses of a host, at least one.
 * @param {string} hostname
 * @param {ReturnType<typeof toLookup>} lookup
 * @param {AbortSignal} [signal]
 * @returns {Promise<{ address: string, family: 4 | 6 }[]>}
 */
export async function findAddresses(hostname, { family, order, configuredOnly }, signal = undefined) {
  const numeric = isIP(hostname);
  if (numeric !== 0) return [{ address: hostname, family: numeric }];
  resolver ??= new Resolver(kTimeoutMs, kTries);
  const found = await resolver.lookup(hostname, family, order, configuredOnly, { signal });
  return found.map(([address, family]) => ({ address, family }));
}

/**
 * The name of an address, and of the service that a port belongs to.
 * @param {string} address @param {number} port
 * @returns {Promise<{ hostname: string, service: string }>}
 */
export async function findService(address, port) {
  if (isIP(address) === 0) throw invalidArgValue("address", address);
  validateInteger(port, "port", 0, 65_535);
  resolver ??= new Resolver(kTimeoutMs, kTries);
  const [hostname] = await resolver.reverse(address);
  return { hostname, service: serviceName(port) };
}
