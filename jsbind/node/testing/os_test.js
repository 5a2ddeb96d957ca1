import console_ from "node:console";
import os from "node:os";
import { performance as perf } from "node:perf_hooks";
import { isatty } from "node:tty";
import { deepEqual, equal, ok, test, throws } from "../../web/testing/harness.js";

test("os tells of the machine", () => {
  equal(os.EOL, "\n");
  deepEqual([os.platform(), os.type(), os.endianness(), os.devNull], ["linux", "Linux", "LE", "/dev/null"]);
  ok(os.hostname().length > 0 && os.release().length > 0 && os.version().length > 0 && os.machine().length > 0);
  ok(os.totalmem() > os.freemem() && os.freemem() > 0);
  ok(os.uptime() > 0);
  equal(os.loadavg().length, 3);
  ok(os.availableParallelism() >= 1 && os.cpus().length >= 1);
  const [{ model, speed, times }] = os.cpus();
  deepEqual([typeof model, typeof speed, Object.keys(times)], ["string", "number", ["user", "nice", "sys", "idle", "irq"]]);
});

test("os tells of users and folders", () => {
  const { uid, gid, homedir, shell } = os.userInfo();
  deepEqual([uid, gid], [process.getuid(), process.getgid()]);
  ok(homedir.startsWith("/") && typeof shell === "string");
  const { HOME, TMPDIR } = process.env;
  process.env.HOME = "/home/x";
  equal(os.homedir(), "/home/x");
  delete process.env.HOME;
  equal(os.homedir(), homedir);
  process.env.TMPDIR = "/other/";
  equal(os.tmpdir(), "/other");
  if (HOME !== undefined) process.env.HOME = HOME;
  if (TMPDIR === undefined) delete process.env.TMPDIR;
});

test("os tells of interfaces", () => {
  const { lo } = os.networkInterfaces();
  const { netmask, family, mac, internal, cidr } = lo.find(({ address }) => address === "127.0.0.1");
  deepEqual([netmask, family, mac, internal, cidr], ["255.0.0.0", "IPv4", "00:00:00:00:00:00", true, "127.0.0.1/8"]);
});

test("os.constants and priorities", () => {
  deepEqual([os.constants.signals.SIGINT, os.constants.errno.ENOENT, os.constants.priority.PRIORITY_LOW], [2, 2, 19]);
  const priority = os.getPriority();
  os.setPriority(priority);
  equal(os.getPriority(process.pid), priority);
  throws(() => os.getPriority(-1), { code: "ERR_OUT_OF_RANGE" });
  throws(() => os.setPriority(0, 20), { code: "ERR_OUT_OF_RANGE" });
  throws(() => os.getPriority(2 ** 31 - 1), { code: "ESRCH" });
});

test("globals as modules", () => {
  equal(console_, console);
  equal(perf, performance);
  equal(isatty(-1), false);
  equal(isatty("0"), false);
});
