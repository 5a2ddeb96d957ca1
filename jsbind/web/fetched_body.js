// The body of a fetched response that had not come whole with its head.

import { follow, unfollow } from "./abort_signal.js";
import { describeFailure } from "./fetch_error.js";

/** @implements {import("./streams/native_source.js").NativeSource} */
export class FetchedBody {
  /** A Body of C++. */
  #rest;
  #upload;
  #follower = null;
  #aborted = false;
  #reason = undefined;

  /**
   * @param {object} rest
   * @param {AbortSignal | null} signal of the request
   * @param {import("./upload_source.js").UploadSource | null} upload the request's body
   */
  constructor(rest, signal, upload) {
    this.#rest = rest;
    this.#upload = upload;
    if (signal !== null) {
      // A response that nobody reads is collected, however long its signal lives.
      const weak = new WeakRef(this);
      this.#follower = follow(signal, (reason) => weak.deref()?.#abort(reason));
    }
    // What becomes of it is told by the read that needs it.
    if (!rest.sent) rest.sendRest().catch(() => {});
  }

  async pull() {
    try {
      const chunk = await this.#rest.read();
      if (chunk === undefined) this.#unfollow();
      return chunk;
    } catch (error) {
      throw this.#failure(error);
    }
  }

  cancel() {
    this.#unfollow();
    this.#rest.close();
  }

  /** @returns {Promise<Uint8Array>} */
  async bytes() {
    try {
      return await this.#rest.bytes();
    } catch (error) {
      throw this.#failure(error);
    } finally {
      this.#unfollow();
    }
  }

  #abort(reason) {
    this.#aborted = true;
    this.#reason = reason;
    this.#rest.close();
    this.#upload?.drop(reason);
  }

  #failure(error) {
    this.#unfollow();
    if (this.#aborted) return this.#reason;
    return new TypeError("terminated", { cause: describeFailure((this.#upload?.failure ?? { error }).error) });
  }

  #unfollow() {
    if (this.#follower !== null) unfollow(this.#follower);
    this.#follower = null;
  }
}
