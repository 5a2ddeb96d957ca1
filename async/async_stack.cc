#include "async/async_stack.h"

#include <string_view>

#include "absl/strings/str_cat.h"

namespace braid {
namespace {

// "Task<Status> braid::Log::Append(string)" -> "braid::Log::Append".
std::string_view FunctionName(std::string_view signature) {
  const size_t parameters = signature.find('(');
  if (parameters != std::string_view::npos) signature = signature.substr(0, parameters);
  const size_t result_end = signature.rfind(' ');
  if (result_end != std::string_view::npos) signature.remove_prefix(result_end + 1);
  return signature;
}

void AppendTree(CancelScope& scope, int depth, std::string& out) {
  const std::string indent(static_cast<size_t>(depth) * 2, ' ');
  auto& nodes = scope.nodes();
  for (CancelNode* node = nodes.First(); node != nullptr; node = nodes.Next(*node)) {
    absl::StrAppend(&out, indent, node->what(), scope.cancelled() ? " (cancelled)" : "", "\n");
    if (node->task() == nullptr) continue;
    for (const std::source_location& where : CaptureAsyncStack(*node->task())) {
      absl::StrAppend(&out, indent, "  at ", FunctionName(where.function_name()), " (",
                      where.file_name(), ":", where.line(), ")\n");
    }
  }
  auto& children = scope.children();
  for (CancelScope* child = children.First(); child != nullptr; child = children.Next(*child)) {
    AppendTree(*child, depth + 1, out);
  }
}

}  // namespace

AsyncStack CaptureAsyncStack(const PromiseBase& task) {
  AsyncStack stack;
  for (const PromiseBase* promise = &task; promise != nullptr && stack.size() < kMaxAsyncStack;
       promise = promise->awaiter()) {
    // A task that has not awaited anything yet has no location.
    if (promise->where().line() != 0) stack.push_back(promise->where());
  }
  return stack;
}

std::string FormatAsyncStack(const AsyncStack& stack) {
  std::string out;
  for (const std::source_location& where : stack) {
    absl::StrAppend(&out, "  at ", FunctionName(where.function_name()), " (", where.file_name(),
                    ":", where.line(), ")\n");
  }
  return out;
}

std::string FormatTaskTree(CancelScope& scope) {
  std::string out;
  AppendTree(scope, 0, out);
  return out;
}

size_t CountSuspended(CancelScope& scope) {
  size_t count = 0;
  auto& nodes = scope.nodes();
  for (CancelNode* node = nodes.First(); node != nullptr; node = nodes.Next(*node)) ++count;
  auto& children = scope.children();
  for (CancelScope* child = children.First(); child != nullptr; child = children.Next(*child)) {
    count += CountSuspended(*child);
  }
  return count;
}

}  // namespace braid
