#ifndef BRAID_IO_HTTP_MESSAGE_PARSER_H_
#define BRAID_IO_HTTP_MESSAGE_PARSER_H_

#include <llhttp.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "io/http/message_head.h"

namespace braid {

// Why a message was refused: the status to answer a request with (of a response
// it is 502, what a gateway would answer), and a sentence that says what was
// wrong ("the target is above the limit of 8192 bytes (max_target_bytes)").
struct HttpRefusal {
  int status = 0;
  std::string message;
};

// The limits that requests and responses share, by the names that their options
// have for them.
struct HttpMessageLimits {
  size_t max_header_bytes;
  size_t max_header_count;
  uint64_t max_body_bytes;
};

// The part that HttpParser (requests) and HttpResponseParser share: messages,
// one behind the other, from bytes that come in pieces of any size. llhttp
// takes the text apart, in its strict mode; what it leaves to its users is
// checked by the two, before anybody sees the message. Here are
//
// - the limits, and a bound on what chunks may carry besides the body;
// - the framing of bodies, but for what the first line says about it;
// - headers: line breaks are CRLF, names are tokens, nothing is folded.
//
// A pull parser: each call takes from the front of `input` as much as belongs
// to the next event. How the bytes were cut into pieces never changes the
// result. Events of one message: kHead; then, if it has a body, any number of
// kBody and one kEnd. Then StartNext(). After kError nothing more can be
// parsed.
//
// Cost: the head is copied once, and nothing else; no allocation once the head
// is warm. Thread: any one. Not movable, llhttp points at it.
class HttpMessageParser {
 public:
  enum class Event : uint8_t {
    kNeedMore,  // All of `input` was taken, and the event is not complete.
    kHead,      // First line and headers are in the head.
    kBody,      // body() is the next piece of the body, never empty.
    kEnd,       // The body is complete.
    kError,     // refusal() tells why the message is refused.
  };

  HttpMessageParser(const HttpMessageParser&) = delete;
  HttpMessageParser& operator=(const HttpMessageParser&) = delete;

  // To be called behind the end of a message. REQUIRES: complete().
  void StartNext();

  // Back to the state of a new parser: the connection has ended.
  void Reset();

  // Whether the current message has been taken in to its end.
  bool complete() const { return state_ == State::kComplete; }
  // Whether no byte of a message has been taken in yet.
  bool at_start() const { return state_ == State::kStart; }

  // After kBody: a part of that call's input.
  std::string_view body() const { return body_; }
  // Bytes of the current body so far.
  uint64_t body_bytes() const { return body_bytes_; }
  // After kError.
  const HttpRefusal& refusal() const { return refusal_; }

 protected:
  struct Callbacks;  // llhttp's way back to here.

  // `what` names the message in refusals: "request".
  HttpMessageParser(llhttp_type_t type, const llhttp_settings_t& settings,
                    const HttpMessageLimits& limits, std::string_view what);
  ~HttpMessageParser() = default;

  // Parses on, and removes from `input` what it took. `head` is the same object
  // from a message's beginning to its end.
  Event NextOf(std::string_view& input, HttpMessageHead& head);

  // `status` is what to answer, if it is a request.
  Event Refuse(int status, std::string message);
  // "<what> above the limit of <limit> (<name>)".
  static std::string AboveLimit(std::string_view what, uint64_t limit,
                                std::string_view name);

  size_t Offset(const char* at) const {
    return static_cast<size_t>(at - head_text_.data());
  }
  std::string_view Text(size_t offset, size_t size) const {
    return head_text_.substr(offset, size);
  }
  std::string_view head_text() const { return head_text_; }
  // The first value of a field that the head has. (Its own text is filled at
  // the end, so its accessors are not usable before.)
  std::string_view ParsedValue(HttpField field) const {
    return head_->headers_.ParsedValue(field, head_text_);
  }

  bool in_body() const { return state_ == State::kBody; }
  llhttp_t& llhttp() { return llhttp_; }
  // What refusals of a malformed message begin with: "malformed request: ".
  std::string Malformed(std::string_view how) const;

  // Fills in what the head says about the body's framing, for a message that
  // has one. False: it was refused.
  bool CheckFraming(HttpMessageHead& head);

 private:
  enum class State : uint8_t {
    kStart,     // Before a message.
    kHead,      // In the first line or the headers.
    kBody,      // In the body.
    kComplete,  // Behind the message.
    kFailed,    // Refused.
  };

  // What begins with `input`, which is not empty: it may drop bytes that a
  // message may have before it, leaving nothing if no message begins yet, and
  // is to clear the head. False: it was refused.
  virtual bool Begin(std::string_view& input) = 0;
  // The headers are complete: checks and fills in the rest of the head. Gives
  // whether a body follows, or -1 when the message was refused.
  virtual int CheckHead() = 0;
  virtual void OnField(HttpField field) = 0;
  // What llhttp found wrong with a head's byte: refuses it, with a status of
  // its own if there is one that fits. False leaves that to the caller.
  virtual bool RefuseHead(llhttp_errno_t error, char bad, size_t offset) = 0;

  Event ParseHead(std::string_view& input);
  Event ParseBody(std::string_view& input);
  // Turns what llhttp found into a refusal; `segment` is what it was given.
  Event RefuseAsMalformed(llhttp_errno_t error, std::string_view segment);

  // What llhttp's callbacks do. They give 0 or the error to stop llhttp with.
  int OnFieldName(const char* at, size_t size);
  int OnFieldValue(const char* at, size_t size);
  int OnFieldComplete();
  int OnHeadersComplete();
  int OnBody(const char* at, size_t size);
  int OnChunkHeader();
  int OnChunkComplete();
  int OnMessageComplete();

  llhttp_t llhttp_;
  const HttpMessageLimits limits_;
  const std::string_view what_;
  const bool is_response_;
  HttpMessageHead* head_ = nullptr;  // That of the message that is parsed.
  State state_ = State::kStart;
  bool message_complete_ = false;
  bool chunk_complete_ = false;
  bool last_chunk_ = false;
  uint8_t transfer_encodings_ = 0;  // How often the field came; stops at 2.

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

// llhttp knows its user by a pointer.
struct HttpMessageParser::Callbacks {
  template <typename Parser>
  static Parser& Self(llhttp_t* llhttp) {
    return static_cast<Parser&>(*static_cast<HttpMessageParser*>(llhttp->data));
  }
  template <typename Parser, int (Parser::*kMethod)(const char*, size_t)>
  static int Data(llhttp_t* llhttp, const char* at, size_t size) {
    return (Self<Parser>(llhttp).*kMethod)(at, size);
  }
  template <typename Parser, int (Parser::*kMethod)()>
  static int Plain(llhttp_t* llhttp) {
    return (Self<Parser>(llhttp).*kMethod)();
  }

  // Those of this class; the first line's are to be added.
  static constexpr llhttp_settings_t Make() {
    using Self = HttpMessageParser;
    llhttp_settings_t settings{};
    settings.on_header_field = Data<Self, &Self::OnFieldName>;
    settings.on_header_value = Data<Self, &Self::OnFieldValue>;
    settings.on_header_value_complete = Plain<Self, &Self::OnFieldComplete>;
    settings.on_headers_complete = Plain<Self, &Self::OnHeadersComplete>;
    settings.on_body = Data<Self, &Self::OnBody>;
    settings.on_chunk_header = Plain<Self, &Self::OnChunkHeader>;
    settings.on_chunk_complete = Plain<Self, &Self::OnChunkComplete>;
    settings.on_message_complete = Plain<Self, &Self::OnMessageComplete>;
    return settings;
  }
};

}  // namespace braid

#endif  // BRAID_IO_HTTP_MESSAGE_PARSER_H_
