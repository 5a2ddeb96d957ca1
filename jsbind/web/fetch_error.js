// What a fetch that fails throws: a TypeError whose cause is the error that
// Node has for it, since programs look at its code.

/** The codes of the client's times, by the names that its errors have for them. */
const kTimeCodes = {
  connect_time: "UND_ERR_CONNECT_TIMEOUT",
  header_time: "UND_ERR_HEADERS_TIMEOUT",
  body_idle_time: "UND_ERR_BODY_TIMEOUT",
};

/**
 * @param {unknown} error of the client, or of the request's body
 * @param {string} [url] what was fetched
 * @returns {TypeError}
 */
export function networkError(error, url = undefined) {
  return new TypeError("fetch failed", { cause: describeFailure(error, url) });
}

/**
 * The error of the client as Node has it; others as they are.
 * @param {unknown} error
 * @param {string} [url]
 * @returns {unknown}
 */
export function describeFailure(error, url = undefined) {
  if (!(error instanceof Error)) return error;
  if (error.syscall === "connect") return connectError(error);
  const { message } = error;
  const lookup = /^getaddrinfo (\S+): .*\((E[A-Z]+)\)$/.exec(message);
  if (lookup !== null) return lookupError(lookup[1], lookup[2]);
  const code = error.code === "UNAVAILABLE" ? "UND_ERR_SOCKET" : kTimeCodes[/\((\w+_time)\)$/.exec(message)?.[1]];
  if (code === undefined) return error;
  return coded(url === undefined ? message : `${message}: ${url}`, { code });
}

function connectError({ code, errno, path, message }) {
  const address = /^\[?(.*?)\]?:(\d+)$/.exec(path ?? "");
  if (address === null) return coded(message, { errno, code, syscall: "connect" });
  const [, host, port] = address;
  const details = { errno, code, syscall: "connect", address: host, port: Number(port) };
  return coded(`connect ${code} ${host}:${port}`, details);
}

function lookupError(hostname, code) {
  return coded(`getaddrinfo ${code} ${hostname}`, { code, syscall: "getaddrinfo", hostname });
}

function coded(message, details) {
  return Object.assign(new Error(message), details);
}
