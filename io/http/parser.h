#ifndef BRAID_IO_HTTP_PARSER_H_
#define BRAID_IO_HTTP_PARSER_H_

#include <llhttp.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "io/http/options.h"
#include "io/http/request_head.h"

namespace braid {

// Why a request was refused: the status to answer with, and a sentence for
// the peer ("the target is above the limit of 8192 bytes (max_target_bytes)").
struct HttpRefusal {
  int status = 0;
  std::string message;
};

// Parses requests, one behind the other, from bytes that come in pieces of any
// size. llhttp takes the text apart, in its strict mode; what it leaves to its
// users is checked here, before anybody sees the request:
//
// - one shape of request line (single spaces, HTTP/1.0 or HTTP/1.1), a target
//   in origin, absolute or asterisk form, a known method;
// - exactly one well-formed Host in HTTP/1.1, at most one in HTTP/1.0;
// - no doubt about where the body ends: not both Content-Length and
//   Transfer-Encoding, neither of them twice, no coding but chunked, and none
//   at all in HTTP/1.0. Two parties that disagree here are what request
//   smuggling lives on;
// - line breaks are CRLF, names are tokens, nothing is folded;
// - the limits of HttpServerOptions, and a bound on what chunks may carry
//   besides the body.
//
// A pull parser: Next() takes from the front of `input` as much as belongs to
// the next event. How the bytes were cut into pieces never changes the result.
//
//   HttpParser parser(options);
//   switch (parser.Next(input, head)) { ... }
//
// Events of one request: kHead; then, if head.has_body(), any number of kBody
// and one kEnd. Then StartNext(). After kError nothing more can be parsed.
//
// Cost: the head is copied once, and nothing else; no allocation once `head`
// is warm. Thread: any one. Not movable, llhttp points at it.
class HttpParser {
 public:
  enum class Event : uint8_t {
    kNeedMore,  // All of `input` was taken, and the event is not complete.
    kHead,      // Request line and headers are in `head`.
    kBody,      // body() is the next piece of the body, never empty.
    kEnd,       // The body is complete.
    kError,     // refusal() tells why the request is refused.
  };

  // `options` must outlive the parser.
  explicit HttpParser(const HttpServerOptions& options);
  HttpParser(const HttpParser&) = delete;
  HttpParser& operator=(const HttpParser&) = delete;

  // Parses on, and removes from `input` what it took. `head` is the same object
  // from a request's beginning to its end. Of a refused request it has the
  // method, as far as that was known.
  Event Next(std::string_view& input, HttpRequestHead& head);

  // To be called behind the end of a request. REQUIRES: complete().
  void StartNext();

  // Back to the state of a new parser: the connection has ended.
  void Reset();

  // Line breaks before a request are few; their bytes that were skipped so far.
  // A connection that changes its parser between two requests hands them on,
  // so that it does not begin to count anew. Skipped(): REQUIRES: at_start().
  uint8_t skipped_bytes() const { return line_breaks_; }
  void Skipped(uint8_t bytes) { line_breaks_ = bytes; }

  // Whether the current request has been taken in to its end.
  bool complete() const { return state_ == State::kComplete; }
  // Whether no byte of a request has been taken in yet.
  bool at_start() const { return state_ == State::kStart; }

  // After kBody: a part of that call's input.
  std::string_view body() const { return body_; }
  // Bytes of the current body so far.
  uint64_t body_bytes() const { return body_bytes_; }
  // After kError.
  const HttpRefusal& refusal() const { return refusal_; }

 private:
  enum class State : uint8_t {
    kStart,     // Before a request; line breaks are skipped.
    kHead,      // In the request line or the headers.
    kBody,      // In the body.
    kComplete,  // Behind the request.
    kFailed,    // Refused.
  };
  struct Callbacks;  // llhttp's way back to here.

  Event ParseHead(std::string_view& input);
  Event ParseBody(std::string_view& input);
  // Skips the line breaks that may stand before a request. False: too many.
  bool SkipLineBreaks(std::string_view& input);

  Event Refuse(int status, std::string message);
  // "<what> above the limit of <limit> (<name>)".
  static std::string AboveLimit(std::string_view what, uint64_t limit,
                                std::string_view name);
  // Turns what llhttp found into a refusal; `segment` is what it was given.
  Event RefuseAsMalformed(llhttp_errno_t error, std::string_view segment);

  // What llhttp's callbacks do. They give 0 or the error to stop llhttp with.
  int OnMethodComplete();
  int OnTarget(const char* at, size_t size);
  int OnFieldName(const char* at, size_t size);
  int OnFieldValue(const char* at, size_t size);
  int OnFieldComplete();
  int OnHeadersComplete();
  int OnBody(const char* at, size_t size);
  int OnChunkHeader();
  int OnChunkComplete();
  int OnMessageComplete();

  // parser_checks.cc: what llhttp leaves to be checked, in this order. Each
  // gives whether the request may pass; if not, it has called Refuse().
  bool CheckRequestLine();
  bool CheckTarget();
  bool CheckHost();
  bool CheckFraming();
  bool CheckExpect();

  size_t Offset(const char* at) const {
    return static_cast<size_t>(at - head_text_.data());
  }
  std::string_view Text(size_t offset, size_t size) const {
    return head_text_.substr(offset, size);
  }

  llhttp_t llhttp_;
  const HttpServerOptions& options_;
  HttpRequestHead* head_ = nullptr;  // That of the request that is parsed.
  State state_ = State::kStart;
  bool message_complete_ = false;
  bool chunk_complete_ = false;
  bool last_chunk_ = false;
  uint8_t line_breaks_ = 0;  // Bytes skipped before the request.
  uint8_t hosts_ = 0;        // How often the field came; stops at 2.
  uint8_t transfer_encodings_ = 0;

  // While a head is parsed: all of it that is there, in one piece. The first
  // piece of input is parsed where it lies. If that is not the whole head, it
  // is copied to the head's own text, and later pieces are parsed behind it.
  std::string_view head_text_;
  // The header that is being parsed.
  size_t name_offset_ = 0;
  size_t name_size_ = 0;
  size_t value_offset_ = 0;
  size_t value_size_ = 0;

  std::string_view body_;
  uint64_t body_bytes_ = 0;
  // Bytes of chunk lines, extensions and trailers beyond what the body's bytes
  // excuse; see ParseBody.
  uint64_t excess_bytes_ = 0;

  HttpRefusal refusal_;
};

}  // namespace braid

#endif  // BRAID_IO_HTTP_PARSER_H_
