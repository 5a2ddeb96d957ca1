// Values crossing: each type both ways, and what is said when they do not fit.

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include "jsbind/module_def.h"
#include "jsbind/testing/js_test.h"

namespace braid {
namespace {

struct Point {
  double x = 0;
  double y = 0;
};
constexpr auto JsFields(const Point*) {
  return std::tuple(RequiredField("x", &Point::x), Field("y", &Point::y));
}

struct Shape {
  std::string name = "unnamed";
  std::optional<int> sides;
  std::vector<Point> points;
};
constexpr auto JsFields(const Shape*) {
  return std::tuple(Field("name", &Shape::name), Field("sides", &Shape::sides),
                    Field("points", &Shape::points));
}

class ConvertTest : public JsTest {
 public:
  ConvertTest() : JsTest({}, "--expose-gc") {}

  // Makes echo(value), which takes a T and gives it back, a global.
  template <typename T>
  void Echo() {
    runtime().Module("native:echo").Function("echo", [](T value) {
      return value;
    });
    EXPECT_EQ(
        Eval(
            "import('native:echo').then((m) => { globalThis.echo = m.echo; })"),
        "#<Promise>");
    EXPECT_EQ(Eval("typeof echo"), "function");
    EXPECT_EQ(Eval("globalThis.json = (v) => JSON.stringify(echo(v)); 0"), "0");
  }
};

TEST_F(ConvertTest, Booleans) {
  Echo<bool>();
  EXPECT_EQ(Eval("echo(true)"), "true");
  EXPECT_EQ(Eval("echo(false)"), "false");
  EXPECT_EQ(Eval("echo(1)"),
            "throws: TypeError: echo(): argument 1 must be a boolean, received "
            "number 1");
}

TEST_F(ConvertTest, SmallIntegers) {
  Echo<uint8_t>();
  EXPECT_EQ(Eval("echo(255)"), "255");
  EXPECT_EQ(Eval("echo(0)"), "0");
  EXPECT_EQ(Eval("echo(-0)"), "0");
  EXPECT_EQ(Eval("echo(256)"),
            "throws: RangeError: echo(): argument 1 must be an integer from 0 "
            "to 255, received number 256");
  EXPECT_EQ(Eval("echo(1.5)"),
            "throws: TypeError: echo(): argument 1 must be an integer, "
            "received number 1.5");
  EXPECT_EQ(Eval("echo(NaN)"),
            "throws: TypeError: echo(): argument 1 must be an integer, "
            "received number NaN");
  EXPECT_EQ(Eval("echo('1')"),
            "throws: TypeError: echo(): argument 1 must be an integer, "
            "received string \"1\"");
  EXPECT_EQ(Eval("echo()"),
            "throws: TypeError: echo(): argument 1 must be an integer, "
            "received undefined");
}

TEST_F(ConvertTest, Int32AtItsLimits) {
  Echo<int32_t>();
  EXPECT_EQ(Eval("echo(-2147483648)"), "-2147483648");
  EXPECT_EQ(Eval("echo(2147483647)"), "2147483647");
  EXPECT_EQ(Eval("try { echo(2147483648) } catch (e) { e.code }"),
            "ERR_OUT_OF_RANGE");
  EXPECT_EQ(Eval("try { echo(1e300) } catch (e) { e.code }"),
            "ERR_OUT_OF_RANGE");
  EXPECT_EQ(Eval("try { echo(Infinity) } catch (e) { e.code }"),
            "ERR_INVALID_ARG_TYPE");
}

TEST_F(ConvertTest, Uint32BeyondInt32) {
  Echo<uint32_t>();
  EXPECT_EQ(Eval("echo(4294967295)"), "4294967295");
  EXPECT_EQ(Eval("try { echo(-1) } catch (e) { e.name }"), "RangeError");
}

TEST_F(ConvertTest, Int64IsANumberOrABigint) {
  Echo<int64_t>();
  EXPECT_EQ(Eval("typeof echo(9007199254740991)"), "number");
  EXPECT_EQ(Eval("typeof echo(9007199254740992n)"), "bigint");
  EXPECT_EQ(Eval("echo(-9223372036854775808n)"), "-9223372036854775808");
  EXPECT_EQ(Eval("echo(5n)"), "5");
  EXPECT_EQ(Eval("try { echo(9223372036854775808n) } catch (e) { e.name }"),
            "RangeError");
  EXPECT_EQ(Eval("try { echo(2 ** 53) } catch (e) { e.name }"), "RangeError");
}

TEST_F(ConvertTest, Uint64) {
  Echo<uint64_t>();
  EXPECT_EQ(Eval("echo(18446744073709551615n)"), "18446744073709551615");
  EXPECT_EQ(Eval("try { echo(-1) } catch (e) { e.name }"), "RangeError");
  EXPECT_EQ(Eval("try { echo(-1n) } catch (e) { e.name }"), "RangeError");
}

TEST_F(ConvertTest, Doubles) {
  Echo<double>();
  EXPECT_EQ(Eval("echo(1.5)"), "1.5");
  EXPECT_EQ(Eval("echo(NaN)"), "NaN");
  EXPECT_EQ(Eval("Object.is(echo(-0), -0)"), "true");
  EXPECT_EQ(Eval("echo({})"),
            "throws: TypeError: echo(): argument 1 must be a number, received "
            "an instance of "
            "Object");
}

TEST_F(ConvertTest, Strings) {
  Echo<std::string>();
  EXPECT_EQ(Eval("echo('')"), "");
  EXPECT_EQ(Eval("echo('a\\u0000é€😀') === 'a\\u0000é€😀'"), "true");
  EXPECT_EQ(Eval("echo('\\uD800x') === '\\uFFFDx'"), "true");
  EXPECT_EQ(Eval("echo('x'.repeat(1e6)).length"), "1000000");
  EXPECT_EQ(Eval("echo('é'.repeat(1e5)) === 'é'.repeat(1e5)"), "true");
  EXPECT_EQ(Eval("echo(Symbol('s'))"),
            "throws: TypeError: echo(): argument 1 must be a string, received "
            "a symbol");
}

TEST_F(ConvertTest, Latin1) {
  Echo<Latin1>();
  EXPECT_EQ(Eval("echo('\\xE9\\xFF') === '\\xE9\\xFF'"), "true");
  EXPECT_EQ(Eval("try { echo('€') } catch (e) { e.name }"), "TypeError");
}

TEST_F(ConvertTest, OwnedBytes) {
  Echo<std::vector<uint8_t>>();
  EXPECT_EQ(Eval("echo(new Uint8Array([1, 2, 3])).join()"), "1,2,3");
  EXPECT_EQ(Eval("echo(new Uint8Array([1, 2, 3, 4]).subarray(1, 3)).join()"),
            "2,3");
  EXPECT_EQ(Eval("echo(new Uint16Array([258]).buffer).join()"), "2,1");
  EXPECT_EQ(Eval("echo(new DataView(new ArrayBuffer(2), 1)).length"), "1");
  EXPECT_EQ(
      Eval("const big = echo(new Uint8Array(1e6).fill(7)); gc(); big[999999]"),
      "7");
  EXPECT_EQ(Eval("echo(new Uint8Array(0)).length"), "0");
  EXPECT_EQ(Eval("echo([1])"),
            "throws: TypeError: echo(): argument 1 must be an ArrayBuffer, a "
            "typed array or a DataView, received an instance of Array");
  EXPECT_EQ(Eval("try { echo(new Uint8Array(new SharedArrayBuffer(8))) } catch "
                 "(e) { e.name }"),
            "TypeError");
}

TEST_F(ConvertTest, ResizableBuffersAreRefused) {
  runtime()
      .Module("native:echo")
      .Function("inPlace",
                [](std::span<uint8_t> bytes) { return bytes.size(); })
      .Function("copied",
                [](const std::vector<uint8_t>& bytes) { return bytes.size(); })
      .AsyncFunction("pinned",
                     [](std::span<const uint8_t> bytes) -> Task<size_t> {
                       co_return bytes.size();
                     });
  const std::string refused =
      "TypeError ERR_INVALID_ARG_TYPE\nTypeError ERR_INVALID_ARG_TYPE\n"
      "TypeError ERR_INVALID_ARG_TYPE\n";
  EXPECT_EQ(
      Run(R"(import { inPlace, copied, pinned } from "native:echo";
                  const buffer = new ArrayBuffer(4, { maxByteLength: 8 });
                  for (const value of [buffer, new Uint8Array(buffer), new DataView(buffer, 1, 2)]) {
                    for (const f of [inPlace, copied, pinned]) {
                      try { log(await f(value)); } catch (e) { log(`${e.name} ${e.code}`); }
                    }
                  }
                  await pinned(buffer).catch((e) => log(e.message));
                  log(inPlace(new ArrayBuffer(4)));)"),
      absl::StrCat(refused, refused, refused,
                   "pinned(): argument 1 must be bytes of an ArrayBuffer that "
                   "is not resizable, received an instance of ArrayBuffer\n"
                   "4\n"));
}

TEST_F(ConvertTest, BytesAreSeenInPlace) {
  runtime()
      .Module("native:echo")
      .Function("echo", [](std::span<uint8_t> bytes) {
        for (uint8_t& byte : bytes) ++byte;
        return bytes.size();
      });
  EXPECT_EQ(
      Eval("import('native:echo').then((m) => { globalThis.echo = m.echo; })"),
      "#<Promise>");
  EXPECT_EQ(
      Eval("const b = new Uint8Array([1, 255]); echo(b) + ':' + b.join()"),
      "2:2,0");
  EXPECT_EQ(Eval("const c = new Uint8Array(1000); echo(c.subarray(10)); c[9] + "
                 "':' + c[10]"),
            "0:1");
  EXPECT_EQ(Eval("echo(new ArrayBuffer(3))"), "3");
}

TEST_F(ConvertTest, Optional) {
  Echo<std::optional<int>>();
  EXPECT_EQ(Eval("echo()"), "undefined");
  EXPECT_EQ(Eval("echo(1)"), "1");
  EXPECT_EQ(Eval("try { echo(null) } catch (e) { e.message }"),
            "echo(): argument 1 must be an integer, received null");
}

TEST_F(ConvertTest, NullableValues) {
  Echo<Nullable<std::string>>();
  EXPECT_EQ(Eval("echo(null)"), "null");
  EXPECT_EQ(Eval("echo('x')"), "x");
  EXPECT_EQ(Eval("try { echo() } catch (e) { e.name }"), "TypeError");
}

TEST_F(ConvertTest, Vectors) {
  Echo<std::vector<std::vector<int>>>();
  EXPECT_EQ(Eval("json([])"), "[]");
  EXPECT_EQ(Eval("json([[1], [], [2, 3]])"), "[[1],[],[2,3]]");
  EXPECT_EQ(Eval("echo([[1], [2, 'x']])"),
            "throws: TypeError: echo(): argument 1 at [1][1] must "
            "be an integer, received string \"x\"");
  EXPECT_EQ(Eval("echo({ length: 1 })"),
            "throws: TypeError: echo(): argument 1 must be an array, "
            "received an instance of Object");
}

TEST_F(ConvertTest, Maps) {
  Echo<std::map<std::string, int>>();
  EXPECT_EQ(Eval("json({ b: 1, a: 2 })"), R"({"a":2,"b":1})");
  EXPECT_EQ(Eval("json(new Map([['x', 1]]))"), R"({"x":1})");
  EXPECT_EQ(Eval("json(Object.create({ inherited: 1 }))"), "{}");
  EXPECT_EQ(Eval("echo({ a: 'x' })"),
            "throws: TypeError: echo(): argument 1 at .a must be an "
            "integer, received string \"x\"");
  EXPECT_EQ(Eval("try { echo({ get a() { throw new Error('getter'); } }) } "
                 "catch (e) { e.message }"),
            "getter");
  EXPECT_EQ(
      Eval(
          "Object.hasOwn(echo(JSON.parse('{\"__proto__\": 1}')), '__proto__')"),
      "true");
}

TEST_F(ConvertTest, Tuples) {
  Echo<std::tuple<int, std::string>>();
  EXPECT_EQ(Eval("json([1, 'x'])"), R"([1,"x"])");
  EXPECT_EQ(Eval("echo([1])"),
            "throws: TypeError: echo(): argument 1 must be an array of length "
            "2, received an instance of Array");
  EXPECT_EQ(Eval("try { echo([1, 2]) } catch (e) { e.message }"),
            "echo(): argument 1 at [1] must be a string, received number 2");
}

TEST_F(ConvertTest, Variants) {
  Echo<std::variant<int, std::string, std::vector<int>>>();
  EXPECT_EQ(Eval("json(1)"), "1");
  EXPECT_EQ(Eval("json('x')"), "\"x\"");
  EXPECT_EQ(Eval("json([1])"), "[1]");
  EXPECT_EQ(Eval("echo(true)"),
            "throws: TypeError: echo(): argument 1 must be an integer or a "
            "string or an array, received boolean true");
}

TEST_F(ConvertTest, Structs) {
  Echo<Shape>();
  EXPECT_EQ(Eval("json({})"), R"({"name":"unnamed","points":[]})");
  EXPECT_EQ(Eval("json({ name: 'n', sides: 3, points: [{ x: 1 }], other: 1 })"),
            R"({"name":"n","sides":3,"points":[{"x":1,"y":0}]})");
  EXPECT_EQ(Eval("echo({ points: [{ x: 1 }, { y: 1 }] })"),
            "throws: TypeError: echo(): argument 1 at .points[1].x must be a "
            "number, received "
            "undefined");
  EXPECT_EQ(Eval("try { echo(null) } catch (e) { e.message }"),
            "echo(): argument 1 must be an object, received null");
  EXPECT_EQ(Eval("try { echo({ get name() { throw new Error('getter'); } }) } "
                 "catch (e) { e.message }"),
            "getter");
}

TEST_F(ConvertTest, Times) {
  Echo<absl::Time>();
  EXPECT_EQ(Eval("echo(new Date(1234.0)).getTime()"), "1234");
  EXPECT_EQ(Eval("echo(1500) instanceof Date"), "true");
  EXPECT_EQ(Eval("try { echo(new Date(NaN)) } catch (e) { e.name }"),
            "TypeError");
}

TEST_F(ConvertTest, Durations) {
  Echo<absl::Duration>();
  EXPECT_EQ(Eval("echo(1.5)"), "1.5");
  EXPECT_EQ(Eval("echo(Infinity)"), "Infinity");
  EXPECT_EQ(Eval("echo(-2)"), "-2");
  EXPECT_EQ(Eval("try { echo(NaN) } catch (e) { e.name }"), "TypeError");
}

TEST_F(ConvertTest, AnyValue) {
  Echo<JsValue>();
  EXPECT_EQ(Eval("const o = {}; echo(o) === o"), "true");
  EXPECT_EQ(Eval("echo()"), "undefined");
}

TEST_F(ConvertTest, LongStringsAreCutInMessages) {
  Echo<int>();
  EXPECT_EQ(Eval("try { echo('é'.repeat(100)) } catch (e) { e.message }"),
            "echo(): argument 1 must be an integer, received string "
            "\"éééééééééééééééé...\"");
  EXPECT_EQ(Eval("try { echo(() => 1) } catch (e) { e.message }"),
            "echo(): argument 1 must be an integer, received a function");
  EXPECT_EQ(Eval("try { echo(new Proxy({}, {})) } catch (e) { e.message }"),
            "echo(): argument 1 must be an integer, received a Proxy");
}

}  // namespace
}  // namespace braid
