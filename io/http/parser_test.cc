#include "io/http/parser.h"

#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace braid {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// Parses `pieces` and writes down everything that happened, body pieces joined
// together. "400 ..." stands for a refusal.
std::string Transcript(const std::vector<std::string_view>& pieces,
                       const HttpServerOptions& options = {}) {
  HttpParser parser(options);
  HttpRequestHead head;
  std::string transcript;
  std::string body;
  const auto end_of_request = [&] {
    absl::StrAppend(&transcript, body, body.empty() ? "" : " ", "end\n");
    body.clear();
    parser.StartNext();
  };
  for (std::string_view piece : pieces) {
    // As received bytes do, the piece goes away once it was given.
    std::string storage(piece);
    std::string_view input = storage;
    for (bool more = true; more;) {
      switch (parser.Next(input, head)) {
        case HttpParser::Event::kNeedMore:
          EXPECT_TRUE(input.empty());
          more = false;
          break;
        case HttpParser::Event::kHead:
          absl::StrAppend(&transcript, head.method_name(), " ", head.target(),
                          " 1.", head.minor_version(),
                          head.keep_alive() ? "" : " close",
                          head.chunked() ? " chunked" : "",
                          head.expects_continue() ? " expect" : "", "\n");
          for (HttpHeaders::Header header : head.headers()) {
            absl::StrAppend(&transcript, "  ", header.name, "=", header.value,
                            "\n");
          }
          EXPECT_EQ(parser.complete(), !head.has_body());
          if (!head.has_body()) end_of_request();
          break;
        case HttpParser::Event::kBody:
          EXPECT_FALSE(parser.body().empty());
          body += parser.body();
          if (parser.complete()) end_of_request();
          break;
        case HttpParser::Event::kEnd:
          end_of_request();
          break;
        case HttpParser::Event::kError:
          return absl::StrCat(transcript, parser.refusal().status, " ",
                              parser.refusal().message, "\n");
      }
    }
  }
  return transcript + (parser.at_start() ? "" : "incomplete\n");
}

// The transcript of `text`, after seeing that it stays the same however the
// text is cut in two, and when it comes byte by byte.
std::string Parse(std::string_view text,
                  const HttpServerOptions& options = {}) {
  const std::string whole = Transcript({text}, options);
  for (size_t cut = 1; cut < text.size(); ++cut) {
    EXPECT_EQ(Transcript({text.substr(0, cut), text.substr(cut)}, options),
              whole)
        << "cut at " << cut << " of " << absl::CEscape(text);
  }
  std::vector<std::string_view> bytes;
  for (size_t i = 0; i < text.size(); ++i) bytes.push_back(text.substr(i, 1));
  EXPECT_EQ(Transcript(bytes, options), whole)
      << "byte by byte: " << absl::CEscape(text);
  return whole;
}

// The transcript of a GET with these header lines, each with its line break.
std::string ParseHeaders(std::string_view lines) {
  return Parse(absl::StrCat("GET / HTTP/1.1\r\n", lines, "\r\n"));
}

std::string ParseChunked(std::string_view body,
                         const HttpServerOptions& options = {}) {
  const std::string transcript = Parse(
      absl::StrCat(
          "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
          body),
      options);
  const size_t head_end =
      transcript.find("chunked\n  Host=a\n  Transfer-Encoding=chunked\n");
  if (head_end == std::string::npos) return transcript;
  return transcript.substr(
      head_end +
      std::string_view("chunked\n  Host=a\n  Transfer-Encoding=chunked\n")
          .size());
}

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

TEST(HttpParserTest, LineBreaksBeforeARequestAreSkipped) {
  EXPECT_EQ(Parse("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n\r\n\r\nGET / "
                  "HTTP/1.1\r\nHost: a\r\n\r\n"),
            "GET / 1.1\n  Host=a\nend\nGET / 1.1\n  Host=a\nend\n");
  EXPECT_EQ(Parse("\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
            "400 line breaks instead of a request\n");
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

struct Malformed {
  std::string_view text;
  int status;
  std::string_view message;  // A part of it.
};

// Every way in which a request line can be wrong.
TEST(HttpParserTest, RefusesMalformedRequestLines) {
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

TEST(HttpParserTest, RefusesMalformedHeaders) {
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

// Requests whose end two servers could see at different places.
TEST(HttpParserTest, RefusesAmbiguousFraming) {
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
}

TEST(HttpParserTest, RefusesMalformedChunks) {
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

TEST(HttpParserTest, LimitsHeaderBytes) {
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

TEST(HttpParserTest, LimitsHeaderCount) {
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

TEST(HttpParserTest, LimitsTarget) {
  HttpServerOptions options;
  options.max_target_bytes = 10;
  EXPECT_THAT(Parse("GET /123456789 HTTP/1.1\r\nHost: a\r\n\r\n", options),
              StartsWith("GET /123456789 1.1"));
  EXPECT_EQ(Parse("GET /1234567890 HTTP/1.1\r\nHost: a\r\n\r\n", options),
            "414 the bytes of the target are above the limit of 10 "
            "(max_target_bytes)\n");
}

TEST(HttpParserTest, LimitsSizedBodyBeforeItComes) {
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

TEST(HttpParserTest, LimitsChunkedBody) {
  HttpServerOptions options;
  options.max_body_bytes = 5;
  EXPECT_EQ(ParseChunked("3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", options),
            "abcde end\n");
  EXPECT_EQ(
      ParseChunked("3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n", options),
      "413 the bytes of the body are above the limit of 5 (max_body_bytes)\n");
}

TEST(HttpParserTest, LimitsChunkFraming) {
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
