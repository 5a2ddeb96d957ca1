#ifndef BRAID_JSBIND_RESULT_H_
#define BRAID_JSBIND_RESULT_H_

#include <v8-function-callback.h>

#include <exception>
#include <memory>
#include <type_traits>
#include <utility>
#include <variant>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "jsbind/class_registry.h"
#include "jsbind/convert.h"
#include "jsbind/js_error.h"
#include "jsbind/pending_call.h"

namespace braid {

// An exception that C++ code let out, as an Error with its message.
v8::Local<v8::Value> ErrorFromException(Js& js,
                                        const std::exception_ptr& exception);

// A plain result as JS. A movable instance of a bound class becomes an object
// of its own.
template <typename T>
v8::Local<v8::Value> ResultToJs(Js& js, T&& value) {
  using Value = std::remove_cvref_t<T>;
  if constexpr (HasConvert<Value>) {
    return Convert<Value>::ToJs(js, std::forward<T>(value));
  } else {
    static_assert(
        std::is_class_v<Value> && std::is_move_constructible_v<Value>,
        "this result type has no Convert<T>, or its header is not included");
    return Convert<std::shared_ptr<Value>>::ToJs(
        js, std::make_shared<Value>(std::forward<T>(value)));
  }
}

// What a task's result settles a promise with.
inline Settlement SettlementOf(Js& js, std::monostate) {
  return {js.Undefined()};
}
inline Settlement SettlementOf(Js& js, absl::Status status) {
  if (status.ok()) return {js.Undefined()};
  return {ErrorFromStatus(js, status), /*rejected=*/true};
}
template <typename T>
Settlement SettlementOf(Js& js, absl::StatusOr<T> result) {
  if (!result.ok())
    return {ErrorFromStatus(js, result.status()), /*rejected=*/true};
  return {ResultToJs(js, *std::move(result))};
}
template <typename T>
Settlement SettlementOf(Js& js, T&& result) {
  return {ResultToJs(js, std::forward<T>(result))};
}

// What a synchronous function's result does: sets the return value, or throws.
template <typename T>
void SetReturnValue(Js& js, v8::ReturnValue<v8::Value> target, T&& result) {
  using Value = std::remove_cvref_t<T>;
  if constexpr (std::is_same_v<Value, absl::Status>) {
    if (!result.ok()) ThrowError(js, ErrorFromStatus(js, result));
  } else if constexpr (requires {
                         result.status();
                         *result;
                       }) {
    if (!result.ok()) {
      ThrowError(js, ErrorFromStatus(js, result.status()));
    } else {
      SetReturnValue(js, target, *std::forward<T>(result));
    }
  } else if constexpr (std::is_same_v<Value, bool> ||
                       std::is_same_v<Value, double> ||
                       std::is_same_v<Value, int32_t> ||
                       std::is_same_v<Value, uint32_t>) {
    target.Set(result);  // Without a handle.
  } else {
    v8::Local<v8::Value> value = ResultToJs(js, std::forward<T>(result));
    if (!value.IsEmpty()) target.Set(value);
  }
}

}  // namespace braid

#endif  // BRAID_JSBIND_RESULT_H_
