// Navigator, as far as it means something outside of browsers
// (https://html.spec.whatwg.org/#the-navigator-object).

import { hardwareConcurrency, version } from "internal:ops/navigator";
import { exposeInterface } from "./webidl.js";

const kConstruct = Symbol("construct");

/** The type of the global navigator. */
export class Navigator {
  constructor(key = undefined) {
    if (key !== kConstruct) throw new TypeError("Illegal constructor");
  }

  /** How many threads run at the same time. */
  get hardwareConcurrency() {
    return hardwareConcurrency();
  }

  get language() {
    return Intl.DateTimeFormat().resolvedOptions().locale;
  }

  get languages() {
    return Object.freeze([this.language]);
  }

  get platform() {
    return "linux";
  }

  get userAgent() {
    return `Braid/${version()}`;
  }
}

exposeInterface(Navigator);

/** The global navigator. */
export const navigator = new Navigator(kConstruct);
