#ifndef BRAID_JSBIND_WEB_FETCH_UPLOAD_H_
#define BRAID_JSBIND_WEB_FETCH_UPLOAD_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "async/event.h"
#include "async/task.h"
#include "io/http/client_request.h"

namespace braid {

// The body of a request that JS gives piece by piece, and its way to the
// client. One piece waits at a time, so JS is as fast as the peer.
// Ownership: shared by JS and the client's source. Thread: the loop's.
class FetchUpload {
 public:
  // Gives a piece, of which a copy is made; returns when the client has taken
  // it. Not to be called again before.
  // Errors: FailedPreconditionError when the request has ended.
  Task<absl::Status> Write(std::span<const uint8_t> bytes);
  // The body is whole.
  void End();
  // It will not become so: the request ends.
  void Fail();

  // What the client reads. When that is destroyed the request has ended.
  static HttpBodySource SourceOf(std::shared_ptr<FetchUpload> upload);

 private:
  enum class State : uint8_t {
    kOpen,
    kWhole,   // End() was called.
    kFailed,  // Fail() was called.
    kClosed,  // The request has ended.
  };

  Task<absl::StatusOr<std::string_view>> Next();
  void Close();

  State state_ = State::kOpen;
  bool offered_ = false;  // Whether next_ waits to be taken.
  std::string next_;
  std::string current_;  // What the client sends.
  Event changed_;        // For the client: there is something to take.
  Event taken_;          // For JS.
};

}  // namespace braid

#endif  // BRAID_JSBIND_WEB_FETCH_UPLOAD_H_
