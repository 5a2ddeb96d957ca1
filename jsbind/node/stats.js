// Stats and BigIntStats: what stat() tells of a file.

import { constants } from "internal:ops/fs";

// The places in the numbers that "internal:ops/fs" gives.
const kFields = ["dev", "mode", "nlink", "uid", "gid", "rdev", "blksize", "ino", "size", "blocks"];
const kTimes = ["atime", "mtime", "ctime", "birthtime"];

/** What both classes have. */
class StatsBase {
  #is(type) {
    return (Number(this.mode) & constants.S_IFMT) === type;
  }
  isDirectory() {
    return this.#is(constants.S_IFDIR);
  }
  isFile() {
    return this.#is(constants.S_IFREG);
  }
  isBlockDevice() {
    return this.#is(constants.S_IFBLK);
  }
  isCharacterDevice() {
    return this.#is(constants.S_IFCHR);
  }
  isSymbolicLink() {
    return this.#is(constants.S_IFLNK);
  }
  isFIFO() {
    return this.#is(constants.S_IFIFO);
  }
  isSocket() {
    return this.#is(constants.S_IFSOCK);
  }
}

// Dates are made when they are looked at: most of them never are.
for (const name of kTimes) {
  Object.defineProperty(StatsBase.prototype, name, {
    get() {
      const date = new Date(Math.round(Number(this[`${name}Ms`])));
      Object.defineProperty(this, name, { value: date, writable: true, enumerable: true, configurable: true });
      return date;
    },
    set(value) {
      Object.defineProperty(this, name, { value, writable: true, enumerable: true, configurable: true });
    },
    enumerable: true,
    configurable: true,
  });
}

export class Stats extends StatsBase {
  /** @param {number[]} numbers */
  constructor(numbers) {
    super();
    this.dev = numbers[0];
    this.mode = numbers[1];
    this.nlink = numbers[2];
    this.uid = numbers[3];
    this.gid = numbers[4];
    this.rdev = numbers[5];
    this.blksize = numbers[6];
    this.ino = numbers[7];
    this.size = numbers[8];
    this.blocks = numbers[9];
    this.atimeMs = numbers[10] * 1e3 + numbers[11] / 1e6;
    this.mtimeMs = numbers[12] * 1e3 + numbers[13] / 1e6;
    this.ctimeMs = numbers[14] * 1e3 + numbers[15] / 1e6;
    this.birthtimeMs = numbers[16] * 1e3 + numbers[17] / 1e6;
  }
}

/** The same in BigInts, with times in nanoseconds, too. */
export class BigIntStats extends StatsBase {
  /** @param {number[]} numbers */
  constructor(numbers) {
    super();
    kFields.forEach((name, i) => {
      this[name] = BigInt(numbers[i]);
    });
    kTimes.forEach((name, i) => {
      const nanoseconds = BigInt(numbers[10 + 2 * i]) * 1_000_000_000n + BigInt(numbers[11 + 2 * i]);
      this[`${name}Ms`] = nanoseconds / 1_000_000n;
      this[`${name}Ns`] = nanoseconds;
    });
  }
}

/**
 * @param {number[]} numbers
 * @param {{ bigint?: boolean }} options
 */
export function makeStats(numbers, options) {
  return options?.bigint ? new BigIntStats(numbers) : new Stats(numbers);
}

/** What statfs() tells of a file system. */
export class StatFs {
  /**
   * @param {number[]} numbers
   * @param {boolean} [bigint]
   */
  constructor(numbers, bigint = false) {
    const names = ["type", "bsize", "blocks", "bfree", "bavail", "files", "ffree"];
    names.forEach((name, i) => {
      this[name] = bigint ? BigInt(numbers[i]) : numbers[i];
    });
  }
}
