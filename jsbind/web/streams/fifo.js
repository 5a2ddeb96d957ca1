const kSmall = 4;
/** A queue that was longer than this gives its memory back when it is empty. */
const kKept = 1024;

/** First in, first out: a ring that doubles when it is full. */
export class Fifo {
  /** Its length is a power of two. */
  #items = [undefined, undefined, undefined, undefined];
  #first = 0;
  #length = 0;

  get length() {
    return this.#length;
  }

  push(item) {
    if (this.#length === this.#items.length) this.#grow();
    this.#items[(this.#first + this.#length++) & (this.#items.length - 1)] = item;
  }

  /** REQUIRES: not empty. */
  first() {
    return this.#items[this.#first];
  }

  /** REQUIRES: not empty. */
  shift() {
    const items = this.#items;
    const item = items[this.#first];
    items[this.#first] = undefined;
    this.#first = (this.#first + 1) & (items.length - 1);
    if (--this.#length === 0 && items.length > kKept) this.clear();
    return item;
  }

  clear() {
    this.#items = new Array(kSmall).fill(undefined);
    this.#first = 0;
    this.#length = 0;
  }

  /** Empties it. @returns {unknown[]} what was in it, in order */
  takeAll() {
    const all = [];
    while (this.#length > 0) all.push(this.shift());
    return all;
  }

  #grow() {
    const { length } = this.#items;
    const items = new Array(2 * length).fill(undefined);
    for (let i = 0; i < length; i++) items[i] = this.#items[(this.#first + i) & (length - 1)];
    this.#items = items;
    this.#first = 0;
  }
}
