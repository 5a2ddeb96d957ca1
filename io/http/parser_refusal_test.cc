// Everything that HttpParser refuses: the malformed, the ambiguous, and what is
// above a limit.

#include <string>
#include <string_view>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "io/http/parser.h"
#include "io/http/parser_testing.h"

namespace braid {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

struct Malformed {
  std::string_view text;
  int status;
  std::string_view message;  // A part of it.
};

// Every way in which a request line can be wrong.
TEST(HttpParserRefusalTest, RefusesMalformedRequestLines) {
  const Malformed corpus[] = {
      {"\x16\x03\x01\x02 tls", 400, "Invalid method"},
      {" GET / HTTP/1.1\r\nHost: a\r\n\r\n", 400, "Invalid method"},
      {"GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", 400, "space"},
      {"GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400, "request line"},
      {"GET /  HTTP/1.1\r\nHost: a\r\n\r\n", 400, "request line"},
      {"GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 400, "CRLF"},
      {"GET / HTTP/1.1\nHost: a\n\n", 400, "CRLF"},
      {"GET / HTTP/1.1\rHost: a\r\n\r\n", 400, "LF"},
      {"GET /\x01 HTTP/1.1\r\nHost: a\r\n\r\n", 400, "url"},
      {"GET /\x7f HTTP/1.1\r\nHost: a\r\n\r\n", 400, "url"},
      {"GET /\xc3\xa4 HTTP/1.1\r\nHost: a\r\n\r\n", 400, "url"},
      {"GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", 400, "fragment"},
      {"GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400, "OPTIONS"},
      {"GET a HTTP/1.1\r\nHost: a\r\n\r\n", 400, ""},
      {"GET ?a HTTP/1.1\r\nHost: a\r\n\r\n", 400, ""},
      {"GET http HTTP/1.1\r\nHost: a\r\n\r\n", 400, ""},
      {"GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400, "http URL"},
      {"GET http:///a HTTP/1.1\r\nHost: a\r\n\r\n", 400, ""},
      {"GET http:// HTTP/1.1\r\nHost: a\r\n\r\n", 400, "host"},
      {"GET http://u@h/ HTTP/1.1\r\nHost: a\r\n\r\n", 400, "host"},
      {"GET / http/1.1\r\nHost: a\r\n\r\n", 400, "HTTP/"},
      {"GET / RTSP/1.0\r\nHost: a\r\n\r\n", 400, "request line"},
      {"SOURCE / ICE/1.0\r\nHost: a\r\n\r\n", 400, "request line"},
      {"GET / HTTP/1.11\r\nHost: a\r\n\r\n", 400, ""},
      {"GET / HTTP/11\r\nHost: a\r\n\r\n", 400, ""},
      {"GET / HTTP/1.x\r\nHost: a\r\n\r\n", 400, ""},
      {"GET /\r\n\r\n", 505, "HTTP/0.9"},
      {"GET / HTTP/0.9\r\n\r\n", 505, "HTTP/0.9"},
      {"GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505, "HTTP/1.2"},
      {"GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505, "HTTP/2.0"},
      {"GET / HTTP/3.0\r\nHost: a\r\n\r\n", 505, "HTTP/3.0"},
      {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "HTTP/2"},
      {"FOO / HTTP/1.1\r\nHost: a\r\n\r\n", 501, "unknown method"},
      {"get / HTTP/1.1\r\nHost: a\r\n\r\n", 501, "unknown method"},
      {"GETT / HTTP/1.1\r\nHost: a\r\n\r\n", 501, "unknown method"},
      {"GE / HTTP/1.1\r\nHost: a\r\n\r\n", 501, "unknown method"},
      {"DESCRIBE / HTTP/1.1\r\nHost: a\r\n\r\n", 501, "unknown method"},
      {"CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", 501, "CONNECT"},
  };
  for (const Malformed& request : corpus) {
    const std::string transcript = Parse(request.text);
    EXPECT_THAT(transcript, StartsWith(absl::StrCat(request.status, " ")))
        << absl::CEscape(request.text);
    EXPECT_THAT(transcript, HasSubstr(request.message))
        << absl::CEscape(request.text);
  }
}

TEST(HttpParserRefusalTest, RefusesMalformedHeaders) {
  const Malformed corpus[] = {
      {"", 400, "Host is missing"},
      {"Host: a\r\nHost: a\r\n", 400, "more than one Host"},
      {"Host: a\r\nhOST: b\r\n", 400, "more than one Host"},
      {"Host: a b\r\n", 400, "Host"},
      {"Host: a/b\r\n", 400, "Host"},
      {"Host: u@a\r\n", 400, "Host"},
      {"Host : a\r\n", 400, "header token"},
      {"Host\t: a\r\n", 400, "header token"},
      {" Host: a\r\n", 400, "space"},
      {"Host: a\r\n b\r\n", 400, "whitespace"},
      {"Host: a\r\nX: 1\r\n\t2\r\n", 400, "whitespace"},
      {"Host: a\r\nX\r\n", 400, "header token"},
      {"Host: a\r\n: x\r\n", 400, "header token"},
      {"Host: a\r\nX Y: 1\r\n", 400, "header token"},
      {"Host: a\r\nX\x01: 1\r\n", 400, "header token"},
      {"Host: a\r\n\xc3\xa4: 1\r\n", 400, "header token"},
      {"Host: a\r\nX(: 1\r\n", 400, "header token"},
      {"Host: a\r\nX: 1\n", 400, "CR"},
      {"Host: a\r\nX: 1\rY: 2\r\n", 400, "LF"},
      {"Host: a\r\nX: \x01\r\n", 400, "value char"},
      {"Host: a\r\nX: \x7f\r\n", 400, "value char"},
      {std::string_view("Host: a\r\nX: \0\r\n", 15), 400, "value char"},
  };
  for (const Malformed& headers : corpus) {
    const std::string transcript = ParseHeaders(headers.text);
    EXPECT_THAT(transcript, StartsWith(absl::StrCat(headers.status, " ")))
        << absl::CEscape(headers.text);
    EXPECT_THAT(transcript, HasSubstr(headers.message))
        << absl::CEscape(headers.text);
  }
}

// What a refused request was is known as far as it was understood: a response
// to HEAD has no body, also when it is a refusal.
TEST(HttpParserRefusalTest, RefusedRequestsHaveAMethod) {
  HttpServerOptions options;
  options.max_target_bytes = 10;
  HttpRequestHead head;
  for (std::string_view input :
       {"HEAD /\x01 HTTP/1.1\r\n\r\n", "HEAD /0123456789 HTTP/1.1\r\n\r\n",
        "HEAD / HTTP/1.1\r\nX Y: 1\r\n\r\n", "HEAD / HTTP/1.1\r\n\r\n",
        "HEAD / HTTP/1.2\r\n\r\n"}) {
    HttpParser parser(options);
    EXPECT_EQ(parser.Next(input, head), HttpParser::Event::kError);
    EXPECT_EQ(head.method(), HttpMethod::kHead);
    // And says nothing about what follows.
    parser.Reset();
    input = "\n\n\n\n\n";
    EXPECT_EQ(parser.Next(input, head), HttpParser::Event::kError);
    EXPECT_EQ(head.method(), HttpMethod::kOther);
  }
}

// Requests whose end two servers could see at different places.
TEST(HttpParserRefusalTest, RefusesAmbiguousFraming) {
  const Malformed corpus[] = {
      {"Content-Length: 3\r\nContent-Length: 3\r\n", 400, "Content-Length"},
      {"Content-Length: 3\r\nContent-Length: 4\r\n", 400, "Content-Length"},
      {"Content-Length: 3, 3\r\n", 400, "Content-Length"},
      {"Content-Length: 3 4\r\n", 400, "Content-Length"},
      {"Content-Length:\r\n", 400, "Content-Length"},
      {"Content-Length: +3\r\n", 400, "Content-Length"},
      {"Content-Length: -3\r\n", 400, "Content-Length"},
      {"Content-Length: 0x3\r\n", 400, "Content-Length"},
      {"Content-Length: 3a\r\n", 400, "Content-Length"},
      {"Content-Length: 99999999999999999999\r\n", 400, "Content-Length"},
      {"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", 400,
       "Transfer-Encoding"},
      {"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", 400,
       "Content-Length"},
      {"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", 400,
       "Transfer-Encoding"},
      {"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", 400,
       "Transfer-Encoding"},
      {"Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n", 501,
       "Transfer-Encoding"},
      {"Transfer-Encoding: chunked, chunked\r\n", 400, "Transfer-Encoding"},
      {"Transfer-Encoding: chunked, gzip\r\n", 400, "Transfer-Encoding"},
      {"Transfer-Encoding: gzip, chunked\r\n", 501, "Transfer-Encoding"},
      {"Transfer-Encoding: gzip\r\n", 501, "Transfer-Encoding"},
      {"Transfer-Encoding: identity\r\n", 501, "Transfer-Encoding"},
      {"Transfer-Encoding: xchunked\r\n", 501, "Transfer-Encoding"},
      {"Transfer-Encoding: chunkedx\r\n", 501, "Transfer-Encoding"},
      {"Transfer-Encoding: \"chunked\"\r\n", 501, "Transfer-Encoding"},
      {"Transfer-Encoding: chunked;q=1\r\n", 501, "Transfer-Encoding"},
      {"Transfer-Encoding: chunked\t\r\n", 400, "Transfer-Encoding"},
      {"Transfer-Encoding: chunked \t\r\n", 400, "Transfer-Encoding"},
      {"Transfer-Encoding: chunked\t \r\n", 400, "Transfer-Encoding"},
      {"Transfer-Encoding:\tchunked\t\r\n", 400, "Transfer-Encoding"},
      {"Transfer-Encoding:\r\n", 400, "Transfer-Encoding"},
      {"Transfer-Encoding: \x0b"
       "chunked\r\n",
       400, ""},
      {"Transfer-Encoding : chunked\r\n", 400, "header field char"},
      {"Transfer-Encoding:\r\n chunked\r\n", 400, ""},
      {"X: y\nTransfer-Encoding: chunked\r\n", 400, "CR"},
  };
  for (const Malformed& headers : corpus) {
    const std::string transcript =
        Parse(absl::StrCat("POST / HTTP/1.1\r\nHost: a\r\n", headers.text,
                           "\r\n3\r\nabc\r\n0\r\n\r\n"));
    EXPECT_THAT(transcript, StartsWith(absl::StrCat(headers.status, " ")))
        << absl::CEscape(headers.text);
    EXPECT_THAT(transcript, HasSubstr(headers.message))
        << absl::CEscape(headers.text);
  }
  EXPECT_EQ(
      Parse("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
      "400 malformed request: Transfer-Encoding in HTTP/1.0\n");
  // A tab before the value leaves no doubt.
  EXPECT_THAT(Parse("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\tchunked"
                    "\r\n\r\n0\r\n\r\n"),
              StartsWith("POST / 1.1 chunked\n"));
}

TEST(HttpParserRefusalTest, RefusesMalformedChunks) {
  for (std::string_view body : {
           "3 \r\nabc\r\n0\r\n\r\n",   // A space behind the size.
           " 3\r\nabc\r\n0\r\n\r\n",   // And before it.
           "3\nabc\n0\n\n",            // Bare line feeds.
           "3\rabc\r\n0\r\n\r\n",      // A bare carriage return.
           "3\r\nabcd\r\n0\r\n\r\n",   // Longer than its size.
           "3\r\nabc0\r\n\r\n",        // No line break behind it.
           "3\r\nabc\n0\r\n\r\n",      // Half of one.
           "0x3\r\nabc\r\n0\r\n\r\n",  // Not plain hexadecimal.
           "+3\r\nabc\r\n0\r\n\r\n",
           "-3\r\nabc\r\n0\r\n\r\n",
           "g\r\n",
           "\r\n",  // No size.
           ";a\r\nabc\r\n0\r\n\r\n",
           "10000000000000000\r\n",  // Above 64 bits.
           "3;a\nabc\r\n0\r\n\r\n",  // A bare line feed in an extension.
           "3;a\rb\r\nabc\r\n0\r\n\r\n",
           "3;a\x01\r\nabc\r\n0\r\n\r\n",
           "3;a=\"x\r\ny\"\r\nabc\r\n0\r\n\r\n",
           "0\r\nX : y\r\n\r\n",  // Malformed trailers.
           "0\r\nX: y\n\r\n",
           "0\r\nContent-Length: 5\r\n\r\n",
           "0\r\nX\r\n\r\n",
       }) {
    EXPECT_THAT(ParseChunked(body), HasSubstr("400 malformed body: "))
        << absl::CEscape(body);
  }
}

TEST(HttpParserRefusalTest, LimitsHeaderBytes) {
  HttpServerOptions options;
  const std::string start = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
  const std::string exact =
      start + std::string(200 - start.size() - 4, 'x') + "\r\n\r\n";
  options.max_header_bytes = 200;
  ASSERT_EQ(exact.size(), 200u);
  EXPECT_THAT(Parse(exact, options), StartsWith("GET / 1.1"));
  options.max_header_bytes = 199;
  EXPECT_EQ(Parse(exact, options),
            "431 the bytes of the request's head are above the limit of 199 "
            "(max_header_bytes)\n");
  // A flood that never comes to an end is cut off as well.
  EXPECT_THAT(Transcript({start + std::string(20'000, 'x')}, {}),
              StartsWith("431 "));
}

TEST(HttpParserRefusalTest, LimitsHeaderCount) {
  HttpServerOptions options;
  options.max_header_count = 3;
  EXPECT_THAT(
      Parse("GET / HTTP/1.1\r\nHost: a\r\nA: 1\r\nB: 2\r\n\r\n", options),
      StartsWith("GET / 1.1"));
  EXPECT_EQ(
      Parse("GET / HTTP/1.1\r\nHost: a\r\nA: 1\r\nB: 2\r\nC: 3\r\n\r\n",
            options),
      "431 the number of headers is above the limit of 3 (max_header_count)\n");
}

TEST(HttpParserRefusalTest, LimitsTarget) {
  HttpServerOptions options;
  options.max_target_bytes = 10;
  EXPECT_THAT(Parse("GET /123456789 HTTP/1.1\r\nHost: a\r\n\r\n", options),
              StartsWith("GET /123456789 1.1"));
  EXPECT_EQ(Parse("GET /1234567890 HTTP/1.1\r\nHost: a\r\n\r\n", options),
            "414 the bytes of the target are above the limit of 10 "
            "(max_target_bytes)\n");
}

TEST(HttpParserRefusalTest, LimitsSizedBodyBeforeItComes) {
  HttpServerOptions options;
  options.max_body_bytes = 5;
  EXPECT_THAT(
      Parse("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n12345",
            options),
      HasSubstr("12345 end"));
  EXPECT_EQ(
      Parse("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\n", options),
      "413 the bytes of the body are above the limit of 5 (max_body_bytes)\n");
}

TEST(HttpParserRefusalTest, LimitsChunkedBody) {
  HttpServerOptions options;
  options.max_body_bytes = 5;
  EXPECT_EQ(ParseChunked("3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", options),
            "abcde end\n");
  EXPECT_EQ(
      ParseChunked("3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n", options),
      "413 the bytes of the body are above the limit of 5 (max_body_bytes)\n");
}

TEST(HttpParserRefusalTest, LimitsChunkFraming) {
  const auto chunked = [](std::string body) {
    return Transcript(
        {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
         std::move(body)});
  };
  // Padded sizes, extensions in one chunk, extensions spread over many, and
  // trailers.
  EXPECT_THAT(chunked(std::string(20'000, '0')),
              HasSubstr("\n400 the bytes of chunk sizes"));
  EXPECT_THAT(chunked("1;" + std::string(20'000, 'a')),
              HasSubstr("\n400 the bytes of chunk"));
  std::string spread;
  for (int i = 0; i < 300; ++i)
    absl::StrAppend(&spread, "1;", std::string(100, 'a'), "\r\nx\r\n");
  EXPECT_THAT(chunked(spread), HasSubstr("\n400 the bytes of chunk sizes"));
  std::string trailers = "0\r\n";
  for (int i = 0; i < 300; ++i)
    absl::StrAppend(&trailers, "X: ", std::string(100, 'a'), "\r\n");
  EXPECT_THAT(chunked(trailers), HasSubstr("\n431 the bytes of chunk sizes"));

  // A sender that writes byte by byte is slow, not hostile.
  std::string bytes;
  for (int i = 0; i < 50'000; ++i) bytes += "1\r\nx\r\n";
  EXPECT_THAT(chunked(bytes + "0\r\n\r\n"), HasSubstr("x end\n"));
}

}  // namespace
}  // namespace braid
