#ifndef BRAID_JSBIND_JS_ERROR_H_
#define BRAID_JSBIND_JS_ERROR_H_

#include <v8-exception.h>
#include <v8-persistent-handle.h>
#include <v8-value.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "jsbind/js.h"

namespace braid {

// How failures cross between the languages.
//
// C++ to JS (ErrorFromStatus):
//   a status that came from a JS exception -> that same value, identical
//   CancelledError          -> DOMException "AbortError" (code 20)
//   a status with an errno  -> Error as Node makes it: message "ENOENT: no such
//                              file or directory, open 'x'", and code, errno
//                              (negative), syscall, path
//   InvalidArgumentError    -> TypeError, code "INVALID_ARGUMENT"
//   OutOfRangeError         -> RangeError, code "OUT_OF_RANGE"
//   DeadlineExceededError   -> DOMException "TimeoutError" (code 23)
//   any other               -> Error, code as absl names it: "NOT_FOUND"
//
// JS to C++ (StatusFromError):
//   an AbortError           -> CancelledError
//   an Error with an errno  -> the canonical code of that errno, ErrnoOf()
//                              reads it
//   a TypeError, RangeError -> InvalidArgumentError, OutOfRangeError
//   anything else           -> UnknownError
// with the message "TypeError: x is not a function", and the value itself kept
// behind the status, so that it crosses back as the same object. Copies of the
// status share it; the last one lets it go.

v8::Local<v8::Value> ErrorFromStatus(Js& js, const absl::Status& status);
absl::Status StatusFromError(Js& js, v8::Local<v8::Value> error);

// The JS value behind a status; empty if it came from none, or the runtime that
// it came from has ended.
v8::Local<v8::Value> JsErrorOf(Js& js, const absl::Status& status);

// A short-hand: what `try_catch` caught.
absl::Status StatusFromCaught(Js& js, const v8::TryCatch& try_catch);

// An Error whose `code` is `code`, as Node's internal errors have it.
v8::Local<v8::Value> ErrorWithCode(Js& js, std::string_view message,
                                   std::string_view code);
v8::Local<v8::Value> TypeErrorWithCode(Js& js, std::string_view message,
                                       std::string_view code);
// Throws it; interrupts JS instead when the program is ending.
void ThrowError(Js& js, v8::Local<v8::Value> error);

// The JS values behind statuses of one runtime. A status refers to its value by
// an entry here and releases it with its last copy, on whatever thread that is.
class JsErrors {
 public:
  explicit JsErrors(v8::Isolate* isolate);
  ~JsErrors();

  void Attach(v8::Local<v8::Value> error, absl::Status& status);
  v8::Local<v8::Value> Find(const absl::Status& status);
  // Frees what was released on other threads. Once in a turn.
  void Sweep();

 private:
  struct Table {
    std::mutex mutex;
    v8::Isolate* isolate;  // Null when the runtime has ended.
    std::thread::id thread;
    uint64_t next_id = 1;
    absl::flat_hash_map<uint64_t, v8::Global<v8::Value>> errors;
    std::vector<uint64_t> released;  // On other threads.
  };
  struct Reference;

  static void Release(const Reference& reference);

  std::shared_ptr<Table> table_;
};

}  // namespace braid

#endif  // BRAID_JSBIND_JS_ERROR_H_
