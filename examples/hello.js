// The smallest program: ./bazelw run //:braid -- examples/hello.js [NAME]
import { readFile } from "node:fs/promises";
import { basename } from "node:path";

const [name = "World"] = process.argv.slice(2);
console.log(`Hello, ${name}!`);

const source = await readFile(import.meta.filename, "utf8");
console.log(`${basename(import.meta.filename)} has ${source.split("\n").length - 1} lines.`);
