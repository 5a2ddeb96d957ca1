// Dirent: one name in a directory, and what it is.

// The types of <dirent.h>.
const kUnknown = 0;
const kFifo = 1;
const kCharacterDevice = 2;
const kDirectory = 4;
const kBlockDevice = 6;
const kFile = 8;
const kSymbolicLink = 10;
const kSocket = 12;

/** Whether the file system did not say what it is. */
export function isUnknownType(type) {
  return type === kUnknown;
}

export function isDirectoryType(type) {
  return type === kDirectory;
}

/** The type that a file's mode stands for: its bits above the permissions. */
export function typeOfMode(mode) {
  return (mode >> 12) & 15;
}

export class Dirent {
  #type;

  /**
   * @param {string | Uint8Array} name
   * @param {string} parentPath of the directory
   * @param {number} type
   */
  constructor(name, parentPath, type) {
    this.name = name;
    this.parentPath = parentPath;
    this.#type = type;
  }

  isDirectory() {
    return this.#type === kDirectory;
  }
  isFile() {
    return this.#type === kFile;
  }
  isBlockDevice() {
    return this.#type === kBlockDevice;
  }
  isCharacterDevice() {
    return this.#type === kCharacterDevice;
  }
  isSymbolicLink() {
    return this.#type === kSymbolicLink;
  }
  isFIFO() {
    return this.#type === kFifo;
  }
  isSocket() {
    return this.#type === kSocket;
  }
}
