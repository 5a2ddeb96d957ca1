// What Node's functions reject with when their signal aborts.

export class AbortError extends Error {
  /** @param {unknown} [cause] the signal's reason */
  constructor(cause = undefined) {
    super("The operation was aborted", cause === undefined ? undefined : { cause });
    this.code = "ABORT_ERR";
    this.name = "AbortError";
  }
}
