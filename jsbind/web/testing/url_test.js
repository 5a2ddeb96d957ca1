import { deepEqual, equal, ok, test, throws } from "./harness.js";

test("parts", () => {
  const url = new URL("https://user:pa%20ss@example.com:8080/a/./b?x=1#frag");
  deepEqual(
    [url.href, url.origin, url.protocol, url.username, url.password, url.host, url.hostname, url.port],
    [
      "https://user:pa%20ss@example.com:8080/a/b?x=1#frag",
      "https://example.com:8080",
      ...["https:", "user", "pa%20ss", "example.com:8080", "example.com", "8080"],
    ],
  );
  deepEqual([url.pathname, url.search, url.hash], ["/a/b", "?x=1", "#frag"]);
  equal(`${url}`, url.href);
  equal(JSON.stringify({ url }), `{"url":"${url.href}"}`);
});

test("special cases", () => {
  equal(new URL("../x", "http://a/b/c/d").href, "http://a/b/x");
  equal(new URL("https://h:443/?").port, "");
  equal(new URL("http://h/?#").search, "");
  equal(new URL("http://h/?#").hash, "");
  equal(new URL("web+demo:/.//not-a-host/").host, "");
  equal(new URL("web+demo:/.//not-a-host/").pathname, "//not-a-host/");
  equal(new URL("http://[::1]:3/").hostname, "[::1]");
  equal(new URL("http://bücher.example/ü").href, "http://xn--bcher-kva.example/%C3%BC");
  equal(new URL("mailto:a@b").pathname, "a@b");
  equal(new URL("mailto:a@b").origin, "null");
  equal(new URL("blob:https://a.com/x").origin, "https://a.com");
  equal(new URL("file:///a").host, "");
});

test("setters", () => {
  const url = new URL("http://h/p");
  url.protocol = "https";
  url.username = "u@";
  url.password = "";
  url.host = "x.org:99";
  url.pathname = "a b";
  url.search = "q=1";
  url.hash = "é";
  equal(url.href, "https://u%40@x.org:99/a%20b?q=1#%C3%A9");
  url.port = "443";
  equal(url.port, "");
  url.port = "x";
  url.hostname = "";
  equal(url.hostname, "x.org");
  url.href = "http://new/";
  equal(url.href, "http://new/");
  throws(() => (url.href = "nope"), { code: "ERR_INVALID_URL" });
});

test("what is no URL", () => {
  throws(() => new URL("nope"), { name: "TypeError", message: "Invalid URL", code: "ERR_INVALID_URL", input: "nope" });
  throws(() => new URL("/x", "also nope"), { base: "also nope" });
  throws(() => new URL(), TypeError);
  equal(URL.canParse("nope"), false);
  equal(URL.canParse("x", "http://a"), true);
  equal(URL.parse("nope"), null);
  equal(URL.parse("x", "http://a/b").href, "http://a/x");
});

test("searchParams are live", () => {
  const url = new URL("http://h/?a=1&b=2#f");
  const params = url.searchParams;
  equal(params, url.searchParams);
  params.append("c", "é &=+~");
  params.delete("a");
  equal(url.href, "http://h/?b=2&c=%C3%A9+%26%3D%2B%7E#f");
  url.search = "?z=9";
  equal(params.get("z"), "9");
  params.delete("z");
  equal(url.href, "http://h/#f");
});

test("URLSearchParams: construction", () => {
  equal(new URLSearchParams("?a=1&a=2&b").toString(), "a=1&a=2&b=");
  equal(new URLSearchParams([["x", "1"], ["y", "2"]]).toString(), "x=1&y=2");
  equal(new URLSearchParams({ a: 1, b: "c d" }).toString(), "a=1&b=c+d");
  equal(new URLSearchParams(new Map([["k", "v"]])).toString(), "k=v");
  equal(new URLSearchParams(new URLSearchParams("q=1")).toString(), "q=1");
  equal(new URLSearchParams("%zz=%ff%41&+=%20").toString(), "%25zz=%EF%BF%BDA&+=+");
  throws(() => new URLSearchParams([["a"]]), TypeError);
  throws(() => new URLSearchParams([1]), TypeError);
});

test("URLSearchParams: methods", () => {
  const params = new URLSearchParams("b=2&a=1&b=3");
  equal(params.size, 3);
  deepEqual(params.getAll("b"), ["2", "3"]);
  equal(params.get("none"), null);
  equal(params.has("b", "3"), true);
  equal(params.has("b", "4"), false);
  params.set("b", "x");
  equal(params.toString(), "b=x&a=1");
  params.append("c", "1");
  params.delete("c", "2");
  equal(params.has("c"), true);
  params.sort();
  deepEqual([...params.keys()], ["a", "b", "c"]);
  deepEqual([...params], [["a", "1"], ["b", "x"], ["c", "1"]]);
  const seen = [];
  params.forEach((value, name, self) => seen.push(name + value + (self === params)));
  deepEqual(seen, ["a1true", "bxtrue", "c1true"]);
  equal(Object.prototype.toString.call(params.entries()), "[object URLSearchParams Iterator]");
  throws(() => params.get(), TypeError);
});

test("iterators see changes", () => {
  const params = new URLSearchParams("a=1&b=2");
  const seen = [];
  for (const [name] of params) {
    seen.push(name);
    if (name === "a") params.append("c", "3");
  }
  deepEqual(seen, ["a", "b", "c"]);
  ok(params.size === 3);
});
