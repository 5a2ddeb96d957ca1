// Counts the lines of the files in a folder by kind, many files at a time, and keeps the
// result in a file that is there whole or not at all:
//
//   ./bazelw run //:braid -- examples/files.js FOLDER RESULT.json

import { open, readdir, readFile, rename } from "node:fs/promises";
import { extname, join } from "node:path";

const FILES_AT_ONCE = 16;
const [folder, result] = process.argv.slice(2);
if (result === undefined) {
  console.error("usage: files.js FOLDER RESULT.json");
  process.exit(2);
}

/** @type {Record<string, { files: number, lines: number }>} */
const kinds = {};

/** @param {string} path */
async function count(path) {
  const bytes = await readFile(path);
  let lines = 0;
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) lines++;
  const kind = (kinds[extname(path) || "others"] ??= { files: 0, lines: 0 });
  kind.files++;
  kind.lines += lines;
}

const entries = await readdir(folder, { recursive: true, withFileTypes: true });
const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
// All take from one list, so none waits for the slowest of a batch.
const left = paths.values();
await Promise.all(
  Array.from({ length: FILES_AT_ONCE }, async () => {
    for (const path of left) await count(path);
  }),
);

// A crash leaves the old result or the new one: written beside it, synced, renamed.
{
  await using file = await open(`${result}.new`, "w");
  await file.writeFile(JSON.stringify(kinds, null, 2));
  await file.sync();
}
await rename(`${result}.new`, result);

for (const [kind, { files, lines }] of Object.entries(kinds).sort((a, b) => b[1].lines - a[1].lines)) {
  console.log(`${kind.padEnd(8)} ${files} files, ${lines} lines`);
}
