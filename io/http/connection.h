#ifndef BRAID_IO_HTTP_CONNECTION_H_
#define BRAID_IO_HTTP_CONNECTION_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "async/cancel_scope.h"
#include "async/intrusive_list.h"
#include "async/task.h"
#include "io/http/exchange.h"
#include "io/http/lazy_timer.h"
#include "io/http/render.h"
#include "io/tcp.h"

namespace braid {

class HttpServer;

// One connection of an HttpServer, from accept to close.
//
// Tasks. Run() is the connection's task. Below it, in a cancel scope of the
// connection's own, Serve() waits for requests and Work() answers them one by
// one: parse, call the handler, render the response into `output`, and when
// nothing more can be parsed write everything at once. So the responses to
// pipelined requests leave in one write, and in the order of the requests.
//
// A handler that does not suspend costs nothing more. One that is still
// suspended after a whole turn of the loop gets a watch, a second task that
// sends what is gathered (nobody shall wait for a later, slow request), gives
// the receive buffer back, and reads ahead a little, since the end of the
// stream is what tells that the peer has gone. When it has read enough, it
// stops receiving, until the handler has taken that. The watch ends before
// Work() goes on.
//
// Cutting short. Deadlines, the peer's leaving and the end of a drain cancel
// the connection's scope, with the reason in cut(). Everything in it unwinds,
// the handler first; Run(), which stands outside, says what is left to say
// (408, 503, a response that was complete and not sent) and closes. A response
// that was cut in two ends with a reset: the peer must see that it was.
//
// Memory. While it waits for a request a connection holds no buffers: they
// are in the HttpExchange, which goes back to the server's pool, and received
// bytes come in the loop's. What is left are this object, the tasks' frames
// and the socket.
class HttpConnection final : public ListNode<struct HttpConnectionTag>,
                             public ListNode<struct HttpSuspendedTag>,
                             private LazyTimer {
 public:
  // `server` must outlive it.
  HttpConnection(HttpServer& server, TcpStream stream, CancelScope& parent);
  ~HttpConnection();

  // Serves until the connection has ended, and closes it.
  Task<void> Run();

  // Why the connection was cut short.
  enum class Cut : uint8_t {
    kNone,
    kPeerGone,    // It closed or reset the connection.
    kIdle,        // No request within idle_time, or the server drains.
    kHeaderTime,  // A limit of HttpServerOptions.
    kBodyTime,
    kWriteTime,
    kServerEnds,  // A drain has come to its deadline.
  };
  Cut cut() const { return cut_; }
  void CutShort(Cut cut);

  // Whether it waits for a request of which nothing has come.
  bool idle() const { return exchange_ == nullptr; }
  // While the server drains: the turn of the loop in which it became idle; 0
  // if it was so before.
  uint64_t idle_turn() const { return idle_turn_; }

  // Called when the handler was suspended for a whole turn.
  void StartWatch();

  // For HttpBody, HttpRequest and HttpResponse. ------------------------------

  Task<absl::StatusOr<std::string_view>> ReadBody();
  // Notes that the handler found the body above a limit of its own.
  void RefuseBody(std::string message);
  absl::Status abort_reason() const;
  SocketAddress peer_address() const { return stream_.peer_address(); }
  Task<absl::Status> SendWhole(std::string_view body);
  Task<absl::Status> WritePiece(std::string_view piece);

 private:
  // Bodies and pieces up to this size are copied behind what is gathered,
  // longer ones are sent from where they are: copying is cheaper than a longer
  // gather list only while the bytes are few.
  static constexpr size_t kCopiedBytesMax = 16 << 10;

  // What follows when there is nothing more to do.
  enum class Next : uint8_t {
    kIdle,    // Wait for the next request.
    kClose,   // Close.
    kLinger,  // Close, but let the peer read the response first.
    kAbort,   // Reset, so that the peer cannot take the response for complete.
  };
  // Which wait of the reading side a deadline is about.
  enum class Wait : uint8_t { kIdle, kHead, kBody };

  // connection.cc: requests. -------------------------------------------------

  Task<Next> Serve();
  Task<Next> Work();
  Task<Next> FinishResponse(absl::Status handled);
  // Goes through what has come of a body that nobody reads; it may be complete
  // with that. False: it is malformed.
  bool SkipReceivedBody();
  Task<Next> DrainBody();
  Task<Next> LastWords();
  Task<void> Linger();
  Task<absl::Status> DropInput();
  // Whether so much of the request's body is left that the connection cannot
  // be used again.
  bool BodyStandsInTheWay(bool handler_ended) const;
  void ReportFailure(const absl::Status& status);

  // connection_output.cc: responses. -----------------------------------------

  // Renders the head, after looking at what the handler has set. `length` is
  // that of the body, or nothing when it is streamed.
  absl::Status StartResponse(std::optional<uint64_t> length);
  // Looks at what the handler said about Connection and Content-Length.
  void TakeConnectionHeader();
  absl::StatusOr<std::optional<uint64_t>> AnnouncedLength();
  absl::Status RenderWhole();
  absl::Status EndStream();
  // Whether the response has no body whatever the handler gives.
  bool BodyIsLeftOut() const;
  void RenderRefusal(const HttpRefusal& refusal);
  // Sends what is gathered, then `body` and `tail`, after whoever writes now.
  Task<absl::Status> Flush(std::string_view body = {},
                           std::string_view tail = {});
  Task<absl::Status> WriteSlices(std::string_view body, std::string_view tail);
  // Waits until nobody writes: only then may `output` be added to.
  Task<absl::Status> WaitForWriter();
  void SetWriteDeadline();

  // connection_input.cc: received bytes. -------------------------------------

  // Waits for more input. REQUIRES: input is empty. False at the stream's end.
  Task<absl::StatusOr<bool>> Fill();
  // The same for the request's body, within its time.
  Task<absl::StatusOr<bool>> FillBody();
  void TakeInput(Lease lease);
  // From here on the handler may wait for something else: has it watched if
  // that takes longer.
  void WatchAnew();
  // Whether the server will look at the handler again, and so calls
  // StartWatch() if it goes on waiting.
  bool watch_is_due() const { return ListNode<HttpSuspendedTag>::linked(); }
  Task<void> Watch();
  Task<void> StopWatch();

  void SetReadDeadline(Wait wait, absl::Duration delay);
  void ClearReadDeadline();
  void OnDeadline();

  HttpServer& server_;
  TcpStream stream_;
  CancelScope scope_;
  std::unique_ptr<HttpExchange> exchange_;  // Null while idle.

  MonotonicNanos read_deadline_ = kNever;
  MonotonicNanos write_deadline_ = kNever;
  Wait wait_ = Wait::kIdle;
  Cut cut_ = Cut::kNone;
  // Between a request's head and the end of its response.
  bool handling_ = false;
  // Of the line breaks before the next request.
  uint8_t skipped_bytes_ = 0;
  uint64_t idle_turn_ = 0;
};

}  // namespace braid

#endif  // BRAID_IO_HTTP_CONNECTION_H_
