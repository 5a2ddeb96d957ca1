#ifndef BRAID_JSBIND_WEB_FETCH_BODY_H_
#define BRAID_JSBIND_WEB_FETCH_BODY_H_

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "async/cancel_scope.h"
#include "async/task.h"
#include "io/http/client.h"
#include "jsbind/convert_bytes.h"

namespace braid {

// The body of a response that had not come whole with its head, as JS reads it.
// It has the connection until its end, Close(), or until the garbage collector
// finds that nobody can read it any more. Thread: the loop's.
class FetchBody {
 public:
  // The longest body that Bytes() gives.
  static constexpr size_t kBytesMax = size_t{1} << 30;

  // `first` is what has been read of it. `client` is kept, since it must
  // outlive its responses.
  FetchBody(std::shared_ptr<HttpClient> client, HttpClientResponse response,
            std::string first)
      : client_(std::move(client)),
        response_(std::move(response)),
        first_(std::move(first)) {}

  // The next bytes as they come, or nothing at the end. Errors: as
  // HttpClientResponse::Read(); CancelledError once it was closed.
  Task<absl::StatusOr<std::optional<ByteString>>> Read();
  // All that is left.
  Task<absl::StatusOr<ByteString>> Bytes();
  // Whether the request's body was sent, and sending the rest of it. A response
  // that is complete ends that.
  bool sent() const { return !response_.has_value() || response_->sent(); }
  Task<absl::Status> SendRest();

  // Ends what runs, and the connection.
  void Close();

 private:
  // Something that uses the response, and ends when it is closed.
  class Use {
   public:
    Use(FetchBody& body, const PromiseBase& task, CancelScope*& place);
    ~Use();
    CancelScope& scope() { return scope_; }

   private:
    FetchBody& body_;
    CancelScope*& place_;
    CancelScope scope_;
  };

  const std::shared_ptr<HttpClient> client_;
  std::optional<HttpClientResponse> response_;  // Until it is closed.
  std::string first_;
  bool closed_ = false;
  // Of what runs; null while nothing does.
  CancelScope* reading_ = nullptr;
  CancelScope* sending_ = nullptr;
};

}  // namespace braid

#endif  // BRAID_JSBIND_WEB_FETCH_BODY_H_
