#include "jsbind/web/fetch_upload.h"

#include <utility>

#include "absl/cleanup/cleanup.h"
#include "async/status_macros.h"

namespace braid {

Task<absl::Status> FetchUpload::Write(std::span<const uint8_t> bytes) {
  // An empty piece would be taken for the end.
  if (bytes.empty() && state_ == State::kOpen) co_return absl::OkStatus();
  if (state_ == State::kOpen && !offered_) {
    // JS may change its bytes while they are sent.
    next_.assign(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    offered_ = true;
    taken_.Reset();
    changed_.Set();
    CO_RETURN_IF_ERROR(co_await taken_.Wait());
    if (!offered_) co_return absl::OkStatus();
  }
  co_return absl::FailedPreconditionError("The request has ended");
}

void FetchUpload::End() {
  if (state_ == State::kOpen) state_ = State::kWhole;
  changed_.Set();
}

void FetchUpload::Fail() {
  if (state_ == State::kOpen) state_ = State::kFailed;
  changed_.Set();
}

void FetchUpload::Close() {
  state_ = State::kClosed;
  taken_.Set();
}

Task<absl::StatusOr<std::string_view>> FetchUpload::Next() {
  for (;;) {
    if (offered_) {
      std::swap(current_, next_);
      offered_ = false;
      taken_.Set();
      co_return current_;
    }
    if (state_ == State::kWhole) co_return std::string_view();
    if (state_ == State::kFailed)
      co_return absl::AbortedError("the request's body has failed");
    changed_.Reset();
    CO_RETURN_IF_ERROR(co_await changed_.Wait());
  }
}

HttpBodySource FetchUpload::SourceOf(std::shared_ptr<FetchUpload> upload) {
  absl::Cleanup close = [upload] { upload->Close(); };
  return [upload = std::move(upload), close = std::move(close)] {
    return upload->Next();
  };
}

}  // namespace braid
