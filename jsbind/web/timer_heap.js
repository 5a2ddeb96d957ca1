// A binary heap of timer lists, the one that expires first at the top. A list
// knows its place, so it is removed in O(log n).

export class TimerHeap {
  #items = [];

  /** The list that expires first. */
  first() {
    return this.#items[0];
  }

  push(list) {
    const items = this.#items;
    items.push(list);
    this.#rise(items.length - 1, list);
  }

  remove(list) {
    const items = this.#items;
    const last = items.pop();
    if (last === list) return;
    const index = list.heapIndex;
    this.#place(index, last);
    this.#rise(index, last);
    this.sink(last);
  }

  /** Restores the order after a list's expiry was put off. */
  sink(list) {
    const items = this.#items;
    const size = items.length;
    let index = list.heapIndex;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= size) break;
      if (child + 1 < size && items[child + 1].expiry < items[child].expiry) child++;
      if (items[child].expiry >= list.expiry) break;
      this.#place(index, items[child]);
      index = child;
    }
    this.#place(index, list);
  }

  #rise(index, list) {
    const items = this.#items;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (items[parent].expiry <= list.expiry) break;
      this.#place(index, items[parent]);
      index = parent;
    }
    this.#place(index, list);
  }

  #place(index, list) {
    this.#items[index] = list;
    list.heapIndex = index;
  }
}
