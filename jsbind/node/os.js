// node:os.

import { hardwareConcurrency } from "internal:ops/navigator";
import * as ops from "internal:ops/os";
import { getuid, signals } from "internal:ops/process";
import { validateInteger } from "../web/errors.js";

export const EOL = "\n";
export const devNull = "/dev/null";

const kPriorities = {
  PRIORITY_LOW: 19,
  PRIORITY_BELOW_NORMAL: 10,
  PRIORITY_NORMAL: 0,
  PRIORITY_ABOVE_NORMAL: -7,
  PRIORITY_HIGH: -14,
  PRIORITY_HIGHEST: -20,
};

let errnoConstants;

export const constants = Object.freeze({
  signals: Object.freeze({ ...signals }),
  priority: Object.freeze(kPriorities),
  dlopen: Object.freeze({ RTLD_LAZY: 1, RTLD_NOW: 2, RTLD_GLOBAL: 256, RTLD_LOCAL: 0, RTLD_DEEPBIND: 8 }),
  UV_UDP_REUSEADDR: 4,
  /** Names to numbers. */
  get errno() {
    return (errnoConstants ??= Object.freeze(
      Object.fromEntries(ops.errnos().map((number) => [ops.errorText(-number)[0], number])),
    ));
  },
});

export const arch = () => "x64";
export const endianness = () => "LE";
export const platform = () => "linux";
export const availableParallelism = () => hardwareConcurrency();
export const freemem = () => ops.memory()[1];
export const hostname = () => ops.hostname();
export const loadavg = () => ops.loadAverages();
export const machine = () => ops.uname()[3];
export const release = () => ops.uname()[1];
export const totalmem = () => ops.memory()[0];
export const type = () => ops.uname()[0];
export const uptime = () => ops.uptime();
export const version = () => ops.uname()[2];

/** As HOME says, else by the system's list of users. */
export function homedir() {
  return globalThis.process.env.HOME || ops.homeDirectory();
}

export function tmpdir() {
  const { TMPDIR, TMP, TEMP } = globalThis.process.env;
  const path = TMPDIR || TMP || TEMP || "/tmp";
  return path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
}

/** @returns {{ username: string, uid: number, gid: number, homedir: string, shell: string }} */
export function userInfo() {
  return ops.user(getuid());
}

/** @param {number} [pid] 0 for this process */
export function getPriority(pid = 0) {
  return ops.priority(validateInteger(pid, "pid", 0, 2 ** 31 - 1));
}

/**
 * @param {number} pid or the priority, for this process
 * @param {number} [priority]
 */
export function setPriority(pid, priority = undefined) {
  if (priority === undefined) [pid, priority] = [0, pid];
  validateInteger(pid, "pid", 0, 2 ** 31 - 1);
  ops.setPriority(pid, validateInteger(priority, "priority", -20, 19));
}

/** @returns {Record<string, object[]>} addresses by interface */
export function networkInterfaces() {
  const result = {};
  for (const [name, address, netmask, family, mac, internal, scopeid] of ops.interfaces()) {
    const entry = { address, netmask, family, mac, internal, cidr: `${address}/${prefixLength(netmask)}` };
    if (family === "IPv6") entry.scopeid = scopeid;
    (result[name] ??= []).push(entry);
  }
  return result;
}

function prefixLength(netmask) {
  const isV6 = netmask.includes(":");
  const groups = netmask.split(isV6 ? ":" : ".").map((group) => Number.parseInt(group || "0", isV6 ? 16 : 10));
  return groups.reduce((bits, group) => bits + group.toString(2).replaceAll("0", "").length, 0);
}

/** @returns {{ model: string, speed: number, times: object }[]} one entry a CPU */
export function cpus() {
  return ops.cpus().map(([model, speed, user, nice, sys, idle, irq]) => ({
    model,
    speed,
    times: { user, nice, sys, idle, irq },
  }));
}

export default {
  EOL,
  arch,
  availableParallelism,
  constants,
  cpus,
  devNull,
  endianness,
  freemem,
  getPriority,
  homedir,
  hostname,
  loadavg,
  machine,
  networkInterfaces,
  platform,
  release,
  setPriority,
  tmpdir,
  totalmem,
  type,
  uptime,
  userInfo,
  version,
};
