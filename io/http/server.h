#ifndef BRAID_IO_HTTP_SERVER_H_
#define BRAID_IO_HTTP_SERVER_H_

#include <cstdint>
#include <optional>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "async/event.h"
#include "async/intrusive_list.h"
#include "async/scope.h"
#include "async/semaphore.h"
#include "async/task.h"
#include "io/http/connection.h"
#include "io/http/date_cache.h"
#include "io/http/exchange.h"
#include "io/http/options.h"
#include "io/http/request.h"
#include "io/http/response.h"
#include "io/loop.h"
#include "io/tcp.h"

namespace braid {

// Answers one request; see HttpRequest and HttpResponse.
//
// Requests of one connection come one after the other, those of different
// connections at the same time. A handler that ends with an error before the
// response's head was sent is answered for with 500 (the status goes to the
// log, not to the peer), one that throws as well; after that, the connection
// is reset. When the peer goes away the handler is cancelled.
using HttpHandler =
    absl::AnyInvocable<Task<absl::Status>(HttpRequest&, HttpResponse&)>;

// Counters of one server. All but `connections` only grow.
struct HttpServerStats {
  uint64_t connections = 0;  // Open now.
  uint64_t accepted = 0;
  uint64_t requests = 0;  // That reached the handler.
  uint64_t refused = 0;   // That did not: malformed, or above a limit.
  uint64_t handler_failures = 0;
  uint64_t writes = 0;  // To sockets: batches of responses.
};

// An HTTP/1.1 server.
//
//   Task<absl::Status> Hello(HttpRequest& request, HttpResponse& response) {
//     co_return response.Reply(200, "text/plain", "Hello, World!");
//   }
//
//   HttpServer server(loop, {}, Hello);
//   CO_ASSIGN_OR_RETURN(TcpListener listener,
//                       TcpListener::Listen(loop, address));
//   CO_RETURN_IF_ERROR(co_await server.Serve(std::move(listener)));
//
// What it does by itself: keep-alive (HTTP/1.0's too), pipelining, chunked
// bodies both ways, Expect: 100-continue, HEAD, Date; every limit of
// HttpServerOptions. A request that is malformed, ambiguous or above a limit
// gets its 4xx and a closed connection, after the responses to the requests
// before it, and never reaches the handler. Upgrades are not offered.
//
// One exception: a body is looked at when it is read, so the handler of a
// request with malformed chunks is called, and gets the error from
// HttpBody::Read(). If it answers all the same, its answer stands, and the
// connection is closed behind it.
//
// Ownership: the server must outlive its Serve() calls, and the loop the
// server. Thread: the loop's.
class HttpServer final : private LoopGuest {
 public:
  HttpServer(Loop& loop, HttpServerOptions options, HttpHandler handler);
  // REQUIRES: no Serve() runs.
  ~HttpServer() override;
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // Accepts and serves connections until Drain() (gives OK, when the last
  // connection has ended) or until it is cancelled, which cancels all handlers
  // and closes all connections. May be called for several listeners, which
  // share the limits.
  // Errors: what accept(2) gives when the listener is of no use any more; the
  // connections that came from it are closed then, and their handlers
  // cancelled. Being out of descriptors or memory is waited out.
  Task<absl::Status> Serve(TcpListener listener);

  // Ends the service in good order: closes the listeners, closes idle
  // connections, lets running handlers finish with `connection: close`, and
  // after `grace` cancels those that have not (503 where nothing was sent).
  // A request that has come is answered: on a connection that seemed idle, and
  // on one that was still to be accepted (even above max_connections).
  // Gives OK when all had finished by themselves, else DeadlineExceededError.
  // A peer that does not close its side holds it up, for linger_time at most.
  // Serve() after this accepts nothing.
  // Cancellation: the server stays closed to new requests, without a deadline
  // for those that are running. Drain() may be called again.
  Task<absl::Status> Drain(absl::Duration grace);

  bool draining() const { return draining_; }
  const HttpServerStats& stats() const { return stats_; }
  const HttpServerOptions& options() const { return options_; }

 private:
  friend class HttpConnection;
  struct Accepting;

  Task<absl::Status> Accept(TcpListener& listener, Scope& connections);
  // Without a slot: beyond the limit.
  Task<void> RunConnection(TcpStream stream,
                           std::optional<Semaphore::Units> slot,
                           Scope& connections);
  Task<absl::Status> WaitUntilQuiet();
  // A connection has ended, or a Serve() accepts no more.
  void NoteEnd() {
    if (connections_.empty() && accepting_.empty()) quiet_.Set();
  }

  // While it drains: idle connections are closed, but not before the loop has
  // looked once for requests that have come.
  void CutIdleSoon() {
    if (idle_turns_left_ == 0) idle_turns_left_ = kIdleTurns;
  }
  void CutIdle();

  // LoopGuest: starts the watches of handlers that stay suspended.
  void OnTurn() override;
  bool HasImmediateWork() const override {
    return !suspended_.empty() || idle_turns_left_ > 0;
  }

  // The time, read once in each turn of the loop: late by what the turn has
  // taken so far.
  MonotonicNanos TurnNow() {
    if (const uint64_t turn = loop_.stats().turns; turn != turn_) {
      turn_ = turn;
      turn_now_ = loop_.clock().Now();
    }
    return turn_now_;
  }

  // The turn in which it is asked for, whose end brings what has come; and the
  // next, in which the connections take it.
  static constexpr int kIdleTurns = 2;

  Loop& loop_;
  const HttpServerOptions options_;
  HttpHandler handler_;
  HttpServerStats stats_;
  HttpExchangePool exchanges_;
  DateCache date_;
  uint64_t turn_ = ~uint64_t{0};
  MonotonicNanos turn_now_ = 0;

  bool draining_ = false;
  bool grace_is_over_ = false;
  int idle_turns_left_ = 0;  // Until CutIdle(), if it is asked for.
  Semaphore slots_;          // One for each connection that may be open.
  Event quiet_;              // No connection is open, no Serve() accepts.
  IntrusiveList<HttpConnection, HttpConnectionTag> connections_;
  IntrusiveList<Accepting, struct HttpAcceptingTag> accepting_;
  // Connections whose handler was called in this turn and has not ended; and
  // those that have been so since the turn before.
  IntrusiveList<HttpConnection, HttpSuspendedTag> handling_;
  IntrusiveList<HttpConnection, HttpSuspendedTag> suspended_;
};

}  // namespace braid

#endif  // BRAID_IO_HTTP_SERVER_H_
