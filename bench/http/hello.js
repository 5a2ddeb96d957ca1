// The JS server that http_bench measures.
import { serve } from "braid:http";

serve({
  hostname: "127.0.0.1",
  port: Number(process.argv[2]),
  fetch: () => new Response("Hello, World!"),
});
