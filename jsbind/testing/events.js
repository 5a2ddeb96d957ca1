/** @type {Map<string, Function[]>} */
const listeners = new Map();

/**
 * @param {string} event
 * @param {Function} listener
 */
export function on(event, listener) {
  listeners.set(event, [...(listeners.get(event) ?? []), listener]);
}

/**
 * @param {string} event
 * @returns {boolean} whether anybody listens
 */
export function emit(event, ...args) {
  const all = listeners.get(event) ?? [];
  for (const listener of all) listener(...args);
  return all.length > 0;
}
