#ifndef BRAID_JSBIND_BOUND_FUNCTION_H_
#define BRAID_JSBIND_BOUND_FUNCTION_H_

#include <v8-exception.h>
#include <v8-external.h>
#include <v8-function-callback.h>
#include <v8-template.h>

#include <array>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "async/task.h"
#include "jsbind/argument.h"
#include "jsbind/bridge_call.h"
#include "jsbind/convert_struct.h"
#include "jsbind/result.h"
#include "jsbind/signature.h"

namespace braid {

// A C++ function as V8 calls it. Its address travels with the JS function, so
// it lives as long as the runtime (its ModuleDef owns it).
struct BoundFunction {
  std::string name;  // For errors: "Store.put"
  int length = 0;    // What fn.length says in JS.
  v8::FunctionCallback callback = nullptr;
  // A lambda; null for a function named at compile time.
  std::shared_ptr<void> callable;
  // It returns a Task, and JS sees a function that gives a promise.
  bool is_async = false;

  // What of a synchronous function becomes JS's; of an async one, what the
  // function that JS sees is wrapped around.
  v8::Local<v8::FunctionTemplate> Template(
      Js& js, v8::Local<v8::Signature> receiver = {}) const;
  // The function that JS sees. `receiver`: as what classes `this` must be.
  v8::MaybeLocal<v8::Function> Function(
      Js& js, v8::Local<v8::Signature> receiver = {}) const;
};

namespace internal {

inline const BoundFunction& FunctionOf(
    const v8::FunctionCallbackInfo<v8::Value>& info) {
  return *static_cast<const BoundFunction*>(
      info.Data().As<v8::External>()->Value());
}

// "put(): argument 2"
std::string ArgumentSubject(const BoundFunction& function, int index);
// Puts the AbortSignal in a call's trailing argument, of {signal} or itself,
// into `signal`; leaves that empty if there is none. False with a JS exception
// pending if looking for it threw.
bool FindSignal(Js& js, v8::Local<v8::Value> options,
                v8::Local<v8::Value>& signal);

// A function that is named at compile time.
template <auto kFunction>
struct StaticCallable {
  using Type = decltype(kFunction);
  explicit StaticCallable(const v8::FunctionCallbackInfo<v8::Value>&) {}
  auto Get() const { return kFunction; }
};
// A function object that the BoundFunction owns.
template <typename F>
struct StoredCallable {
  using Type = F;
  explicit StoredCallable(const v8::FunctionCallbackInfo<v8::Value>& info)
      : function(static_cast<F*>(FunctionOf(info).callable.get())) {}
  std::reference_wrapper<F> Get() const { return *function; }
  F* function;
};

// Instances of a class in methods: `this` of JS, checked by V8's signature.
template <typename T>
Instance<T> Receiver(const v8::FunctionCallbackInfo<v8::Value>& info) {
  return Instance<T>(*v8::Object::Unwrap<Wrapper::kTag, Wrapper>(
      info.GetIsolate(), info.This()));
}

// The V8 callback for a callable. kMethodOf is the class whose instances are
// the receiver, or void for a plain function.
template <typename Callable, typename kMethodOf,
          typename Sig =
              SignatureOf<typename Callable::Type, !std::is_void_v<kMethodOf>>>
struct Thunk;

template <typename Callable, typename MethodOf, typename R, typename... P>
struct Thunk<Callable, MethodOf, Signature<R, P...>> {
  static constexpr bool kIsMethod = !std::is_void_v<MethodOf>;
  static constexpr bool kIsAsync = IsTask<R>;
  static constexpr CallKind kKind =
      kIsAsync ? CallKind::kAsync : CallKind::kSync;
  template <size_t I>
  using Arg = Argument<std::tuple_element_t<I, std::tuple<P...>>, kKind>;
  static constexpr int kLength =
      (int{Argument<P, kKind>::kTakesValue} + ... + 0);

  // Where parameter I stands among the JS arguments.
  template <size_t I>
  static constexpr int JsIndex() {
    constexpr std::array<bool, sizeof...(P) + 1> kTakes = {
        Argument<P, kKind>::kTakesValue..., false};
    int index = 0;
    for (size_t i = 0; i < I; ++i) index += int{kTakes[i]};
    return index;
  }

  static void Call(const v8::FunctionCallbackInfo<v8::Value>& info) {
    Js js(info.GetIsolate());
    if constexpr (kIsAsync) {
      CallAsync(js, info, std::index_sequence_for<P...>());
    } else {
      CallSync(js, info, std::index_sequence_for<P...>());
    }
  }

 private:
  // Reads parameter I; on failure notes its JS index.
  template <size_t I>
  static auto Read(Js& js, const v8::FunctionCallbackInfo<v8::Value>& info,
                   int& failed) {
    using A = Arg<I>;
    if constexpr (!A::kTakesValue) {
      return std::optional<typename A::Storage>(A::Inject(js));
    } else {
      std::optional<typename A::Storage> storage;
      if (failed >= 0) return storage;
      constexpr int kIndex = JsIndex<I>();
      storage = A::Read(js, info[kIndex]);
      if (!storage.has_value()) [[unlikely]]
        failed = kIndex;
      return storage;
    }
  }

  template <size_t... I>
  static void CallSync(Js& js, const v8::FunctionCallbackInfo<v8::Value>& info,
                       std::index_sequence<I...>) {
    int failed = -1;
    // Braces: read from left to right.
    std::tuple<std::optional<typename Arg<I>::Storage>...> storage{
        Read<I>(js, info, failed)...};
    if (failed >= 0) [[unlikely]] {
      js.ThrowFailure(ArgumentSubject(FunctionOf(info), failed));
      return;
    }
    try {
      auto&& function = Callable(info).Get();
      auto invoke = [&]() -> decltype(auto) {
        if constexpr (kIsMethod) {
          const Instance<MethodOf> receiver = Receiver<MethodOf>(info);
          return std::invoke(function, *receiver,
                             Arg<I>::Pass(*std::get<I>(storage))...);
        } else {
          return std::invoke(function, Arg<I>::Pass(*std::get<I>(storage))...);
        }
      };
      if constexpr (std::is_void_v<R>) {
        invoke();
      } else if constexpr (std::is_lvalue_reference_v<R> &&
                           !HasConvert<std::remove_cvref_t<R>>) {
        // An object that C++ owns.
        SetReturnValue(js, info.GetReturnValue(), &invoke());
      } else {
        SetReturnValue(js, info.GetReturnValue(), invoke());
      }
    } catch (...) {
      ThrowError(js, ErrorFromException(js, std::current_exception()));
    }
  }

  // Gives or throws what the call ended with; the wrapper in JS makes it a
  // promise.
  template <size_t... I>
  static void CallAsync(Js& js, const v8::FunctionCallbackInfo<v8::Value>& info,
                        std::index_sequence<I...>) {
    int failed = -1;
    std::tuple<std::optional<typename Arg<I>::Storage>...> storage{
        Read<I>(js, info, failed)...};
    if (failed >= 0) [[unlikely]] {
      js.ThrowFailure(ArgumentSubject(FunctionOf(info), failed));
      return;
    }
    auto call = [&] {
      if constexpr (kIsMethod) {
        return MakeBridgeCall<TaskValue<R>>(
            js.runtime(),
            [callable = Callable(info)](
                Instance<MethodOf>& receiver,
                typename Arg<I>::Storage&... stored) -> R {
              return std::invoke(callable.Get(), *receiver,
                                 Arg<I>::Pass(stored)...);
            },
            Receiver<MethodOf>(info), *std::move(std::get<I>(storage))...);
      } else {
        return MakeBridgeCall<TaskValue<R>>(
            js.runtime(),
            [callable =
                 Callable(info)](typename Arg<I>::Storage&... stored) -> R {
              return std::invoke(callable.Get(), Arg<I>::Pass(stored)...);
            },
            *std::move(std::get<I>(storage))...);
      }
    }();
    if (info.Length() > kLastOptions) [[unlikely]] {
      v8::Local<v8::Value> signal;
      if (!FindSignal(js,
                      info[info.Length() > kLength ? kLength : kLastOptions],
                      signal) ||
          (!signal.IsEmpty() &&
           !js.runtime().calls().SetSignal(js, call.pending(), signal))) {
        call.Drop();
        js.ThrowFailure(
            absl::StrCat(FunctionOf(info).name, "(): options.signal"));
        return;
      }
    }
    const std::optional<Settlement> ended = call.Start(js);
    // Without a value an exception is pending already.
    if (!ended.has_value() || ended->value.IsEmpty()) return;
    if (ended->rejected) {
      js.isolate()->ThrowException(ended->value);
    } else {
      info.GetReturnValue().Set(ended->value);
    }
  }

  // From which argument on an options bag may hold a signal: the last one if
  // that is a struct, else one behind it.
  static constexpr int LastOptions() {
    if constexpr (sizeof...(P) > 0) {
      using Last = std::remove_cvref_t<
          std::tuple_element_t<sizeof...(P) - 1, std::tuple<P...>>>;
      if constexpr (HasJsFields<Last>) return kLength - 1;
      if constexpr (requires { typename Last::value_type; }) {
        if constexpr (HasJsFields<typename Last::value_type>)
          return kLength - 1;
      }
    }
    return kLength;
  }
  static constexpr int kLastOptions = LastOptions();
};

}  // namespace internal
}  // namespace braid

#endif  // BRAID_JSBIND_BOUND_FUNCTION_H_
