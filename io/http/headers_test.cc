#include "io/http/headers.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace braid {
namespace {

using ::testing::HasSubstr;

std::string Wire(const HttpHeaders& headers) {
  std::string wire(headers.wire_bytes(), '?');
  EXPECT_EQ(headers.WriteTo(wire.data()), wire.data() + wire.size());
  return wire;
}

TEST(HttpHeadersTest, KeepsOrderCaseAndRepetition) {
  HttpHeaders headers;
  EXPECT_TRUE(headers.empty());
  ASSERT_EQ(headers.Append("Set-Cookie", "a=1"), absl::OkStatus());
  ASSERT_EQ(headers.Append("X-Y", ""), absl::OkStatus());
  ASSERT_EQ(headers.Append("set-cookie", " b=2\t"), absl::OkStatus());
  EXPECT_EQ(headers.size(), 3u);
  EXPECT_EQ(headers.Get("SET-COOKIE"), "a=1");
  EXPECT_EQ(headers.GetCombined("set-cookie"), "a=1, b=2");
  EXPECT_EQ(headers.Get("x-y"), "");
  EXPECT_EQ(headers.Get("x"), std::nullopt);
  EXPECT_EQ(headers.GetCombined("x"), std::nullopt);
  EXPECT_EQ(Wire(headers), "Set-Cookie: a=1\r\nX-Y: \r\nset-cookie: b=2\r\n");
  std::vector<std::string> names;
  for (HttpHeaders::Header header : headers) names.emplace_back(header.name);
  EXPECT_EQ(names,
            (std::vector<std::string>{"Set-Cookie", "X-Y", "set-cookie"}));
}

TEST(HttpHeadersTest, SetReplacesAllOfThatName) {
  HttpHeaders headers;
  ASSERT_EQ(headers.Append("A", "1"), absl::OkStatus());
  ASSERT_EQ(headers.Append("B", "2"), absl::OkStatus());
  ASSERT_EQ(headers.Append("a", "3"), absl::OkStatus());
  ASSERT_EQ(headers.Set("a", "4"), absl::OkStatus());
  EXPECT_EQ(Wire(headers), "B: 2\r\na: 4\r\n");
  ASSERT_EQ(headers.Set("c", "5"), absl::OkStatus());
  EXPECT_EQ(Wire(headers), "B: 2\r\na: 4\r\nc: 5\r\n");
}

TEST(HttpHeadersTest, DeleteTellsHowMany) {
  HttpHeaders headers;
  ASSERT_EQ(headers.Append("Host", "a"), absl::OkStatus());
  ASSERT_EQ(headers.Append("host", "b"), absl::OkStatus());
  EXPECT_EQ(headers.Delete("x"), 0u);
  EXPECT_TRUE(headers.Has(HttpField::kHost));
  EXPECT_EQ(headers.Delete("HOST"), 2u);
  EXPECT_FALSE(headers.Has(HttpField::kHost));
  EXPECT_FALSE(headers.Has("host"));
  EXPECT_EQ(Wire(headers), "");
}

TEST(HttpHeadersTest, KnownFieldsAreFoundByNumber) {
  const std::pair<std::string_view, HttpField> fields[] = {
      {"Connection", HttpField::kConnection},
      {"CONTENT-LENGTH", HttpField::kContentLength},
      {"Date", HttpField::kDate},
      {"Expect", HttpField::kExpect},
      {"Host", HttpField::kHost},
      {"Transfer-Encoding", HttpField::kTransferEncoding},
  };
  for (const auto& [name, field] : fields) {
    EXPECT_EQ(FieldOf(name), field);
    HttpHeaders headers;
    EXPECT_FALSE(headers.Has(field));
    ASSERT_EQ(headers.Append("X", "0"), absl::OkStatus());
    ASSERT_EQ(headers.Append(name, "1"), absl::OkStatus());
    EXPECT_EQ(headers.Get(field), "1");
    EXPECT_EQ(headers.Get(name), "1");
  }
  EXPECT_EQ(FieldOf("hose"), HttpField::kOther);
  EXPECT_EQ(FieldOf(""), HttpField::kOther);
}

TEST(HttpHeadersTest, RefusesWhatWouldBreakTheMessage) {
  HttpHeaders headers;
  for (std::string_view name :
       {"", "a b", "a:", "a\r\nb", "\xc3\xa4", "a\x7f"}) {
    EXPECT_EQ(headers.Append(name, "x").code(),
              absl::StatusCode::kInvalidArgument)
        << name;
    EXPECT_EQ(headers.Set(name, "x").code(), absl::StatusCode::kInvalidArgument)
        << name;
  }
  // At every position of a value that is checked in words of eight bytes.
  for (char bad : {'\r', '\n', '\0', '\x01', '\x1f', '\x7f'}) {
    for (size_t at = 0; at < 20; ++at) {
      std::string value(21, 'x');
      // Spaces at the ends are stripped, these are not.
      value[at + (at == 0)] = bad;
      const absl::Status status = headers.Append("name", value);
      EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
      EXPECT_THAT(std::string(status.message()),
                  HasSubstr(absl::StrCat("at position ", at + (at == 0),
                                         " of the value")));
      EXPECT_FALSE(headers.Set("name", value).ok());
    }
  }
  EXPECT_TRUE(headers.empty());
  EXPECT_EQ(headers.Append("name", "tab\tand \x80\xff are fine ~!"),
            absl::OkStatus());
}

// Nobody but the parser gets around the checks.
template <typename T>
concept CanBeAddedToUnchecked = requires(T& headers) {
  headers.text().append("x: y\r\n");
} || requires(T& headers) { headers.AddParsed(0, 1, 3, 1, HttpField::kOther); };
static_assert(!CanBeAddedToUnchecked<HttpHeaders>);

TEST(HttpHeadersTest, SettingOverAndOverStaysSmall) {
  HttpHeaders headers;
  ASSERT_EQ(headers.Append("first", "stays"), absl::OkStatus());
  for (int i = 0; i < 10'000; ++i) {
    ASSERT_EQ(headers.Set("counter", absl::StrCat(i)), absl::OkStatus());
  }
  EXPECT_EQ(Wire(headers), "first: stays\r\ncounter: 9999\r\n");
  EXPECT_LT(headers.capacity_bytes(), 8192u);
}

TEST(HttpHeadersTest, ClearKeepsMemoryAndReleaseDoesNot) {
  HttpHeaders headers;
  ASSERT_EQ(headers.Append("a", std::string(500, 'x')), absl::OkStatus());
  headers.Clear();
  EXPECT_TRUE(headers.empty());
  EXPECT_FALSE(headers.Has("a"));
  EXPECT_GT(headers.capacity_bytes(), 500u);
  headers.ReleaseMemory();
  EXPECT_LT(headers.capacity_bytes(), 32u);
}

}  // namespace
}  // namespace braid
