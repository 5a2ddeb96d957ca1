#ifndef BRAID_JSBIND_WEB_HTTP_EXCHANGE_H_
#define BRAID_JSBIND_WEB_HTTP_EXCHANGE_H_

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "async/cancel_scope.h"
#include "async/event.h"
#include "async/task.h"
#include "io/http/request.h"
#include "io/http/response.h"

namespace braid {

class JsHttpExchanges;

// A request that JS is answering, as long as it does. It lies in the frame of
// the server's handler; JS knows it by a number.
class JsHttpExchange {
 public:
  // `scope` is that of the handler's task.
  JsHttpExchange(JsHttpExchanges& all, HttpRequest& request,
                 HttpResponse& response, CancelScope& scope, uint16_t port,
                 uint64_t body_bytes_max);
  ~JsHttpExchange();
  JsHttpExchange(const JsHttpExchange&) = delete;
  JsHttpExchange& operator=(const JsHttpExchange&) = delete;

  int32_t id() const { return id_; }
  HttpRequest& request() { return request_; }
  HttpResponse& response() { return response_; }
  // Of the server, for URLs of requests that name no host.
  uint16_t port() const { return port_; }
  uint64_t body_bytes_max() const { return body_bytes_max_; }

  // Sets status and headers; `lines` are "name: value\r\n".
  // Errors: InvalidArgumentError for a name or value that HTTP does not allow;
  // no header is set then.
  absl::Status SetHead(int status, std::string_view lines);

  // The response is whole, or will not become so: the handler's task then ends
  // with `status`. From then on the number means nothing.
  void End(absl::Status status);
  bool ended() const { return ended_.is_set(); }
  const absl::Status& status() const { return status_; }
  Event& ended_event() { return ended_; }

  // What reading the body failed with, if it did.
  absl::Status body_error;

  // Runs `task`, which uses request or response, in the handler's scope. The
  // handler waits for all of them before it ends: WaitForOperations().
  template <typename T>
  Task<T> Run(Task<T> task) {
    if (!scope_.has_value())
      scope_.emplace(handler_scope_, CancelPropagation::kInherit);
    const Use use(*this);
    co_return co_await std::move(task).In(*scope_);
  }

  // The same for a read of the body, which CancelBody() ends.
  template <typename T>
  Task<T> RunOnBody(Task<T> task) {
    if (!scope_.has_value())
      scope_.emplace(handler_scope_, CancelPropagation::kInherit);
    if (!body_scope_.has_value())
      body_scope_.emplace(*scope_, CancelPropagation::kInherit);
    const Use use(*this);
    co_return co_await std::move(task).In(*body_scope_);
  }
  // Nobody will read the body any more.
  void CancelBody() {
    if (body_scope_.has_value()) body_scope_->Cancel();
  }

  bool busy() const { return uses_ > 0; }
  // Cancels what runs and waits until it has ended. REQUIRES: ended, so that
  // nothing begins.
  Task<absl::Status> WaitForOperations();

 private:
  class Use {
   public:
    explicit Use(JsHttpExchange& exchange) : exchange_(exchange) {
      ++exchange_.uses_;
    }
    ~Use() {
      if (--exchange_.uses_ == 0) exchange_.idle_.Set();
    }

   private:
    JsHttpExchange& exchange_;
  };

  JsHttpExchanges& all_;
  HttpRequest& request_;
  HttpResponse& response_;
  CancelScope& handler_scope_;
  const uint16_t port_;
  const uint64_t body_bytes_max_;
  const int32_t id_;
  Event ended_;
  absl::Status status_;
  // Made for the first operation; most requests have none.
  std::optional<CancelScope> scope_;
  std::optional<CancelScope> body_scope_;  // Below scope_.
  int uses_ = 0;
  Event idle_;
};

// The exchanges of a runtime by their numbers. A number is a place in a table
// and how often that place was used, so that one that has ended is not mistaken
// for another. Thread: the loop's.
class JsHttpExchanges {
 public:
  // Null if it has ended.
  JsHttpExchange* Find(int32_t id) const {
    const auto place = static_cast<size_t>(id & kPlaceMask);
    if (place >= slots_.size() || slots_[place].id != id) return nullptr;
    return slots_[place].exchange;
  }

 private:
  friend class JsHttpExchange;

  // 20 bits of place and 11 of use make a small integer of V8.
  static constexpr int kPlaceBits = 20;
  static constexpr int32_t kPlaceMask = (1 << kPlaceBits) - 1;

  struct Slot {
    JsHttpExchange* exchange = nullptr;
    int32_t id = 0;
  };

  int32_t Add(JsHttpExchange& exchange);
  void Remove(int32_t id);

  std::vector<Slot> slots_;
  std::vector<int32_t> free_;
};

}  // namespace braid

#endif  // BRAID_JSBIND_WEB_HTTP_EXCHANGE_H_
