#ifndef BRAID_JSBIND_WEB_BODY_SOURCE_H_
#define BRAID_JSBIND_WEB_BODY_SOURCE_H_

#include <string_view>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "async/task.h"

namespace braid {

// A body in C++ that JS passes on as a whole: what the handle of a NativeSource
// (streams/native_source.js) is. A server that answers with such a body moves
// its bytes from socket to socket without JS in between.
//
//   auto source = std::make_shared<BodySource>([response] {
//     return response->Read();
//   });
//   co_return source;  // JS has an object that only C++ can read from.
//
// Whatever the bytes lie in belongs to the function: here, `response` is a
// shared_ptr.
//
// "internal:ops/http" declares the class to JS. Thread: the loop's.
class BodySource {
 public:
  // Each call gives the next bytes, valid until the next call; empty at the
  // end. It may be called after JS has read some of the body, but never while
  // a read is under way. Cancellation: CancelledError.
  using ReadFunction =
      absl::AnyInvocable<Task<absl::StatusOr<std::string_view>>()>;

  explicit BodySource(ReadFunction read) : read_(std::move(read)) {}

  Task<absl::StatusOr<std::string_view>> Read() { return read_(); }

 private:
  ReadFunction read_;
};

}  // namespace braid

#endif  // BRAID_JSBIND_WEB_BODY_SOURCE_H_
