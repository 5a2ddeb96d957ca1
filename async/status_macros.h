#ifndef BRAID_ASYNC_STATUS_MACROS_H_
#define BRAID_ASYNC_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// The one way to pass an error on. In a coroutine, where `expr` may await:
//
//   CO_RETURN_IF_ERROR(co_await file.Sync());
//   CO_ASSIGN_OR_RETURN(File file, co_await File::Open(loop, path, flags));
//
// A declaration that holds a comma goes into parentheses:
//
//   CO_ASSIGN_OR_RETURN((auto [user, cart]), co_await All(User(), Cart()));
//
// For functions that are no coroutines there are RETURN_IF_ERROR and
// ASSIGN_OR_RETURN with the same meaning. `expr` gives an absl::Status for the
// first, an absl::StatusOr<T> for the second, and is evaluated once; what
// follows runs only if it is OK. `declaration` may also name a variable that
// exists, which is then assigned to. CO_ASSIGN_OR_RETURN is several statements
// and belongs into braces of its own after `if` and `for`.
#define CO_RETURN_IF_ERROR(expr) BRAID_IF_ERROR_(co_return, expr)
#define CO_ASSIGN_OR_RETURN(declaration, expr)                           \
  BRAID_ASSIGN_OR_(co_return, BRAID_CONCAT_(braid_status_or_, __LINE__), \
                   declaration, expr)

#define RETURN_IF_ERROR(expr) BRAID_IF_ERROR_(return, expr)
#define ASSIGN_OR_RETURN(declaration, expr)                           \
  BRAID_ASSIGN_OR_(return, BRAID_CONCAT_(braid_status_or_, __LINE__), \
                         declaration, expr)

#define BRAID_IF_ERROR_(leave, expr)                            \
  do {                                                          \
    if (absl::Status braid_status = (expr); !braid_status.ok()) \
      leave braid_status;                                       \
  } while (false)

#define BRAID_ASSIGN_OR_(leave, variable, declaration, expr) \
  auto variable = (expr);                                    \
  if (!variable.ok()) leave std::move(variable).status();    \
  BRAID_UNPARENTHESISED_(declaration) = *std::move(variable)

#define BRAID_CONCAT_INNER_(a, b) a##b
#define BRAID_CONCAT_(a, b) BRAID_CONCAT_INNER_(a, b)

// Takes one pair of parentheses off, if there is one: BRAID_STRIP_ X becomes
// "BRAID_STRIPPED X" only where X is parenthesised, and pasting "VANISH" to
// the front of either form then leaves X alone.
#define BRAID_UNPARENTHESISED_(x) BRAID_PASTE_(BRAID_STRIP_ x)
#define BRAID_STRIP_(...) BRAID_STRIP_ __VA_ARGS__
#define BRAID_PASTE_(...) BRAID_PASTE_INNER_(__VA_ARGS__)
#define BRAID_PASTE_INNER_(...) BRAID_VANISH_##__VA_ARGS__
#define BRAID_VANISH_BRAID_STRIP_

#endif  // BRAID_ASYNC_STATUS_MACROS_H_
