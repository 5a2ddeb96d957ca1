#include "jsbind/web/http_exchange.h"

#include "absl/log/check.h"
#include "async/status_macros.h"
#include "jsbind/shielded_wait.h"
#include "jsbind/web/header_lines.h"

namespace braid {

JsHttpExchange::JsHttpExchange(JsHttpExchanges& all, HttpRequest& request,
                               HttpResponse& response, CancelScope& scope,
                               uint16_t port, uint64_t body_bytes_max)
    : all_(all),
      request_(request),
      response_(response),
      handler_scope_(scope),
      port_(port),
      body_bytes_max_(body_bytes_max),
      id_(all.Add(*this)) {}

JsHttpExchange::~JsHttpExchange() {
  CHECK(!busy())
      << "an HTTP handler ended before the operations of its request";
  if (!ended()) all_.Remove(id_);
}

absl::Status JsHttpExchange::SetHead(int status, std::string_view lines) {
  response_.set_status(status);
  absl::Status appended = AppendHeaderLines(lines, response_.headers());
  if (!appended.ok()) response_.headers().Clear();
  return appended;
}

void JsHttpExchange::End(absl::Status status) {
  if (ended()) return;
  status_ = std::move(status);
  all_.Remove(id_);
  ended_.Set();
}

Task<absl::Status> JsHttpExchange::WaitForOperations() {
  if (!busy()) co_return absl::OkStatus();
  scope_->Cancel();
  idle_.Reset();
  co_return co_await ShieldedWait(idle_);
}

int32_t JsHttpExchanges::Add(JsHttpExchange& exchange) {
  int32_t id;
  if (!free_.empty()) {
    id = free_.back();
    free_.pop_back();
  } else {
    CHECK_LT(slots_.size(), size_t{1} << kPlaceBits)
        << "too many requests at one time";
    id = static_cast<int32_t>(slots_.size());
    slots_.emplace_back();
  }
  slots_[static_cast<size_t>(id & kPlaceMask)] = {&exchange, id};
  return id;
}

void JsHttpExchanges::Remove(int32_t id) {
  Slot& slot = slots_[static_cast<size_t>(id & kPlaceMask)];
  slot = {nullptr, -1};
  // The next use of the place has the next number, without the sign bit.
  constexpr uint32_t kUse = uint32_t{1} << kPlaceBits;
  free_.push_back(
      static_cast<int32_t>((static_cast<uint32_t>(id) + kUse) & 0x7fffffff));
}

}  // namespace braid
