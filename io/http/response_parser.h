#ifndef BRAID_IO_HTTP_RESPONSE_PARSER_H_
#define BRAID_IO_HTTP_RESPONSE_PARSER_H_

#include <cstddef>
#include <string_view>

#include "io/http/message_parser.h"
#include "io/http/response_head.h"

namespace braid {

// Parses responses: see HttpMessageParser, which it is the half of. Checked
// here:
//
// - a status line of HTTP/1.0 or HTTP/1.1, and nothing before it;
// - no change of protocol (101), since none was asked for;
// - no doubt about where the body ends: not both Content-Length and
//   Transfer-Encoding, neither of them twice, no coding but chunked, and none
//   at all in HTTP/1.0. A response whose end two parties see in different
//   places lets its author answer somebody else's request.
//
//   HttpResponseParser parser(limits);
//   parser.Expect(HttpResponseParser::Answers::kHead);  // For one response.
//   switch (parser.Next(input, head)) { ... }
//
// A message has a body if head.has_body(). Interim responses (1xx) are messages
// of their own; how many of them are too many is for the caller to say. A body
// that ends with the connection has no kEnd: whoever sees the stream's end asks
// at_connection_end().
class HttpResponseParser final : public HttpMessageParser {
 public:
  // What request the responses answer: those to HEAD have no body, whatever
  // their head says.
  enum class Answers : bool { kOther, kHead };

  explicit HttpResponseParser(const HttpMessageLimits& limits);

  // Holds for one response, and the interim ones before it; without it, the
  // request was not HEAD. REQUIRES: at_start().
  void Expect(Answers answers) { answers_ = answers; }

  // Back to the state of a new parser: the connection has ended.
  void Reset() {
    HttpMessageParser::Reset();
    // llhttp remembers that a message was to be the connection's last.
    llhttp_reset(&llhttp());
    answers_ = Answers::kOther;
  }

  Event Next(std::string_view& input, HttpResponseHead& head) {
    response_ = &head;
    return NextOf(input, head);
  }

  // Whether the response is whole if the connection ends here.
  bool at_connection_end() const {
    return complete() || (in_body() && response_->ends_with_connection());
  }

 private:
  struct Settings;

  bool Begin(std::string_view& input) override;
  int CheckHead() override;
  void OnField(HttpField) override {}
  bool RefuseHead(llhttp_errno_t error, char bad, size_t offset) override;

  int OnReason(const char* at, size_t size);
  bool CheckStatusLine();

  HttpResponseHead* response_ = nullptr;
  Answers answers_ = Answers::kOther;
};

}  // namespace braid

#endif  // BRAID_IO_HTTP_RESPONSE_PARSER_H_
