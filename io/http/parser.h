#ifndef BRAID_IO_HTTP_PARSER_H_
#define BRAID_IO_HTTP_PARSER_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "io/http/message_parser.h"
#include "io/http/options.h"
#include "io/http/request_head.h"

namespace braid {

// Parses requests: see HttpMessageParser, which it is the half of. Checked
// here:
//
// - one shape of request line (single spaces, HTTP/1.0 or HTTP/1.1), a target
//   in origin, absolute or asterisk form, a known method;
// - exactly one well-formed Host in HTTP/1.1, at most one in HTTP/1.0;
// - no doubt about where the body ends: not both Content-Length and
//   Transfer-Encoding, neither of them twice, no coding but chunked, and none
//   at all in HTTP/1.0. Two parties that disagree here are what request
//   smuggling lives on;
// - the limits of HttpServerOptions.
//
//   HttpParser parser(options);
//   switch (parser.Next(input, head)) { ... }
//
// A message has a body if head.has_body().
class HttpParser final : public HttpMessageParser {
 public:
  // `options` must outlive the parser.
  explicit HttpParser(const HttpServerOptions& options);

  // Parses on. Of a refused request `head` has the method, as far as that was
  // known.
  Event Next(std::string_view& input, HttpRequestHead& head) {
    request_ = &head;
    return NextOf(input, head);
  }

  void StartNext() {
    HttpMessageParser::StartNext();
    line_breaks_ = 0;
  }
  void Reset() {
    HttpMessageParser::Reset();
    line_breaks_ = 0;
  }

  // Line breaks before a request are few; their bytes that were skipped so far.
  // A connection that changes its parser between two requests hands them on,
  // so that it does not begin to count anew. Skipped(): REQUIRES: at_start().
  uint8_t skipped_bytes() const { return line_breaks_; }
  void Skipped(uint8_t bytes) { line_breaks_ = bytes; }

 private:
  struct Settings;

  bool Begin(std::string_view& input) override;
  int CheckHead() override;
  void OnField(HttpField field) override;
  bool RefuseHead(llhttp_errno_t error, char bad, size_t offset) override;

  int OnMethodComplete();
  int OnTarget(const char* at, size_t size);

  // parser_checks.cc: what llhttp leaves to be checked, in this order. Each
  // gives whether the request may pass; if not, it has called Refuse().
  bool CheckRequestLine();
  bool CheckTarget();
  bool CheckHost();
  bool CheckExpect();

  const HttpServerOptions& options_;
  HttpRequestHead* request_ = nullptr;  // That of the request that is parsed.
  uint8_t line_breaks_ = 0;             // Bytes skipped before the request.
  uint8_t hosts_ = 0;                   // How often the field came; stops at 2.
};

}  // namespace braid

#endif  // BRAID_IO_HTTP_PARSER_H_
