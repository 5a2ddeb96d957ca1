#ifndef BRAID_IO_HTTP_EXCHANGE_H_
#define BRAID_IO_HTTP_EXCHANGE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "async/event.h"
#include "async/scope.h"
#include "io/buffer_ring.h"
#include "io/http/options.h"
#include "io/http/output_buffer.h"
#include "io/http/parser.h"
#include "io/http/request.h"
#include "io/http/response.h"

namespace braid {

// All that a connection needs while it has something to do, and nothing that
// it needs while it waits for the next request. A server has as many of these
// as connections are busy at one time, not as many as there are connections;
// they are used again with the memory they have grown.
struct HttpExchange {
  explicit HttpExchange(const HttpServerOptions& options) : parser(options) {}

  // Makes it that of `connection`; null when it goes back.
  void Attach(HttpConnection* connection);
  // A head has been parsed: forgets what was about the request before.
  void StartRequest();
  // Whether the peer has a part of a response.
  bool streaming() const {
    return in_request && response.state_ == HttpResponse::State::kStreaming;
  }
  // As new, but for the memory. What had to grow far gives it back.
  void Clear();

  HttpParser parser;
  HttpRequest request;
  HttpResponse response;

  // Received bytes that are not parsed yet. They lie in `lease` or in `copy`.
  std::string_view input;
  Lease lease;
  std::string copy;
  std::string read_ahead;  // Comes behind `input`.

  OutputBuffer output;  // Rendered and not sent.

  // Set when somebody who waits for another's read or write may go on.
  Event received;
  Event written;
  bool reading = false;      // A task of this connection reads from the stream,
  bool writing = false;      // writes to it.
  bool input_ended = false;  // The peer has closed its side.
  absl::Status input_error;  // Receiving has failed.
  bool output_broken = false;  // A write failed: nothing more can be sent.

  // About the current request. ------------------------------------------------
  bool head_timed = false;    // The deadline for its head is set.
  bool in_request = false;    // Its head is complete, the request is not.
  bool body_reading = false;  // A task is in HttpBody::Read().
  bool body_lent = false;     // The handler holds a view into `lease`.
  bool continue_sent = false;
  bool close_after = false;  // The connection is closed behind its response.
  HttpRefusal body_refusal;  // What was wrong with its body; status 0: nothing.
  absl::Duration body_waited;  // How long the handler has waited for it.
  // Of a streamed response: bytes still announced.
  std::optional<uint64_t> stream_left;
  bool stream_chunked = false;

  // Runs the watch of a suspended handler.
  std::optional<Scope> watch;
};

// Idle exchanges, for the next connection that has something to do. Bounded;
// thread: the loop's.
class HttpExchangePool {
 public:
  static constexpr size_t kIdleMax = 256;

  explicit HttpExchangePool(const HttpServerOptions& options)
      : options_(options) {}

  std::unique_ptr<HttpExchange> Take(HttpConnection& connection) {
    if (idle_.empty()) [[unlikely]]
      return Make(connection);
    std::unique_ptr<HttpExchange> exchange = std::move(idle_.back());
    idle_.pop_back();
    exchange->Attach(&connection);
    return exchange;
  }
  void Return(std::unique_ptr<HttpExchange> exchange);

 private:
  std::unique_ptr<HttpExchange> Make(HttpConnection& connection);

  const HttpServerOptions& options_;
  std::vector<std::unique_ptr<HttpExchange>> idle_;
};

}  // namespace braid

#endif  // BRAID_IO_HTTP_EXCHANGE_H_
