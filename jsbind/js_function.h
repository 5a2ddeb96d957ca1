#ifndef BRAID_JSBIND_JS_FUNCTION_H_
#define BRAID_JSBIND_JS_FUNCTION_H_

#include <v8-exception.h>
#include <v8-function.h>
#include <v8-persistent-handle.h>

#include <array>
#include <cstddef>
#include <optional>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "jsbind/borrowed.h"
#include "jsbind/class_registry.h"
#include "jsbind/convert.h"
#include "jsbind/js_error.h"
#include "jsbind/js_promise.h"
#include "jsbind/js_turn.h"
#include "jsbind/runtime.h"

namespace braid {

// A JS function that C++ calls: what a parameter for a callback is.
//
//   Task<absl::Status> ForEach(
//       JsFunction<JsPromise<void>(std::string_view)> visit) {
//     for (const std::string& key : keys) {
//       CO_RETURN_IF_ERROR(co_await visit(key));
//     }
//     co_return absl::OkStatus();
//   }
//
// A call enters JS by itself, from wherever C++ is on the loop's thread, and
// what JS queued runs before it returns unless JS is on the stack already. Its
// result is StatusOr<R>, Status for void, JsPromise<T> (to be awaited) for
// JsPromise<T>. Parameters are anything that Convert brings to JS, and T& for
// instances of bound classes that C++ owns.
// Errors: an exception is a status that keeps the value (js_error.h); a result
// that does not fit R is an InvalidArgumentError; CancelledError once the
// program has ended.
// Ownership: keeps the function alive. Movable. Must end before the runtime.
template <typename Signature>
class JsFunction;

template <typename R, typename... A>
class JsFunction<R(A...)> {
  static_assert(!kBorrows<R>,
                "nothing keeps what a T* points at after the call: take "
                "shared_ptr<T>");

 public:
  JsFunction() = default;  // Of nothing; only to be assigned to.
  JsFunction(Js& js, v8::Local<v8::Function> function)
      : runtime_(&js.runtime()), function_(js.isolate(), function) {}

  explicit operator bool() const { return !function_.IsEmpty(); }
  v8::Local<v8::Function> Get(Js& js) const {
    return function_.Get(js.isolate());
  }

  auto operator()(A... arguments) const {
    if constexpr (IsPromise<R>::value) {
      if (runtime_->exiting()) return R(*runtime_, Ended());
      JsTurn js(*runtime_);
      v8::TryCatch try_catch(js.isolate());
      v8::Local<v8::Value> result = Invoke(js, arguments...);
      if (result.IsEmpty())
        return R(*runtime_, StatusFromCaught(js, try_catch));
      return R(js, result);
    } else if constexpr (std::is_void_v<R>) {
      if (runtime_->exiting()) return Ended();
      JsTurn js(*runtime_);
      v8::TryCatch try_catch(js.isolate());
      if (Invoke(js, arguments...).IsEmpty())
        return StatusFromCaught(js, try_catch);
      return absl::OkStatus();
    } else {
      if (runtime_->exiting()) return absl::StatusOr<R>(Ended());
      JsTurn js(*runtime_);
      v8::TryCatch try_catch(js.isolate());
      v8::Local<v8::Value> result = Invoke(js, arguments...);
      if (result.IsEmpty())
        return absl::StatusOr<R>(StatusFromCaught(js, try_catch));
      std::optional<R> converted = Convert<R>::FromJs(js, result);
      if (converted.has_value())
        return absl::StatusOr<R>(*std::move(converted));
      if (js.failure() == nullptr)
        return absl::StatusOr<R>(StatusFromCaught(js, try_catch));
      return absl::StatusOr<R>(
          StatusFromError(js, js.TakeFailure("a callback's result")));
    }
  }

 private:
  template <typename T>
  struct IsPromise : std::false_type {};
  template <typename T>
  struct IsPromise<JsPromise<T>> : std::true_type {};

  static absl::Status Ended() {
    return absl::CancelledError("the program has ended");
  }

  template <typename P>
  static v8::Local<v8::Value> ArgumentToJs(
      Js& js, std::remove_reference_t<P>& argument) {
    using Value = std::remove_cvref_t<P>;
    if constexpr (!HasConvert<Value>) {
      return WrapBorrowed(js, argument);
    } else if constexpr (std::is_lvalue_reference_v<P>) {
      return Convert<Value>::ToJs(js, argument);
    } else {
      return Convert<Value>::ToJs(js, std::move(argument));
    }
  }

  // Empty after an exception.
  v8::Local<v8::Value> Invoke(Js& js, A&... arguments) const {
    std::array<v8::Local<v8::Value>, sizeof...(A) + 1> values = {
        ArgumentToJs<A>(js, arguments)...};
    for (size_t i = 0; i < sizeof...(A); ++i) {
      if (values[i].IsEmpty()) return {};
    }
    v8::Local<v8::Value> result;
    if (!function_.Get(js.isolate())
             ->Call(js.context(), js.Undefined(),
                    static_cast<int>(sizeof...(A)), values.data())
             .ToLocal(&result)) {
      return {};
    }
    return result;
  }

  Runtime* runtime_ = nullptr;
  v8::Global<v8::Function> function_;
};

template <typename R, typename... A>
struct Convert<JsFunction<R(A...)>> {
  static std::optional<JsFunction<R(A...)>> FromJs(Js& js,
                                                   v8::Local<v8::Value> value) {
    if (!value->IsFunction()) return js.Expected("a function", value);
    return JsFunction<R(A...)>(js, value.As<v8::Function>());
  }
  static v8::Local<v8::Value> ToJs(Js& js,
                                   const JsFunction<R(A...)>& function) {
    return function.Get(js);
  }
};

}  // namespace braid

#endif  // BRAID_JSBIND_JS_FUNCTION_H_
