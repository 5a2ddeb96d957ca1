// Errors of the system with the texts and properties that Node's sockets and
// child processes have: "connect ECONNREFUSED 127.0.0.1:80".

/**
 * @param {Error & { code: string, errno: number }} cause what C++ gave
 * @param {string} syscall
 * @param {{ address?: string, port?: number }} [place]
 */
export function systemError(cause, syscall, { address = undefined, port = undefined } = {}) {
  if (typeof cause?.errno !== "number") return cause;
  const place = address === undefined ? "" : ` ${port === undefined ? address : `${address}:${port}`}`;
  const error = new Error(`${syscall} ${cause.code}${place}`);
  Error.captureStackTrace(error, systemError);
  Object.assign(error, { errno: cause.errno, code: cause.code, syscall });
  if (address !== undefined) error.address = address;
  if (port !== undefined) error.port = port;
  return error;
}

/** The same with the sentence for the code, as listening fails. */
export function systemErrorWithText(cause, syscall, { address, port = undefined }) {
  if (typeof cause?.errno !== "number") return cause;
  const text = /^\w+: ([^,]*)/.exec(cause.message)?.[1] ?? "unknown error";
  const place = port === undefined || port < 0 ? address : `${address}:${port}`;
  const error = new Error(`${syscall} ${cause.code}: ${text} ${place}`);
  Error.captureStackTrace(error, systemErrorWithText);
  Object.assign(error, { code: cause.code, errno: cause.errno, syscall, address });
  if (port !== undefined) error.port = port;
  return error;
}
