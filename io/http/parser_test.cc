#include "io/http/parser.h"

#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "io/http/parser_testing.h"

namespace braid {
namespace {

using ::testing::StartsWith;

TEST(HttpParserTest, RequestWithoutBody) {
  EXPECT_EQ(
      Parse("GET /a?b=c HTTP/1.1\r\nHost: example.org\r\nX-Empty:\r\nAccept:  "
            "*/* \t\r\n\r\n"),
      "GET /a?b=c 1.1\n  Host=example.org\n  X-Empty=\n  Accept=*/*\nend\n");
}

TEST(HttpParserTest, HeadersKeepOrderCaseAndRepetition) {
  EXPECT_EQ(ParseHeaders("HOST: a\r\ncookie: 1\r\nCookie: 2\r\n"),
            "GET / 1.1\n  HOST=a\n  cookie=1\n  Cookie=2\nend\n");
}

TEST(HttpParserTest, BytesAboveAsciiPassInValues) {
  EXPECT_EQ(ParseHeaders("Host: a\r\nX: \xc3\xa4\r\n"),
            "GET / 1.1\n  Host=a\n  X=\xc3\xa4\nend\n");
}

TEST(HttpParserTest, PipelinedRequests) {
  EXPECT_EQ(
      Parse("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n"
            "POST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"
            "GET /3 HTTP/1.1\r\nHost: a\r\n\r\n"),
      "GET /1 1.1\n  Host=a\nend\n"
      "POST /2 1.1\n  Host=a\n  Content-Length=5\nhello end\n"
      "GET /3 1.1\n  Host=a\nend\n");
}

TEST(HttpParserTest, SizedBodyOfZeroIsNone) {
  EXPECT_EQ(Parse("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"),
            "POST / 1.1\n  Host=a\n  Content-Length=0\nend\n");
}

TEST(HttpParserTest, BodyThatIsNotCompleteYet) {
  EXPECT_EQ(Parse("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhel"),
            "POST / 1.1\n  Host=a\n  Content-Length=5\nincomplete\n");
}

TEST(HttpParserTest, ChunkedBody) {
  EXPECT_EQ(ParseChunked("3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n"),
            "abc0123456789 end\n");
  EXPECT_EQ(ParseChunked("0\r\n\r\n"), "end\n");
  EXPECT_EQ(ParseChunked("0\r\n\r\nGET / HTTP/1.1\r\nHost: b\r\n\r\n"),
            "end\nGET / 1.1\n  Host=b\nend\n");
}

TEST(HttpParserTest, ChunkExtensionsAndTrailersAreDropped) {
  EXPECT_EQ(
      ParseChunked(
          "3;a;b=c;d=\"e f\"\r\nabc\r\n0;z\r\nX-Sum: 1\r\nHost: evil\r\n\r\n"),
      "abc end\n");
}

// Else it could take back what the response has said.
TEST(HttpParserTest, TrailersDoNotEndTheConnection) {
  EXPECT_EQ(ParseChunked("0\r\nConnection: close\r\n\r\n"
                         "GET / HTTP/1.1\r\nHost: b\r\n\r\n"),
            "end\nGET / 1.1\n  Host=b\nend\n");
}

TEST(HttpParserTest, LineBreaksBeforeARequestAreSkipped) {
  EXPECT_EQ(Parse("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n\r\n\r\nGET / "
                  "HTTP/1.1\r\nHost: a\r\n\r\n"),
            "GET / 1.1\n  Host=a\nend\nGET / 1.1\n  Host=a\nend\n");
  EXPECT_EQ(Parse("\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
            "400 line breaks instead of a request\n");
}

TEST(HttpParserTest, LineBreaksAreCountedAcrossParsers) {
  HttpServerOptions options;
  HttpRequestHead head;
  HttpParser first(options);
  std::string_view input = "\r\n\r";
  EXPECT_EQ(first.Next(input, head), HttpParser::Event::kNeedMore);
  HttpParser second(options);
  second.Skipped(first.skipped_bytes());
  input = "\n";
  EXPECT_EQ(second.Next(input, head), HttpParser::Event::kNeedMore);
  input = "\r";
  EXPECT_EQ(second.Next(input, head), HttpParser::Event::kError);
}

TEST(HttpParserTest, KeepAliveByVersionAndConnection) {
  EXPECT_THAT(Parse("GET / HTTP/1.0\r\n\r\n"), StartsWith("GET / 1.0 close\n"));
  EXPECT_THAT(Parse("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"),
              StartsWith("GET / 1.0\n"));
  EXPECT_THAT(ParseHeaders("Host: a\r\nConnection: foo, Close\r\n"),
              StartsWith("GET / 1.1 close\n"));
}

TEST(HttpParserTest, UpgradeMeansNothing) {
  EXPECT_EQ(Parse("GET / HTTP/1.1\r\nHost: a\r\nConnection: "
                  "upgrade\r\nUpgrade: h2c\r\n\r\n"
                  "GET /2 HTTP/1.1\r\nHost: a\r\n\r\n"),
            "GET / 1.1\n  Host=a\n  Connection=upgrade\n  Upgrade=h2c\nend\n"
            "GET /2 1.1\n  Host=a\nend\n");
  EXPECT_EQ(Parse("POST / HTTP/1.1\r\nHost: a\r\nConnection: "
                  "upgrade\r\nUpgrade: websocket\r\n"
                  "Content-Length: 2\r\n\r\nhi"),
            "POST / 1.1\n  Host=a\n  Connection=upgrade\n  Upgrade=websocket\n"
            "  Content-Length=2\nhi end\n");
}

TEST(HttpParserTest, Expect) {
  EXPECT_THAT(Parse("POST / HTTP/1.1\r\nHost: a\r\nExpect: "
                    "100-Continue\r\nContent-Length: 1\r\n\r\n"),
              StartsWith("POST / 1.1 expect\n"));
  // Nothing to wait for, or nobody who could be told.
  EXPECT_THAT(ParseHeaders("Host: a\r\nExpect: 100-continue\r\n"),
              StartsWith("GET / 1.1\n"));
  EXPECT_THAT(Parse("POST / HTTP/1.0\r\nExpect: "
                    "100-continue\r\nContent-Length: 1\r\n\r\n"),
              StartsWith("POST / 1.0 close\n"));
  EXPECT_EQ(ParseHeaders("Host: a\r\nExpect: 200-ok\r\n"),
            "417 an Expect other than 100-continue\n");
}

TEST(HttpParserTest, TargetForms) {
  HttpServerOptions options;
  HttpParser parser(options);
  HttpRequestHead head;
  const auto parse = [&](std::string_view target) {
    const std::string text =
        absl::StrCat("OPTIONS ", target, " HTTP/1.1\r\nHost: h:1\r\n\r\n");
    std::string_view input = text;
    EXPECT_EQ(parser.Next(input, head), HttpParser::Event::kHead)
        << parser.refusal().message;
    parser.StartNext();
    EXPECT_EQ(head.target(), target);
    return absl::StrCat(head.path(), " ", head.query(), " ", head.authority());
  };
  EXPECT_EQ(parse("/"), "/  h:1");
  EXPECT_EQ(parse("/a/b?c=d?e"), "/a/b c=d?e h:1");
  EXPECT_EQ(parse("/a?"), "/a  h:1");
  EXPECT_EQ(parse("//a"), "//a  h:1");
  EXPECT_EQ(parse("*"), "*  h:1");
  EXPECT_EQ(parse("http://x.org"), "/  x.org");
  EXPECT_EQ(parse("HTTPS://x.org:8/a?b"), "/a b x.org:8");
  EXPECT_EQ(parse("http://[::1]:8?b"), "/ b [::1]:8");
  EXPECT_EQ(parse("/http://evil/"), "/http://evil/  h:1");
}

TEST(HttpParserTest, AuthorityOfNobody) {
  HttpServerOptions options;
  HttpParser parser(options);
  HttpRequestHead head;
  std::string_view input = "GET / HTTP/1.0\r\n\r\n";
  ASSERT_EQ(parser.Next(input, head), HttpParser::Event::kHead);
  EXPECT_EQ(head.authority(), "");
}

TEST(HttpParserTest, Methods) {
  HttpServerOptions options;
  HttpRequestHead head;
  const auto method = [&](std::string_view name) {
    HttpParser parser(options);
    const std::string text =
        absl::StrCat(name, " / HTTP/1.1\r\nHost: h\r\n\r\n");
    std::string_view input = text;
    EXPECT_EQ(parser.Next(input, head), HttpParser::Event::kHead)
        << parser.refusal().message;
    EXPECT_EQ(head.method_name(), name);
    return head.method();
  };
  EXPECT_EQ(method("GET"), HttpMethod::kGet);
  EXPECT_EQ(method("HEAD"), HttpMethod::kHead);
  EXPECT_EQ(method("POST"), HttpMethod::kPost);
  EXPECT_EQ(method("PUT"), HttpMethod::kPut);
  EXPECT_EQ(method("DELETE"), HttpMethod::kDelete);
  EXPECT_EQ(method("PATCH"), HttpMethod::kPatch);
  EXPECT_EQ(method("OPTIONS"), HttpMethod::kOptions);
  EXPECT_EQ(method("TRACE"), HttpMethod::kTrace);
  EXPECT_EQ(method("PROPFIND"), HttpMethod::kOther);
  EXPECT_EQ(method("M-SEARCH"), HttpMethod::kOther);
}

TEST(HttpParserTest, StaysRefused) {
  HttpServerOptions options;
  HttpParser parser(options);
  HttpRequestHead head;
  std::string_view input = "FOO / HTTP/1.1\r\n";
  EXPECT_EQ(parser.Next(input, head), HttpParser::Event::kError);
  input = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  EXPECT_EQ(parser.Next(input, head), HttpParser::Event::kError);
  EXPECT_EQ(parser.refusal().status, 501);
  parser.Reset();
  EXPECT_EQ(parser.Next(input, head), HttpParser::Event::kHead);
}

TEST(HttpParserTest, ResetForgetsAHalfRequest) {
  HttpServerOptions options;
  HttpParser parser(options);
  HttpRequestHead head;
  for (std::string_view half :
       {"GET / HT", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n12",
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"}) {
    parser.Next(half, head);
    parser.Reset();
    EXPECT_TRUE(parser.at_start());
    std::string_view input = "GET /b HTTP/1.1\r\nHost: a\r\n\r\n";
    EXPECT_EQ(parser.Next(input, head), HttpParser::Event::kHead);
    EXPECT_EQ(head.target(), "/b");
    EXPECT_EQ(head.headers().size(), 1u);
    parser.Reset();
  }
}

TEST(HttpParserTest, WarmHeadsAllocateNothing) {
  HttpServerOptions options;
  HttpParser parser(options);
  HttpRequestHead head;
  size_t capacity = 0;
  for (int i = 0; i < 10; ++i) {
    std::string_view input = "GET / HTTP/1.1\r\nHost: a\r\nAccept: */*\r\n\r\n";
    ASSERT_EQ(parser.Next(input, head), HttpParser::Event::kHead);
    parser.StartNext();
    if (i == 0) capacity = head.capacity_bytes();
    EXPECT_EQ(head.capacity_bytes(), capacity);
  }
  head.Clear();
  head.ReleaseMemory();
  EXPECT_LT(head.capacity_bytes(), 32u);
}

}  // namespace
}  // namespace braid
