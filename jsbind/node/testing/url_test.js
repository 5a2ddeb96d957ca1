import querystring from "node:querystring";
import url from "node:url";
import { deepEqual, equal, test, throws } from "../../web/testing/harness.js";

const partsOf = (text) => Object.fromEntries(Object.entries(url.parse(text)).filter(([, value]) => value !== null));

test("url.parse", () => {
  deepEqual(partsOf("http://user:pa%20ss@Host.com:8080/p/a?query=string#hash"), {
    protocol: "http:",
    slashes: true,
    auth: "user:pa ss",
    host: "host.com:8080",
    port: "8080",
    hostname: "host.com",
    hash: "#hash",
    search: "?query=string",
    query: "query=string",
    pathname: "/p/a",
    path: "/p/a?query=string",
    href: "http://user:pa%20ss@host.com:8080/p/a?query=string#hash",
  });
  const hrefs = {
    "HTTP://A.com": "http://a.com/",
    "mailto:a@b.c": "mailto:a@b.c",
    "/a/b?x=y": "/a/b?x=y",
    "http://[fe80::1]:80/x": "http://[fe80::1]:80/x",
    "http://mañana.com/p q": "http://xn--maana-pta.com/p%20q",
    "http:\\\\a.com\\b": "http://a.com/b",
    "javascript:alert('x')": "javascript:alert('x')",
    "git+ssh://git@h.com:a/b": "git+ssh://git@h.com/:a/b",
  };
  for (const [text, href] of Object.entries(hrefs)) equal(url.parse(text).href, href);
  deepEqual({ ...url.parse("/x?a=1&b=2&a=3", true).query }, { a: ["1", "3"], b: "2" });
  equal(url.parse("//host/path").host, null);
  equal(url.parse("//host/path", false, true).host, "host");
  throws(() => url.parse(5), { code: "ERR_INVALID_ARG_TYPE" });
});

test("url.resolve", () => {
  const cases = [
    ["/one/two/three", "four", "/one/two/four"],
    ["http://example.com/one", "/two", "http://example.com/two"],
    ["http://a.com/b/c/d", "../e", "http://a.com/b/e"],
    ["http://a.com/b/c/d", "?y", "http://a.com/b/c/d?y"],
    ["http://a.com/b", "//c.com/d", "http://c.com/d"],
    ["http://a.com/b", "https://d.com", "https://d.com/"],
    ["/a/b/c", "../../../d", "/d"],
    ["a/b", "../../c", "../c"],
    ["http://a.com/b/c", ".", "http://a.com/b/"],
    ["http://a.com/x", "#h", "http://a.com/x#h"],
  ];
  for (const [from, to, expected] of cases) equal(url.resolve(from, to), expected);
});

test("url.format", () => {
  equal(url.format({ protocol: "http", host: "a.com", pathname: "x", query: { a: 1, b: [2, 3] } }), "http://a.com/x?a=1&b=2&b=3");
  equal(url.format({ hostname: "::1", port: 80, protocol: "http:", slashes: true }), "http://[::1]:80");
  equal(url.format(new URL("http://u:p@a.com/?q#h"), { auth: false, fragment: false, search: false }), "http://a.com/");
});

test("file URLs", () => {
  equal(url.fileURLToPath("file:///a%20b"), "/a b");
  equal(url.fileURLToPath(new URL("file:///x")), "/x");
  equal(url.pathToFileURL("/a b#?%.txt").href, "file:///a%20b%23%3F%25.txt");
  equal(url.pathToFileURL("/folder/").href, "file:///folder/");
  equal(url.pathToFileURL("x").href, `file://${process.cwd()}/x`);
  throws(() => url.fileURLToPath("http://x"), { code: "ERR_INVALID_URL_SCHEME" });
  throws(() => url.fileURLToPath("file://host/x"), { code: "ERR_INVALID_FILE_URL_HOST" });
  throws(() => url.fileURLToPath("file:///a%2Fb"), { code: "ERR_INVALID_FILE_URL_PATH" });
  throws(() => url.fileURLToPath(5), { code: "ERR_INVALID_ARG_TYPE" });
});

test("domains and options", () => {
  equal(url.domainToASCII("español.com"), "xn--espaol-zwa.com");
  equal(url.domainToUnicode("xn--espaol-zwa.com"), "español.com");
  equal(url.domainToASCII("xn--iñvalid.com"), "");
  const { hostname, port, auth, path } = url.urlToHttpOptions(new URL("http://a:b@[::1]:81/p?q"));
  deepEqual([hostname, port, auth, path], ["::1", 81, "a:b", "/p?q"]);
});

test("querystring", () => {
  deepEqual({ ...querystring.parse("a=1&b=2&a=3&c&=d&e=%zz&f=a+b") }, { a: ["1", "3"], b: "2", c: "", "": "d", e: "%zz", f: "a b" });
  equal(querystring.stringify({ a: [1, "x y"], b: true, c: null, e: "ü", f: NaN }), "a=1&a=x%20y&b=true&c=&e=%C3%BC&f=");
  deepEqual({ ...querystring.parse("a:1;b:2", ";", ":") }, { a: "1", b: "2" });
  equal(Object.keys(querystring.parse("a&".repeat(5) + "b", null, null, { maxKeys: 2 })).length, 1);
  equal(Object.getPrototypeOf(querystring.parse("")), null);
});
