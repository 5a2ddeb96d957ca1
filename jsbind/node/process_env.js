// process.env: the environment as an object whose values are always strings.

import { deleteEnv, envKeys, getEnv, setEnv } from "internal:ops/process";

export const env = new Proxy(Object.create(Object.prototype), {
  get(target, key) {
    if (typeof key !== "string") return Reflect.get(target, key);
    return getEnv(key) ?? Reflect.get(target, key);
  },
  set(target, key, value) {
    if (typeof key === "symbol" || typeof value === "symbol") {
      throw new TypeError("Cannot convert a Symbol value to a string");
    }
    setEnv(key, `${value}`);
    return true;
  },
  has(target, key) {
    return (typeof key === "string" && getEnv(key) !== undefined) || Reflect.has(target, key);
  },
  deleteProperty(target, key) {
    if (typeof key === "string") deleteEnv(key);
    return true;
  },
  ownKeys() {
    return envKeys();
  },
  getOwnPropertyDescriptor(target, key) {
    const value = typeof key === "string" ? getEnv(key) : undefined;
    if (value === undefined) return undefined;
    return { value, writable: true, enumerable: true, configurable: true };
  },
  defineProperty(target, key, descriptor) {
    if ("get" in descriptor || "set" in descriptor) {
      throw new TypeError("'process.env' does not accept an accessor(getter/setter) descriptor");
    }
    setEnv(key, `${descriptor.value}`);
    return true;
  },
});
