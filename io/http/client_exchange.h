#ifndef BRAID_IO_HTTP_CLIENT_EXCHANGE_H_
#define BRAID_IO_HTTP_CLIENT_EXCHANGE_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "async/cancel_scope.h"
#include "async/clock.h"
#include "async/event.h"
#include "async/task.h"
#include "io/buffer_ring.h"
#include "io/http/client_options.h"
#include "io/http/client_pool.h"
#include "io/http/client_request.h"
#include "io/http/http_url.h"
#include "io/http/response_head.h"

namespace braid {

// One request on one connection, and its response. HttpClient makes them;
// HttpClientResponse is what users have of one.
//
// Sending and receiving go on beside each other, since a response may come
// before the body was sent, and an echo's must be read for the rest to be
// taken. There is no task of its own for that: whoever waits for the response
// sends meanwhile. Sending can be broken off at each await and taken up again,
// because it is made of single sends, whose result is exact.
//
// When both sides are complete, the connection goes back to the pool. In any
// other case it is closed, when this object ends.
class HttpClientExchange {
 public:
  // All but `slot` must outlive it. `deadline`: of total_time.
  HttpClientExchange(Loop& loop, const HttpClientOptions& options,
                     HttpClientPool::Slot slot, HttpClientRequest& request,
                     const HttpUrl& url, MonotonicNanos deadline);

  // What a request ends with when its total_time is over.
  static absl::Status TotalTimeError(const HttpClientOptions& options);

  // Sends the request and waits for the head of its response.
  Task<absl::Status> Begin();
  // After Begin() has failed: whether the connection was one that the peer
  // closed while it was idle, so that nothing of the request was dealt with.
  bool was_stale() const;

  const HttpResponseHead& head() const { return head_; }

  // The next bytes of the body; empty at its end.
  Task<absl::StatusOr<std::string_view>> Read();
  // What of it is in the input already; empty if there is nothing to be had
  // without waiting.
  std::string_view ReadBuffered();
  // Whether nothing more will come.
  bool ended() const { return body_ended_; }

  // Sends the rest of the request's body. REQUIRES: not twice at a time.
  Task<absl::Status> SendRest();
  bool sent() const { return sent_; }

 private:
  void RenderHead(const HttpUrl& url);
  // Takes the next piece of the body from the source.
  Task<absl::Status> TakePiece();
  absl::Status PutPiece(std::string_view piece);
  // Sends until all is sent, it fails, or it is cancelled.
  Task<absl::Status> Send();
  Task<void> SendBeside();
  // Runs a task that reads, sending meanwhile if there is something to send
  // and nobody else does.
  template <typename T>
  Task<T> WhileSending(Task<T> reading);
  Task<absl::Status> ReadHead();
  Task<absl::StatusOr<std::string_view>> ReadPiece();
  // The next piece from the input alone, empty at the end; nothing if more is
  // needed.
  absl::StatusOr<std::optional<std::string_view>> PieceOfInput();
  // Waits for more input, for at most `limit` (which `name` names) behind the
  // last progress. False at the end of the stream.
  Task<absl::StatusOr<bool>> Fill(absl::Duration limit, std::string_view name);
  Task<absl::StatusOr<Lease>> ReadLease() {
    co_return co_await stream().Read();
  }
  Task<absl::StatusOr<size_t>> WriteOnce(std::string_view part);
  absl::Status Refusal() const;
  // Gives the connection back if that is possible.
  void FinishIfComplete();
  absl::Duration KeepFor() const;

  TcpStream& stream() { return slot_.connection->stream; }
  HttpResponseParser& parser() { return slot_.connection->parser; }

  Loop& loop_;
  const HttpClientOptions& options_;
  HttpClientPool::Slot slot_;
  HttpClientRequest& request_;
  const MonotonicNanos deadline_;
  const bool was_used_;

  // Sending. `out_` is the head, later a chunk's framing; the parts are what is
  // still to be sent, in this order, and may lie in out_, in the request's body
  // or in the source's piece.
  std::string out_;
  std::array<std::string_view, 3> parts_;
  uint64_t source_left_ = 0;  // Of source_length.
  bool source_ended_ = true;
  bool sent_ = false;
  bool sending_ = false;         // A task is in Send().
  bool source_pending_ = false;  // It waits for the source.
  bool sending_rest_ = false;    // A task is in SendRest().
  Event sender_ended_;           // For that one.
  // The one that waits for the response, if the body is sent meanwhile.
  CancelScope* reader_ = nullptr;
  // When the last bytes were sent, or somebody began to wait for the body's.
  MonotonicNanos progress_at_;
  absl::Status source_error_;  // The request cannot be completed.
  absl::Status send_error_;    // The connection takes nothing more.

  // Receiving.
  HttpResponseHead head_;
  Lease lease_;
  std::string_view input_;  // A part of it.
  bool received_ = false;   // A byte of the response has come.
  bool lost_ = false;       // The connection has ended.
  bool body_ended_ = false;
  absl::Status error_;  // What reading the body has failed with.
};

}  // namespace braid

#endif  // BRAID_IO_HTTP_CLIENT_EXCHANGE_H_
