#ifndef BRAID_JSBIND_SIGNATURE_H_
#define BRAID_JSBIND_SIGNATURE_H_

#include <type_traits>

#include "async/task.h"

namespace braid {

// The parameter and result types of a callable.
template <typename R, typename... P>
struct Signature {};

namespace internal {

// kMethod: the callable's first parameter (or the class of a member function)
// is the receiver and no parameter.
template <typename F, bool kMethod>
struct SignatureTraits;

template <typename R, typename... P>
struct SignatureTraits<R (*)(P...), false> {
  using Type = Signature<R, P...>;
};
template <typename R, typename Receiver, typename... P>
struct SignatureTraits<R (*)(Receiver, P...), true> {
  using Type = Signature<R, P...>;
};
template <typename R, typename C, typename... P>
struct SignatureTraits<R (C::*)(P...), true> {
  using Type = Signature<R, P...>;
};
template <typename R, typename C, typename... P>
struct SignatureTraits<R (C::*)(P...) const, true> {
  using Type = Signature<R, P...>;
};
template <typename R, bool kMethod, typename... P>
struct SignatureTraits<R (*)(P...) noexcept, kMethod>
    : SignatureTraits<R (*)(P...), kMethod> {};
template <typename R, typename C, typename... P>
struct SignatureTraits<R (C::*)(P...) noexcept, true>
    : SignatureTraits<R (C::*)(P...), true> {};
template <typename R, typename C, typename... P>
struct SignatureTraits<R (C::*)(P...) const noexcept, true>
    : SignatureTraits<R (C::*)(P...) const, true> {};

// The call operator of a function object, as a plain function type.
template <typename F>
struct CallOperator;
template <typename R, typename C, typename... P>
struct CallOperator<R (C::*)(P...)> {
  using Type = R (*)(P...);
};
template <typename R, typename C, typename... P>
struct CallOperator<R (C::*)(P...) const> {
  using Type = R (*)(P...);
};
template <typename F, bool kMethod>
  requires requires { &F::operator(); }
struct SignatureTraits<F, kMethod>
    : SignatureTraits<typename CallOperator<decltype(&F::operator())>::Type,
                      kMethod> {};

template <typename T>
struct TaskTraits {
  static constexpr bool kIsTask = false;
};
template <typename T>
struct TaskTraits<Task<T>> {
  static constexpr bool kIsTask = true;
  using Value = T;
};

}  // namespace internal

template <typename F, bool kMethod>
using SignatureOf = typename internal::SignatureTraits<F, kMethod>::Type;

template <typename T>
inline constexpr bool IsTask = internal::TaskTraits<T>::kIsTask;
template <typename T>
using TaskValue = typename internal::TaskTraits<T>::Value;

}  // namespace braid

#endif  // BRAID_JSBIND_SIGNATURE_H_
