#include "io/http/parser_testing.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "io/http/parser.h"

namespace braid {

std::string Transcript(const std::vector<std::string_view>& pieces,
                       const HttpServerOptions& options) {
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

std::string Parse(std::string_view text, const HttpServerOptions& options) {
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

std::string ParseHeaders(std::string_view lines) {
  return Parse(absl::StrCat("GET / HTTP/1.1\r\n", lines, "\r\n"));
}

std::string ParseChunked(std::string_view body,
                         const HttpServerOptions& options) {
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

}  // namespace braid
