#ifndef BRAID_JSBIND_BORROWED_H_
#define BRAID_JSBIND_BORROWED_H_

#include <tuple>
#include <type_traits>

#include "jsbind/convert.h"
#include "jsbind/convert_struct.h"

namespace braid {

// A class that crosses as an instance (class_def.h), not by its value.
template <typename T>
concept BoundClass =
    std::is_class_v<T> && !HasConvert<T> && !std::is_const_v<T>;

namespace internal {

template <typename T>
struct Borrows : std::false_type {};
template <BoundClass T>
struct Borrows<T*> : std::true_type {};

// std::optional, std::vector, std::map, std::tuple, std::variant, Nullable and
// all that is made like them.
template <template <typename...> class Container, typename... T>
  requires(!HasJsFields<Container<T...>>)
struct Borrows<Container<T...>> : std::disjunction<Borrows<T>...> {};

template <typename Fields>
struct FieldsBorrow;
template <typename Struct, typename... T>
struct FieldsBorrow<std::tuple<JsField<Struct, T>...>>
    : std::disjunction<Borrows<T>...> {};
template <HasJsFields T>
struct Borrows<T>
    : FieldsBorrow<decltype(JsFields(static_cast<const T*>(nullptr)))> {};

}  // namespace internal

// Whether values of type T hold, at any depth, a T* to an instance that JS
// owns. Nothing keeps that instance alive but JS: the garbage collector may end
// it as soon as JS runs on, so such a value must not be there across a co_await
// or after JS's turn.
template <typename T>
inline constexpr bool kBorrows = internal::Borrows<T>::value;

}  // namespace braid

#endif  // BRAID_JSBIND_BORROWED_H_
