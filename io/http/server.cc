#include "io/http/server.h"

#include <cerrno>
#include <optional>
#include <utility>
#include <vector>

#include "absl/log/check.h"
#include "absl/log/log.h"
#include "async/combinators.h"
#include "async/scope.h"
#include "async/sleep.h"
#include "async/status_macros.h"
#include "io/errno_status.h"

namespace braid {
namespace {

// How long accepting rests when descriptors or memory have run out.
constexpr absl::Duration kAcceptRest = absl::Milliseconds(100);

// Whether a failed accept(2) works again when others have let go of something.
bool PassesWithTime(const absl::Status& status) {
  switch (ErrnoOf(status)) {
    case EMFILE:   // This process's descriptors are used up;
    case ENFILE:   // the machine's are;
    case ENOBUFS:  // memory for sockets is;
    case ENOMEM:   // memory is.
      return true;
    default:
      return false;
  }
}

}  // namespace

// A Serve() that accepts; Drain() finds it here.
struct HttpServer::Accepting : ListNode<HttpAcceptingTag> {
  Accepting(HttpServer& its_server, CancelScope& parent)
      : server(its_server), scope(parent, CancelPropagation::kInherit) {
    server.accepting_.PushBack(*this);
    server.quiet_.Reset();
  }
  ~Accepting() {
    Unlink();
    server.NoteEnd();
  }
  HttpServer& server;
  CancelScope scope;
};

HttpServer::HttpServer(Loop& loop, HttpServerOptions options,
                       HttpHandler handler)
    : loop_(loop),
      options_(std::move(options)),
      handler_(std::move(handler)),
      exchanges_(options_),
      date_(loop.clock()),
      slots_(options_.max_connections) {
  CHECK_GE(options_.max_connections, 1);
  CHECK_GT(options_.min_body_bytes_per_second, 0);
  quiet_.Set();
  loop_.AddGuest(*this);
}

HttpServer::~HttpServer() {
  CHECK(accepting_.empty() && connections_.empty())
      << "an HttpServer ended before its Serve()";
  loop_.RemoveGuest(*this);
}

Task<absl::Status> HttpServer::Serve(TcpListener listener) {
  PromiseBase& task = co_await CurrentTask();
  Scope connections(task);
  absl::Status ended;
  if (draining_) {
    co_await listener.Close();
  } else {
    Accepting accepting(*this, task.cancel_scope());
    ended = co_await Accept(listener, connections).In(accepting.scope);
    // The port is closed at once, not when the last connection has ended. Who
    // has got in before a drain is served.
    std::vector<TcpStream> rest = co_await listener.Close();
    if (!draining_) rest.clear();
    for (TcpStream& stream : rest) {
      connections.Spawn(
          RunConnection(std::move(stream), std::nullopt, connections));
    }
    // Then they are there for Drain() to wait for.
    if (!rest.empty()) (co_await Yield()).IgnoreError();
  }
  if (!draining_) connections.Cancel();
  CO_RETURN_IF_ERROR(co_await connections.Join());
  if (task.cancelled()) co_return absl::CancelledError();
  co_return draining_ ? absl::OkStatus() : ended;
}

Task<absl::Status> HttpServer::Accept(TcpListener& listener,
                                      Scope& connections) {
  for (;;) {
    CO_ASSIGN_OR_RETURN(Semaphore::Units slot, co_await slots_.Acquire());
    absl::StatusOr<TcpStream> stream = co_await listener.Accept();
    while (!stream.ok() && PassesWithTime(stream.status())) {
      LOG_EVERY_N_SEC(WARNING, 10) << "accepting rests: " << stream.status();
      CO_RETURN_IF_ERROR(co_await SleepFor(kAcceptRest));
      stream = co_await listener.Accept();
    }
    if (!stream.ok()) co_return std::move(stream).status();
    connections.Spawn(
        RunConnection(*std::move(stream), std::move(slot), connections));
  }
}

Task<void> HttpServer::RunConnection(TcpStream stream,
                                     std::optional<Semaphore::Units> slot,
                                     Scope& connections) {
  HttpConnection connection(*this, std::move(stream),
                            connections.cancel_scope());
  co_await connection.Run();
}

Task<absl::Status> HttpServer::WaitUntilQuiet() {
  while (!connections_.empty() || !accepting_.empty())
    CO_RETURN_IF_ERROR(co_await quiet_.Wait());
  co_return absl::OkStatus();
}

Task<absl::Status> HttpServer::Drain(absl::Duration grace) {
  draining_ = true;
  for (Accepting* each = accepting_.First(); each != nullptr;
       each = accepting_.Next(*each)) {
    each->scope.Cancel();
  }
  CutIdleSoon();
  const absl::Status ended = co_await Timeout(grace, WaitUntilQuiet());
  if (!absl::IsDeadlineExceeded(ended)) co_return ended;
  grace_is_over_ = true;
  bool all_finished = true;
  for (HttpConnection* each = connections_.First(); each != nullptr;
       each = connections_.Next(*each)) {
    if (!each->idle()) all_finished = false;
    each->CutShort(HttpConnection::Cut::kServerEnds);
  }
  CO_RETURN_IF_ERROR(co_await WaitUntilQuiet());
  co_return all_finished ? absl::OkStatus() : ended;
}

void HttpServer::CutIdle() {
  const uint64_t turn = loop_.stats().turns;
  for (HttpConnection* each = connections_.First(); each != nullptr;
       each = connections_.Next(*each)) {
    if (!each->idle()) continue;
    if (each->idle_turn() < turn) {
      each->CutShort(HttpConnection::Cut::kIdle);
    } else {
      CutIdleSoon();
    }
  }
}

void HttpServer::OnTurn() {
  while (!suspended_.empty()) suspended_.PopFront().StartWatch();
  suspended_.Splice(handling_);
  if (idle_turns_left_ > 0 && --idle_turns_left_ == 0) [[unlikely]]
    CutIdle();
}

}  // namespace braid
