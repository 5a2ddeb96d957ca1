#ifndef BRAID_ASYNC_STATUS_MACROS_H_
#define BRAID_ASYNC_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// The one way to pass an error on from a coroutine. `expr` may await.
//
//   CO_RETURN_IF_ERROR(co_await file.Sync());
//   CO_ASSIGN_OR_RETURN(File file, co_await File::Open(loop, path, flags));
//
// For functions that are no coroutines there are RETURN_IF_ERROR and
// ASSIGN_OR_RETURN with the same meaning.
#define CO_RETURN_IF_ERROR(expr) BRAID_IF_ERROR_(co_return, expr)
#define CO_ASSIGN_OR_RETURN(declaration, expr) \
  BRAID_ASSIGN_OR_(co_return, BRAID_CONCAT_(status_or_, __LINE__), declaration, expr)

#define RETURN_IF_ERROR(expr) BRAID_IF_ERROR_(return, expr)
#define ASSIGN_OR_RETURN(declaration, expr) \
  BRAID_ASSIGN_OR_(return, BRAID_CONCAT_(status_or_, __LINE__), declaration, expr)

#define BRAID_IF_ERROR_(leave, expr)                                               \
  do {                                                                             \
    if (absl::Status braid_status = (expr); !braid_status.ok()) leave braid_status; \
  } while (false)

#define BRAID_ASSIGN_OR_(leave, variable, declaration, expr) \
  auto variable = (expr);                                    \
  if (!variable.ok()) leave std::move(variable).status();    \
  declaration = *std::move(variable)

#define BRAID_CONCAT_INNER_(a, b) a##b
#define BRAID_CONCAT_(a, b) BRAID_CONCAT_INNER_(a, b)

#endif  // BRAID_ASYNC_STATUS_MACROS_H_
