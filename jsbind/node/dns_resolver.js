// Resolver of node:dns and node:dns/promises: questions to the DNS itself.

import { isIP, Resolver as NativeResolver } from "internal:ops/dns";
import {
  codedError,
  invalidArgValue,
  validateArray,
  validateFunction,
  validateInteger,
  validateString,
} from "../web/errors.js";
import { nextTick } from "../web/task_queue.js";

/** Record types by the names that resolve() takes, with the DNS' numbers. */
const kTypes = {
  __proto__: null,
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  NAPTR: 35,
  ANY: 255,
  CAA: 257,
};

const kNameServerPort = 53;
const kTimeout = 2000;
const kTries = 3;

/** What a record's parts are called, by the DNS' numbers. */
const kShapes = {
  __proto__: null,
  1: ({ texts: [address], ttl }) => ({ address, ttl }),
  28: ({ texts: [address], ttl }) => ({ address, ttl }),
  2: ({ texts: [value] }) => ({ value }),
  5: ({ texts: [value] }) => ({ value }),
  12: ({ texts: [value] }) => ({ value }),
  6: ({ texts: [nsname, hostmaster], numbers: [serial, refresh, retry, expire, minttl] }) => ({
    nsname,
    hostmaster,
    serial,
    refresh,
    retry,
    expire,
    minttl,
  }),
  15: ({ texts: [exchange], numbers: [priority] }) => ({ exchange, priority }),
  16: ({ texts }) => ({ entries: texts }),
  33: ({ texts: [name], numbers: [priority, weight, port] }) => ({ name, port, priority, weight }),
  35: ({ texts: [flags, service, regexp, replacement], numbers: [order, preference] }) => ({
    flags,
    service,
    regexp,
    replacement,
    order,
    preference,
  }),
  257: ({ texts: [tag, value], numbers: [critical] }) => ({ critical, [tag]: value }),
};

const nameOfType = (number) => Object.keys(kTypes).find((name) => kTypes[name] === number);

/** The answer to a question for one type, as Node gives it. */
function shapeAnswer(type, records, withTtl) {
  const shapes = records.map((record) => kShapes[record.type](record));
  switch (type) {
    case "A":
    case "AAAA":
      return withTtl ? shapes : shapes.map(({ address }) => address);
    case "NS":
    case "CNAME":
    case "PTR":
      return shapes.map(({ value }) => value);
    case "TXT":
      return shapes.map(({ entries }) => entries);
    case "SOA":
      return shapes[0];
    case "ANY":
      return shapes.map((shape, i) => ({ ...shape, type: nameOfType(records[i].type) }));
    default:
      return shapes;
  }
}

/** The questions of one resolver, as promises. */
class Questions {
  #native;
  #options;
  /** Ends what is under way. */
  #controller = new AbortController();

  constructor(options = undefined) {
    const { timeout = -1, tries = kTries } = options ?? {};
    validateInteger(timeout, "options.timeout", -1, 2 ** 31 - 1);
    validateInteger(tries, "options.tries", 1, 2 ** 31 - 1);
    this.#options = { timeout: timeout < 0 ? kTimeout : timeout, tries };
  }

  get #resolver() {
    return (this.#native ??= new NativeResolver(this.#options.timeout, this.#options.tries));
  }

  /** @param {(native: NativeResolver, cancel: { signal: AbortSignal }) => Promise<unknown>} ask */
  async #ask(syscall, hostname, ask) {
    const { signal } = this.#controller;
    try {
      return await ask(this.#resolver, { signal });
    } catch (error) {
      if (!signal.aborted) throw error;
      const cancelled = codedError(Error, "ECANCELLED", `${syscall} ECANCELLED ${hostname}`);
      throw Object.assign(cancelled, { syscall, hostname });
    }
  }

  resolve(hostname, type, options) {
    const syscall = `query${type[0]}${type.slice(1).toLowerCase()}`;
    return this.#ask(syscall, hostname, async (native, cancel) =>
      shapeAnswer(type, await native.query(hostname, kTypes[type], cancel), options?.ttl === true),
    );
  }

  reverse(address) {
    return this.#ask("getHostByAddr", address, (native, cancel) => native.reverse(address, cancel));
  }

  cancel() {
    const controller = this.#controller;
    this.#controller = new AbortController();
    controller.abort();
  }

  getServers() {
    return this.#resolver.servers().map((server) => {
      const [, address, port] = /^\[?(.*?)\]?:(\d+)$/.exec(server);
      if (Number(port) === kNameServerPort) return address;
      return server;
    });
  }

  setServers(servers) {
    validateArray(servers, "servers");
    this.#resolver.setServers(servers.map(toServer));
  }
}

/** "1.2.3.4", "1.2.3.4:53", "::1" or "[::1]:53", as C++ takes them. */
function toServer(server, i) {
  validateString(server, `servers[${i}]`);
  const family = isIP(server);
  if (family === 4) return `${server}:${kNameServerPort}`;
  if (family === 6) return `[${server}]:${kNameServerPort}`;
  const [, v6, v4, port] = /^(?:\[(.*)\]|([^:]*))(?::(\d+))?$/.exec(server) ?? [];
  if (isIP(v6 ?? "") === 6) return `[${v6}]:${port ?? kNameServerPort}`;
  if (isIP(v4 ?? "") === 4) return `${v4}:${port}`;
  throw codedError(TypeError, "ERR_INVALID_IP_ADDRESS", `Invalid IP address: ${server}`);
}

function checkReverse(address) {
  validateString(address, "name");
  if (isIP(address) !== 0) return;
  const error = codedError(Error, "EINVAL", `getHostByAddr EINVAL ${address}`);
  throw Object.assign(error, { errno: -22, syscall: "getHostByAddr", hostname: address });
}

/** The record type of a call of resolve(). */
function checkType(type) {
  validateString(type, "rrtype");
  if (!(type in kTypes)) throw invalidArgValue("rrtype", type);
  return type;
}

/** Methods of both Resolvers, each for one record type. */
const kMethods = {
  resolve4: "A",
  resolve6: "AAAA",
  resolveAny: "ANY",
  resolveCaa: "CAA",
  resolveCname: "CNAME",
  resolveMx: "MX",
  resolveNaptr: "NAPTR",
  resolveNs: "NS",
  resolvePtr: "PTR",
  resolveSoa: "SOA",
  resolveSrv: "SRV",
  resolveTxt: "TXT",
};

const kQuestions = Symbol("questions");

/** What both Resolvers have in common. */
class ResolverBase {
  [kQuestions];

  constructor(options = undefined) {
    this[kQuestions] = new Questions(options);
  }

  cancel() {
    this[kQuestions].cancel();
  }

  getServers() {
    return this[kQuestions].getServers();
  }

  setServers(servers) {
    this[kQuestions].setServers(servers);
  }
}

/** Resolver of node:dns/promises. */
export class PromisesResolver extends ResolverBase {
  resolve(hostname, rrtype = "A") {
    validateString(hostname, "hostname");
    return this[kQuestions].resolve(hostname, checkType(rrtype));
  }

  async reverse(address) {
    checkReverse(address);
    return this[kQuestions].reverse(address);
  }
}

/** Resolver of node:dns. */
export class CallbackResolver extends ResolverBase {
  resolve(hostname, rrtype, callback) {
    if (typeof rrtype === "function") [rrtype, callback] = ["A", rrtype];
    validateString(hostname, "hostname");
    validateFunction(callback, "callback");
    callBack(this[kQuestions].resolve(hostname, checkType(rrtype ?? "A")), callback);
  }

  reverse(address, callback) {
    validateFunction(callback, "callback");
    checkReverse(address);
    callBack(this[kQuestions].reverse(address), callback);
  }
}

for (const [method, type] of Object.entries(kMethods)) {
  Object.defineProperty(PromisesResolver.prototype, method, {
    configurable: true,
    writable: true,
    value: {
      async [method](hostname, options) {
        validateString(hostname, "name");
        return this[kQuestions].resolve(hostname, type, options);
      },
    }[method],
  });
  Object.defineProperty(CallbackResolver.prototype, method, {
    configurable: true,
    writable: true,
    value: {
      [method](hostname, options, callback = options) {
        validateString(hostname, "name");
        validateFunction(callback, "callback");
        callBack(this[kQuestions].resolve(hostname, type, options), callback);
      },
    }[method],
  });
}

/**
 * Calls back with what a promise gives; what the callback throws is uncaught.
 * @param {Promise<unknown>} promise
 * @param {(error: Error | null, ...values: unknown[]) => void} callback
 * @param {(value: unknown) => unknown[]} [spread] the callback's values
 */
export function callBack(promise, callback, spread = (value) => [value]) {
  promise.then(
    (value) => nextTick(callback, null, ...spread(value)),
    (error) => nextTick(callback, error),
  );
}

/** The functions of a module that ask through its own resolver. */
export function resolverFunctions(Resolver) {
  let resolver;
  const names = ["getServers", "setServers", "resolve", "reverse", ...Object.keys(kMethods)];
  return Object.fromEntries(
    names.map((name) => [name, { [name]: (...args) => (resolver ??= new Resolver())[name](...args) }[name]]),
  );
}
