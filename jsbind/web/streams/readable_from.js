// ReadableStreamFromIterable (https://streams.spec.whatwg.org/#abstract-opdef-readablestreamfromiterable).

import { isObject } from "../webidl.js";
import { createReadable } from "./default_controller.js";
import { apply, rejectedWith, resolvedWith, then } from "./promises.js";

/**
 * @param {unknown} iterable async or not
 * @returns {import("./readable_core.js").ReadableCore}
 */
export function readableFromIterable(iterable) {
  const iterator = getAsyncIterator(iterable);
  const { next } = iterator;
  const stream = createReadable(
    {
      pull() {
        let result;
        try {
          result = resolvedWith(apply(next, iterator, []));
        } catch (error) {
          return rejectedWith(error);
        }
        return then(result, (item) => {
          checkResult(item, "next");
          if (item.done) stream.controller.close();
          else stream.controller.enqueue(item.value);
        });
      },
      cancel(reason) {
        let result;
        try {
          const method = iterator.return;
          if (method === undefined || method === null) return undefined;
          result = resolvedWith(apply(method, iterator, [reason]));
        } catch (error) {
          return rejectedWith(error);
        }
        return then(result, (item) => checkResult(item, "return"));
      },
    },
    0,
  );
  return stream;
}

function checkResult(item, method) {
  if (!isObject(item)) throw new TypeError(`The iterator's ${method}() must give an object`);
}

/** GetIterator(iterable, async) */
function getAsyncIterator(iterable) {
  const method = iterable[Symbol.asyncIterator];
  if (method === undefined || method === null) return asyncFromSync(iterable);
  const iterator = apply(method, iterable, []);
  if (!isObject(iterator)) throw new TypeError("[Symbol.asyncIterator]() must give an object");
  return iterator;
}

/** CreateAsyncFromSyncIterator: what `yield*` of an async generator does. */
function asyncFromSync(iterable) {
  const method = iterable[Symbol.iterator];
  if (typeof method !== "function") throw new TypeError("The value is not iterable");
  const iterator = apply(method, iterable, []);
  if (!isObject(iterator)) throw new TypeError("[Symbol.iterator]() must give an object");
  const once = { [Symbol.iterator]: () => iterator };
  return (async function* values() {
    yield* once;
  })();
}
