// Properties whose values are made when they are first looked at: because they
// are costly and rarely wanted, or because they depend on the running process,
// of which built-in modules know nothing while they are evaluated.

import { setLazyProperty } from "internal:runtime";

/**
 * Defines configurable data properties: scripts cannot tell that they are lazy.
 * One whose maker throws is tried again at the next look.
 * @param {object} object
 * @param {Record<string, () => unknown>} makers by name
 * @param {{ enumerable?: boolean, writable?: boolean }} [how] the properties are
 */
export function defineLazily(object, makers, { enumerable = true, writable = true } = {}) {
  for (const name of Object.keys(makers)) setLazyProperty(object, name, makers[name], enumerable, writable);
}
