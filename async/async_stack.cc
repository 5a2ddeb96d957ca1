#include "async/async_stack.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "async/executor.h"

namespace braid {
namespace {

// The length of the parenthesised text that `text` begins with.
size_t ParenthesesLength(std::string_view text) {
  int depth = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '(') ++depth;
    if (text[i] == ')' && --depth == 0) return i + 1;
  }
  return text.size();
}

}  // namespace

std::string internal::FunctionName(std::string_view signature) {
  std::string name;
  std::string_view rest = signature;
  int template_depth = 0;
  while (!rest.empty()) {
    if (template_depth == 0) {
      if (absl::ConsumePrefix(&rest, "(anonymous namespace)::")) continue;
      if (absl::ConsumePrefix(&rest, "(anonymous class)::operator()")) {
        absl::StrAppend(&name, "(lambda)");
        continue;
      }
      if (absl::StartsWith(rest, "operator") &&
          (name.empty() || absl::EndsWith(name, "::"))) {
        // Up to its parameters; those of operator() are the second pair.
        const size_t end = rest.find('(', absl::StartsWith(rest, "operator()")
                                              ? sizeof("operator(")
                                              : 0);
        absl::StrAppend(&name, rest.substr(0, end));
        break;
      }
      if (rest.front() == '(') {
        // The end, unless these are the parameters of a function around it.
        rest.remove_prefix(ParenthesesLength(rest));
        if (!absl::StartsWith(rest, "::")) break;
        continue;
      }
      if (rest.front() == ' ') name.clear();  // That was the result's type.
    }
    const char next = rest.front();
    rest.remove_prefix(1);
    if (next == '<') ++template_depth;
    if (next == '>') --template_depth;
    const bool of_type =
        template_depth == 0 && (next == ' ' || next == '&' || next == '*');
    if (!of_type) name.push_back(next);
  }
  return name.empty() ? std::string(signature) : name;
}

AsyncStack CaptureAsyncStack(const PromiseBase& task) {
  AsyncStack stack;
  for (const PromiseBase* promise = &task;
       promise != nullptr && stack.size() < kMaxAsyncStack;
       promise = promise->awaiter()) {
    // A task that has not awaited anything yet has no location, and that of a
    // root is the library's own.
    if (promise->where().line() != 0 && !promise->is_root()) {
      stack.push_back(promise->where());
    }
  }
  return stack;
}

AsyncStack FailureStack::await_resume() const {
  return task_->executor().failure_trace().Of(*task_);
}

std::string FormatLocation(const std::source_location& where) {
  return absl::StrCat("at ", internal::FunctionName(where.function_name()),
                      " (", where.file_name(), ":", where.line(), ")");
}

std::string FormatAsyncStack(const AsyncStack& stack) {
  std::string out;
  for (const std::source_location& where : stack) {
    absl::StrAppend(&out, "  ", FormatLocation(where), "\n");
  }
  return out;
}

}  // namespace braid
