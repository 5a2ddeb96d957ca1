// node:process. It is evaluated when a program first imports it, so that argv
// is known.

import process from "./process_object.js";

export default process;
export const {
  abort,
  arch,
  argv,
  argv0,
  chdir,
  config,
  cpuUsage,
  cwd,
  emitWarning,
  env,
  execArgv,
  execPath,
  exit,
  features,
  getegid,
  geteuid,
  getgid,
  getuid,
  hrtime,
  kill,
  memoryUsage,
  nextTick,
  pid,
  platform,
  ppid,
  release,
  resourceUsage,
  stderr,
  stdin,
  stdout,
  title,
  umask,
  uptime,
  version,
  versions,
} = process;

// Methods of EventEmitter do not work without their object.
export const on = process.on.bind(process);
export const once = process.once.bind(process);
export const off = process.off.bind(process);
export const emit = process.emit.bind(process);
export const addListener = process.addListener.bind(process);
export const removeListener = process.removeListener.bind(process);
export const removeAllListeners = process.removeAllListeners.bind(process);
export const listeners = process.listeners.bind(process);
export const listenerCount = process.listenerCount.bind(process);
