#ifndef BRAID_JSBIND_CONSTRUCTOR_THUNK_H_
#define BRAID_JSBIND_CONSTRUCTOR_THUNK_H_

#include <v8-function-callback.h>

#include <exception>
#include <functional>
#include <memory>
#include <tuple>
#include <type_traits>
#include <utility>

#include "jsbind/bound_function.h"
#include "jsbind/class_registry.h"
#include "jsbind/js_error.h"

namespace braid::internal {

// The V8 callback for `new T(...)`: makes a T with a function object of type F
// and ties it to the JS object that V8 has made.
template <typename T, typename F, typename Sig = SignatureOf<F, false>>
struct ConstructorThunk;

template <typename T, typename F, typename R, typename... P>
struct ConstructorThunk<T, F, Signature<R, P...>> {
  static_assert(!IsTask<R>,
                "a constructor cannot await: use an async StaticMethod");
  static constexpr int kLength =
      (int{Argument<P, CallKind::kSync>::kTakesValue} + ... + 0);

  static void Call(const v8::FunctionCallbackInfo<v8::Value>& info) {
    Js js(info.GetIsolate());
    const BoundFunction& function = FunctionOf(info);
    if (!info.IsConstructCall()) {
      ThrowError(
          js, TypeErrorWithCode(
                  js, function.name.substr(4) + " needs to be called with new",
                  "ERR_CONSTRUCT_CALL_REQUIRED"));
      return;
    }
    Construct(js, info, function, std::index_sequence_for<P...>());
  }

 private:
  template <size_t... I>
  static void Construct(Js& js, const v8::FunctionCallbackInfo<v8::Value>& info,
                        const BoundFunction& function,
                        std::index_sequence<I...>) {
    int failed = -1;
    int index = 0;
    std::tuple<std::optional<typename Argument<P, CallKind::kSync>::Storage>...>
        storage{Read<P>(js, info, index, failed)...};
    if (failed >= 0) {
      js.ThrowFailure(ArgumentSubject(function, failed));
      return;
    }
    try {
      Attach(js, info,
             StoredCallable<F>(info).Get()(
                 Argument<P, CallKind::kSync>::Pass(*std::get<I>(storage))...));
    } catch (...) {
      ThrowError(js, ErrorFromException(js, std::current_exception()));
    }
  }

  template <typename Parameter>
  static auto Read(Js& js, const v8::FunctionCallbackInfo<v8::Value>& info,
                   int& index, int& failed) {
    using A = Argument<Parameter, CallKind::kSync>;
    std::optional<typename A::Storage> storage;
    if constexpr (!A::kTakesValue) {
      storage.emplace(A::Inject(js));
    } else if (failed < 0) {
      storage = A::Read(js, info[index]);
      if (!storage.has_value()) failed = index;
      ++index;
    }
    return storage;
  }

  template <typename Made>
  static void Attach(Js& js, const v8::FunctionCallbackInfo<v8::Value>& info,
                     Made made) {
    if constexpr (requires { made.status(); }) {
      if (!made.ok()) {
        ThrowError(js, ErrorFromStatus(js, made.status()));
      } else {
        Attach(js, info, *std::move(made));
      }
    } else {
      std::shared_ptr<T> object(std::move(made));
      ClassRegistry& classes = js.runtime().classes();
      T* const address = object.get();
      classes.Attach(info.This(), *classes.Find(&kClassKey<T>), address,
                     std::move(object));
    }
  }
};

}  // namespace braid::internal

#endif  // BRAID_JSBIND_CONSTRUCTOR_THUNK_H_
