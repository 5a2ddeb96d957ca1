import web, { ReadableStream as Imported } from "node:stream/web";
import { equal, ok, test } from "../../web/testing/harness.js";

test("node:stream/web has the global streams", async () => {
  // Before the global object was looked at.
  const response = new Response(new Imported({ start: (controller) => controller.close() }));
  equal(await response.text(), "");
  ok(Object.keys(web).length >= 15);
  for (const name of Object.keys(web)) equal(web[name], globalThis[name]);
  equal(Imported, ReadableStream);
});
