#include "jsbind/web/fetch_body.h"

#include <string_view>

#include "absl/strings/str_cat.h"
#include "async/promise_base.h"
#include "async/status_macros.h"

namespace braid {

FetchBody::Use::Use(FetchBody& body, const PromiseBase& task,
                    CancelScope*& place)
    : body_(body),
      place_(place),
      scope_(task.cancel_scope(), CancelPropagation::kInherit) {
  place_ = &scope_;
}

FetchBody::Use::~Use() {
  place_ = nullptr;
  if (body_.closed_ && body_.reading_ == nullptr && body_.sending_ == nullptr)
    body_.response_.reset();
}

void FetchBody::Close() {
  closed_ = true;
  first_ = std::string();
  for (CancelScope* scope : {reading_, sending_}) {
    if (scope != nullptr) scope->Cancel();
  }
  if (reading_ == nullptr && sending_ == nullptr) response_.reset();
}

Task<absl::StatusOr<std::optional<ByteString>>> FetchBody::Read() {
  if (closed_) co_return absl::CancelledError();
  if (reading_ != nullptr)
    co_return absl::FailedPreconditionError("The body is being read");
  if (!first_.empty()) co_return ByteString{std::exchange(first_, {})};
  Use use(*this, co_await CurrentTask(), reading_);
  const absl::StatusOr<std::string_view> piece =
      co_await response_->Read().In(use.scope());
  if (!piece.ok() || piece->empty()) {
    Close();
    CO_RETURN_IF_ERROR(piece.status());
    co_return std::nullopt;
  }
  co_return ByteString{std::string(*piece)};
}

Task<absl::StatusOr<ByteString>> FetchBody::Bytes() {
  std::string all;
  for (;;) {
    CO_ASSIGN_OR_RETURN(std::optional<ByteString> piece, co_await Read());
    if (!piece.has_value()) co_return ByteString{std::move(all)};
    if (piece->bytes.size() > kBytesMax - all.size()) {
      Close();
      co_return absl::ResourceExhaustedError(absl::StrCat(
          "The body is longer than ", kBytesMax, " bytes: read its stream"));
    }
    if (all.empty()) {
      all = std::move(piece->bytes);
    } else {
      all += piece->bytes;
    }
  }
}

Task<absl::Status> FetchBody::SendRest() {
  if (closed_ || sending_ != nullptr) co_return absl::OkStatus();
  Use use(*this, co_await CurrentTask(), sending_);
  co_return co_await response_->SendRest().In(use.scope());
}

}  // namespace braid
