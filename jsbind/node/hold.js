// What keeps the program alive while something of it is pending, unless unref()
// says that it need not.

import { ref, unref } from "internal:runtime";

export class Hold {
  #pending = 0;
  #isRefed = true;

  /**
   * Waits for a call of C++, which alone would keep the program alive.
   * @template T @param {Promise<T>} call @returns {Promise<T>}
   */
  async wait(call) {
    this.#pending++;
    if (!this.#isRefed) unref();
    try {
      return await call;
    } finally {
      this.#pending--;
      if (!this.#isRefed) ref();
    }
  }

  ref() {
    if (this.#isRefed) return;
    this.#isRefed = true;
    for (let i = 0; i < this.#pending; i++) ref();
  }

  unref() {
    if (!this.#isRefed) return;
    this.#isRefed = false;
    for (let i = 0; i < this.#pending; i++) unref();
  }
}
