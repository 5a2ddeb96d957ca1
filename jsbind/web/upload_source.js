// The stream that is a request's body, on its way to C++.

import { dropSource } from "./body_stream.js";

export class UploadSource {
  /** Null once it has ended, or was told to. */
  #source;
  #upload;
  /** @type {{ error: unknown } | null} What the source failed with. */
  failure = null;

  /**
   * @param {import("./streams/native_source.js").NativeSource} source
   * @param {object} upload an Upload of C++
   */
  constructor(source, upload) {
    this.#source = source;
    this.#upload = upload;
  }

  /** Sends it, as fast as the peer takes it. Does not reject. */
  async send() {
    const upload = this.#upload;
    while (this.#source !== null) {
      const chunk = await this.#pull();
      if (chunk === undefined) break;
      try {
        await upload.write(chunk);
      } catch (error) {
        this.drop(error); // The request has ended.
      }
    }
    if (this.failure === null) upload.end();
    else upload.fail();
  }

  async #pull() {
    try {
      const chunk = await this.#source.pull();
      if (chunk === undefined) this.#source = null;
      return chunk;
    } catch (error) {
      this.#source = null;
      this.failure = { error };
      return undefined;
    }
  }

  /** Tells the source that nobody wants the rest. */
  drop(reason) {
    const source = this.#source;
    this.#source = null;
    if (source !== null) dropSource(source, reason);
  }
}
