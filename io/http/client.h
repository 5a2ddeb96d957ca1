#ifndef BRAID_IO_HTTP_CLIENT_H_
#define BRAID_IO_HTTP_CLIENT_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "async/task.h"
#include "io/http/client_options.h"
#include "io/http/client_pool.h"
#include "io/http/client_request.h"
#include "io/http/headers.h"
#include "io/loop.h"
#include "io/resolver.h"

namespace braid {

class HttpClientExchange;

// A response whose head has come. Its body is received as it is read, and the
// peer is held back while nobody reads.
//
// Ownership: movable. Ending it before the body was read to its end closes the
// connection; it must end before the client. Thread: the loop's.
class HttpClientResponse {
 public:
  static constexpr size_t kReadAllMax = 64 << 20;

  HttpClientResponse(HttpClientResponse&&) noexcept;
  HttpClientResponse& operator=(HttpClientResponse&&) noexcept;
  ~HttpClientResponse();

  int status() const;
  std::string_view reason() const;  // "Not Found"; may be empty.
  const HttpHeaders& headers() const;
  // Where it came from, after redirects; with the request's fragment.
  const std::string& url() const;
  bool redirected() const;

  // The next bytes of the body, as they come; empty at its end, and from then
  // on. They stay in the receive buffer and are valid until the next call. If
  // the response came before the request's body was sent, that is sent
  // meanwhile.
  // Errors: as HttpClient::Fetch. A body that is not complete always ends with
  // an error, never with an empty piece.
  // Cancellation: CancelledError; nothing is lost, the next call goes on.
  Task<absl::StatusOr<std::string_view>> Read();

  // What has come of the body with what was read before, as far as it can be
  // given without waiting; empty if nothing has. An error is left to Read().
  // Valid as what Read() gives. A short response is mostly whole with this.
  std::string_view ReadBuffered();
  // Whether all of the body has been given.
  bool ended() const;

  // All of the body, or ResourceExhaustedError above `limit` bytes.
  Task<absl::StatusOr<std::string>> ReadAll(size_t limit = kReadAllMax);

  // Sends what is left of the request's body, for those who do not read
  // meanwhile; may be awaited beside Read(), and the connection is then kept
  // until both have ended. Errors: the source's, and those of the connection.
  // Cancellation: CancelledError; nothing is lost, the next call or Read() goes
  // on. REQUIRES: not twice at a time.
  Task<absl::Status> SendRest();
  bool sent() const;

 private:
  friend class HttpClient;
  struct State;
  explicit HttpClientResponse(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

// An HTTP/1.1 client.
//
//   HttpClient client(loop);
//   CO_ASSIGN_OR_RETURN(HttpClientResponse response,
//                       co_await client.Fetch({.url = "http://[::1]:8080/a"}));
//   if (response.status() != 200) co_return ...;
//   CO_ASSIGN_OR_RETURN(std::string text, co_await response.ReadAll());
//
// Connections are kept and used again (HttpClientOptions says how many and for
// how long); requests are not pipelined. A request that finds that the peer has
// closed a kept connection, with not a byte of a response, is made once more on
// a new one, if it is idempotent (GET, HEAD, OPTIONS, TRACE, PUT, DELETE) and
// its body can be sent again.
//
// Responses whose end two parties could see in different places are refused
// (response_parser.h), and nothing that comes behind a response is taken for
// the next. Encodings are not asked for: a body is what was sent. https is not
// spoken yet.
//
// Lifetime: outlives its requests and responses; must end before the loop. It
// has no task of its own, and idle connections keep nobody waiting.
// Thread: the loop's.
class HttpClient {
 public:
  explicit HttpClient(Loop& loop, HttpClientOptions options = {});
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // Makes the request and waits for the head of the response, whatever its
  // status. Errors:
  //   InvalidArgumentError    a malformed URL, method or header (before
  //                           anything is sent), a malformed response, too many
  //                           redirects or one that cannot be followed
  //   UnimplementedError      https
  //   NotFoundError           the host has no address; see dns_status.h
  //   DeadlineExceededError   one of the times of HttpClientOptions, by name
  //   UnavailableError        the peer closed the connection too early
  //   what connect, send and recv give, with errno and address
  //   what the body's source gives
  // Cancellation: CancelledError, at each wait; the connection is closed.
  Task<absl::StatusOr<HttpClientResponse>> Fetch(HttpClientRequest request);

  const HttpClientOptions& options() const { return options_; }
  // Connections, and how many of them are idle.
  int connections() const { return pool_.size(); }
  int idle_connections() const { return pool_.idle(); }

 private:
  using State = HttpClientResponse::State;

  Task<absl::Status> FetchAll(State& state);
  // One request without redirects: the exchange of `state` is its response.
  Task<absl::Status> Exchange(State& state);
  Task<absl::StatusOr<TcpStream>> Connect(std::string host, uint16_t port);
  Task<absl::StatusOr<TcpStream>> ResolveAndConnect(std::string host,
                                                    uint16_t port);
  Task<absl::StatusOr<std::vector<SocketAddress>>> Resolve(std::string host,
                                                           uint16_t port);
  // Turns the request into the one that a redirect asks for. False if the
  // response is none.
  Task<absl::StatusOr<bool>> FollowRedirect(State& state);
  // Reads what is left of a response that nobody wants, if that is short, so
  // that the connection can be used again.
  Task<absl::Status> Drain(HttpClientExchange& exchange);

  Loop& loop_;
  HttpClientOptions options_;
  HttpClientPool pool_;
  std::optional<Resolver> resolver_;  // Once a name was asked for.
};

}  // namespace braid

#endif  // BRAID_IO_HTTP_CLIENT_H_
