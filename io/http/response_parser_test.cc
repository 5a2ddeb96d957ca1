#include "io/http/response_parser.h"

#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace braid {
namespace {

using Answers = HttpResponseParser::Answers;
using Event = HttpMessageParser::Event;

constexpr HttpMessageLimits kLimits = {
    .max_header_bytes = 512, .max_header_count = 8, .max_body_bytes = 1000};

// Everything that happens while the pieces are parsed and then the connection
// ends, in words.
std::string Transcript(const std::vector<std::string_view>& pieces,
                       Answers answers) {
  HttpResponseParser parser(kLimits);
  HttpResponseHead head;
  std::string transcript;
  std::string body;
  parser.Expect(answers);
  const auto end = [&] {
    absl::StrAppend(&transcript, body, body.empty() ? "" : " ", "end\n");
    body.clear();
    parser.StartNext();
  };
  for (std::string_view piece : pieces) {
    // As received bytes do, the piece goes away once it was given.
    const std::string storage(piece);
    std::string_view input = storage;
    for (bool more = true; more;) {
      switch (parser.Next(input, head)) {
        case Event::kNeedMore:
          EXPECT_TRUE(input.empty());
          more = false;
          break;
        case Event::kHead:
          absl::StrAppend(
              &transcript, head.status(), " '", head.reason(), "' 1.",
              head.minor_version(), head.keep_alive() ? "" : " close",
              head.chunked() ? " chunked" : "",
              head.ends_with_connection() ? " until close" : "", "\n");
          for (HttpHeaders::Header header : head.headers()) {
            absl::StrAppend(&transcript, "  ", header.name, "=", header.value,
                            "\n");
          }
          EXPECT_EQ(parser.complete(), !head.has_body());
          if (!head.has_body()) end();
          break;
        case Event::kBody:
          EXPECT_FALSE(parser.body().empty());
          body += parser.body();
          if (parser.complete()) end();
          break;
        case Event::kEnd:
          end();
          break;
        case Event::kError:
          EXPECT_EQ(parser.refusal().status, 502);
          return absl::StrCat(transcript, "refused: ", parser.refusal().message,
                              "\n");
      }
    }
  }
  if (parser.at_start()) return transcript;
  return absl::StrCat(
      transcript, body, body.empty() ? "" : " ",
      parser.at_connection_end() ? "end by close\n" : "incomplete\n");
}

// The transcript, after seeing that it stays the same however the text is cut
// in two, and when it comes byte by byte.
std::string Parse(std::string_view text, Answers answers = Answers::kOther) {
  const std::string whole = Transcript({text}, answers);
  std::vector<std::string_view> bytes;
  for (size_t cut = 0; cut < text.size(); ++cut) {
    EXPECT_EQ(Transcript({text.substr(0, cut), text.substr(cut)}, answers),
              whole)
        << "cut at " << cut << " of " << absl::CEscape(text);
    bytes.push_back(text.substr(cut, 1));
  }
  EXPECT_EQ(Transcript(bytes, answers), whole)
      << "byte by byte: " << absl::CEscape(text);
  return whole;
}

TEST(HttpResponseParserTest, BodyOfKnownLength) {
  EXPECT_EQ(Parse("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A:  b \r\n\r\n"
                  "Hello"
                  "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"),
            "200 'OK' 1.1\n  Content-Length=5\n  X-A=b\nHello end\n"
            "404 'Not Found' 1.1\n  Content-Length=0\nend\n");
}

TEST(HttpResponseParserTest, ReasonMayBeMissing) {
  EXPECT_EQ(Parse("HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n"),
            "200 '' 1.1\n  Content-Length=0\nend\n");
  EXPECT_EQ(Parse("HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n"),
            "200 '' 1.1\n  Content-Length=0\nend\n");
}

TEST(HttpResponseParserTest, ChunkedBodyWithExtensionAndTrailer) {
  EXPECT_EQ(Parse("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                  "3;a=b\r\nabc\r\n2\r\nde\r\n0\r\nX-T: 1\r\n\r\n"
                  "HTTP/1.1 204 No Content\r\n\r\n"),
            "200 'OK' 1.1 chunked\n  Transfer-Encoding=chunked\nabcde end\n"
            "204 'No Content' 1.1\nend\n");
}

TEST(HttpResponseParserTest, BodyThatEndsWithTheConnection) {
  EXPECT_EQ(Parse("HTTP/1.1 200 OK\r\n\r\nHello"),
            "200 'OK' 1.1 close until close\nHello end by close\n");
  EXPECT_EQ(Parse("HTTP/1.0 200 OK\r\n\r\n"),
            "200 'OK' 1.0 close until close\nend by close\n");
}

TEST(HttpResponseParserTest, ResponsesWithoutABodyWhateverTheySay) {
  EXPECT_EQ(
      Parse("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n"
            "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n"),
      "304 'Not Modified' 1.1\n  Content-Length=5\nend\n"
      "204 'No Content' 1.1 chunked\n  Transfer-Encoding=chunked\nend\n");
  EXPECT_EQ(Parse("HTTP/1.1 200 OK\r\n\r\n", Answers::kHead),
            "200 'OK' 1.1\nend\n");
}

TEST(HttpResponseParserTest, ResetForgetsTheLastConnection) {
  HttpResponseParser parser(kLimits);
  HttpResponseHead head;
  std::string_view input =
      "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
  ASSERT_EQ(parser.Next(input, head), Event::kHead);
  ASSERT_TRUE(parser.complete());
  parser.StartNext();
  parser.Expect(Answers::kHead);
  parser.Reset();
  input = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
  ASSERT_EQ(parser.Next(input, head), Event::kHead);
  EXPECT_TRUE(head.has_body());
}

// Else the body of the next response would be taken for responses.
TEST(HttpResponseParserTest, OnlyOneResponseAnswersAHeadRequest) {
  EXPECT_EQ(Parse("HTTP/1.1 103 Early Hints\r\n\r\n"
                  "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
                  "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHTTP/",
                  Answers::kHead),
            "103 'Early Hints' 1.1\nend\n"
            "200 'OK' 1.1\n  Content-Length=5\nend\n"
            "200 'OK' 1.1\n  Content-Length=5\nHTTP/ end\n");
}

TEST(HttpResponseParserTest, InterimResponsesAreMessagesOfTheirOwn) {
  EXPECT_EQ(Parse("HTTP/1.1 100 Continue\r\n\r\n"
                  "HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n"
                  "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"),
            "100 'Continue' 1.1\nend\n103 'Early Hints' 1.1\n  Link=a\nend\n"
            "200 'OK' 1.1\n  Content-Length=2\nhi end\n");
}

TEST(HttpResponseParserTest, KeepAliveFollowsVersionAndConnection) {
  EXPECT_EQ(Parse("HTTP/1.1 200 OK\r\nConnection: close\r\n"
                  "Content-Length: 1\r\n\r\nx"),
            "200 'OK' 1.1 close\n  Connection=close\n  Content-Length=1\n"
            "x end\n");
  EXPECT_EQ(Parse("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n"),
            "200 'OK' 1.0 close\n  Content-Length=0\nend\n");
  EXPECT_EQ(Parse("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n"
                  "Content-Length: 0\r\n\r\n"),
            "200 'OK' 1.0\n  Connection=keep-alive\n  Content-Length=0\nend\n");
}

TEST(HttpResponseParserTest, StatusesThatNoStandardHas) {
  EXPECT_EQ(Parse("HTTP/1.1 999 Denied\r\nContent-Length: 0\r\n\r\n"),
            "999 'Denied' 1.1\n  Content-Length=0\nend\n");
}

TEST(HttpResponseParserTest, ConnectionThatEndsTooEarly) {
  EXPECT_EQ(Parse("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHel"),
            "200 'OK' 1.1\n  Content-Length=5\nHel incomplete\n");
  EXPECT_EQ(Parse("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                  "3\r\nabc\r\n"),
            "200 'OK' 1.1 chunked\n  Transfer-Encoding=chunked\n"
            "abc incomplete\n");
  EXPECT_EQ(Parse("HTTP/1.1 200 OK\r\nContent-"), "incomplete\n");
}

// What a lie about the framing is refused with.
std::string Refusal(std::string_view lines) {
  const std::string transcript =
      Parse(absl::StrCat("HTTP/1.1 200 OK\r\n", lines, "\r\n5\r\nHello"));
  EXPECT_TRUE(transcript.starts_with("refused: ")) << transcript;
  return transcript;
}

TEST(HttpResponseParserTest, LiesAboutTheFramingAreRefused) {
  Refusal("Content-Length: 5\r\nContent-Length: 6\r\n");
  Refusal("Content-Length: 5\r\nContent-Length: 5\r\n");
  Refusal("Content-Length: 5, 5\r\n");
  Refusal("Content-Length: +5\r\n");
  Refusal("Content-Length: -5\r\n");
  Refusal("Content-Length: 0x5\r\n");
  Refusal("Content-Length: 99999999999999999999\r\n");
  Refusal("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n");
  Refusal("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n");
  Refusal("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n");
  Refusal("Transfer-Encoding: gzip\r\n");
  Refusal("Transfer-Encoding: gzip, chunked\r\n");
  Refusal("Transfer-Encoding: xchunked\r\n");
  Refusal("Transfer-Encoding: chunked\t\r\n");
  Refusal("Content-Length : 5\r\n");
  Refusal(" Content-Length: 5\r\n");
  Refusal("X: a\r\n Content-Length: 5\r\n");
  Refusal("X: a\nContent-Length: 5\r\n");
  Refusal(std::string_view("X: a\0b\r\n", 8));
  EXPECT_EQ(Parse("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
            "refused: malformed response: Transfer-Encoding in HTTP/1.0\n");
}

TEST(HttpResponseParserTest, WhatIsNoResponseIsRefused) {
  for (std::string_view text :
       {"\r\nHTTP/1.1 200 OK\r\n\r\n", "SSH-2.0-OpenSSH_9\r\n",
        "ICY 200 OK\r\n", "HTTP/2.0 200 OK\r\n\r\n", "HTTP/0.9 200 OK\r\n\r\n",
        "HTTP/1.2 200 OK\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n",
        "HTTP/1.1 2000 OK\r\n\r\n", "HTTP/1.1 099 Low\r\n\r\n",
        "HTTP/1.1  200 OK\r\n\r\n", "HTTP/1.1 200 OK\n\n",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"}) {
    EXPECT_TRUE(Parse(text).starts_with("refused: ")) << absl::CEscape(text);
  }
}

TEST(HttpResponseParserTest, MalformedChunksAreRefused) {
  for (std::string_view body :
       {"x\r\n", "5 \r\nHello\r\n", "5\nHello\r\n", "5\r\nHelloX\r\n", "-1\r\n",
        "0x5\r\nHello\r\n", "fffffffffffffffff\r\n"}) {
    const std::string transcript = Parse(absl::StrCat(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", body));
    EXPECT_NE(transcript.find("refused: malformed body: "), std::string::npos)
        << absl::CEscape(body) << ": " << transcript;
  }
}

TEST(HttpResponseParserTest, LimitsNameThemselves) {
  const std::string long_text(600, 'a');
  EXPECT_EQ(
      Parse(absl::StrCat("HTTP/1.1 200 OK\r\nX: ", long_text, "\r\n\r\n")),
      "refused: the bytes of the response's head are above the limit of "
      "512 (max_header_bytes)\n");
  std::string many;
  for (int i = 0; i < 9; ++i) absl::StrAppend(&many, "X: y\r\n");
  EXPECT_EQ(Parse(absl::StrCat("HTTP/1.1 200 OK\r\n", many, "\r\n")),
            "refused: the number of headers is above the limit of 8 "
            "(max_header_count)\n");
  EXPECT_EQ(Parse("HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n"),
            "refused: the bytes of the body are above the limit of 1000 "
            "(max_body_bytes)\n");
  const std::string head =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_NE(Parse(absl::StrCat(head, "1;", long_text, "\r\nx\r\n"))
                .find("chunk extensions and trailers are above the limit"),
            std::string::npos);
  EXPECT_NE(Parse(absl::StrCat(head, "0\r\nX: ", long_text, "\r\n\r\n"))
                .find("chunk extensions and trailers are above the limit"),
            std::string::npos);
}

TEST(HttpResponseParserTest, NothingMayFollowTheLastResponse) {
  EXPECT_EQ(Parse("HTTP/1.1 200 OK\r\nConnection: close\r\n"
                  "Content-Length: 1\r\n\r\nxHTTP/1.1 200 OK\r\n\r\n"),
            "200 'OK' 1.1 close\n  Connection=close\n  Content-Length=1\n"
            "x end\nrefused: bytes behind a response that was to be the "
            "last\n");
}

}  // namespace
}  // namespace braid
