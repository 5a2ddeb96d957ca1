// node:http as its documentation writes it, with the head given in one call.
import { createServer } from "node:http";

const head = { "Content-Type": "text/plain;charset=UTF-8", "Content-Length": "13" };
createServer((request, response) => {
  response.writeHead(200, head);
  response.end("Hello, World!");
}).listen(Number(process.argv[2]), "127.0.0.1");
