#include "async/task_tree.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "async/async_stack.h"
#include "async/scope.h"

namespace braid {
namespace {

// The task that waits for the tasks of this scope, if any.
const PromiseBase* JoinerOf(CancelScope& scope) {
  return scope.owner() != nullptr ? scope.owner()->joining_task() : nullptr;
}

class TreePrinter {
 public:
  void Print(CancelScope& root) {
    size_t depth = 0;
    CancelScope* scope = &root;
    while (scope != nullptr && lines_ < kMaxTaskTreeLines) {
      PrintScope(*scope, depth);
      CancelScope* next = NextInPreOrder(root, *scope, /*descend=*/true);
      if (next == nullptr) break;
      // Down by one, or up to the next one's siblings.
      for (++depth; scope != next->parent(); scope = scope->parent()) --depth;
      scope = next;
    }
  }

  size_t awaits() const { return awaits_; }
  std::string& out() { return out_; }

 private:
  void PrintScope(CancelScope& scope, size_t depth) {
    Line(depth, Title(scope));
    if (const PromiseBase* joiner = JoinerOf(scope); joiner != nullptr) {
      ++awaits_;
      Line(depth + 1, "Scope::Join");
      PrintStack(*joiner, depth + 2);
    }
    CancelScope::NodeList& nodes = scope.nodes();
    for (CancelNode* node = nodes.First();
         node != nullptr && lines_ < kMaxTaskTreeLines;
         node = nodes.Next(*node)) {
      ++awaits_;
      Line(depth + 1, node->what());
      if (node->task() != nullptr) PrintStack(*node->task(), depth + 2);
    }
  }

  void PrintStack(const PromiseBase& task, size_t depth) {
    const PromiseBase* at = &task;
    for (size_t i = 0; i < kMaxAsyncStack; ++i) {
      if (at == nullptr || at->is_root()) return;
      if (at->where().line() != 0) Line(depth, FormatLocation(at->where()));
      at = at->awaiter();
    }
    Line(depth, "...");
  }

  static std::string Title(CancelScope& scope) {
    std::string title = scope.parent() == nullptr ? "root" : "CancelScope";
    if (Scope* owner = scope.owner(); owner != nullptr) {
      size_t not_started = 0;
      Scope::ChildList& children = owner->children();
      for (auto* child = children.First(); child != nullptr;
           child = children.Next(*child)) {
        if (child->not_started()) ++not_started;
      }
      title = absl::StrCat("Scope of ", owner->size(),
                           owner->size() == 1 ? " task" : " tasks");
      if (not_started > 0) {
        absl::StrAppend(&title, ", ", not_started, " not started");
      }
    }
    return absl::StrCat(title, scope.shielded() ? ", shielded" : "",
                        scope.cancelled() ? ", cancelled" : "");
  }

  void Line(size_t depth, std::string_view text) {
    // Deep trees stay readable, and their text does not grow with the square.
    constexpr size_t kMaxIndent = 64;
    out_.append(std::min(2 * depth, kMaxIndent), ' ');
    absl::StrAppend(&out_, text, "\n");
    ++lines_;
  }

  std::string out_;
  size_t lines_ = 0;
  size_t awaits_ = 0;
};

}  // namespace

std::string FormatTaskTree(CancelScope& scope) {
  TreePrinter printer;
  printer.Print(scope);
  const size_t left_out = CountSuspended(scope) - printer.awaits();
  if (left_out > 0) {
    absl::StrAppend(&printer.out(), "... and ", left_out,
                    " more suspended awaits\n");
  }
  return printer.out();
}

size_t CountSuspended(CancelScope& scope) {
  size_t count = 0;
  for (CancelScope* at = &scope; at != nullptr;
       at = NextInPreOrder(scope, *at, /*descend=*/true)) {
    if (JoinerOf(*at) != nullptr) ++count;
    CancelScope::NodeList& nodes = at->nodes();
    for (CancelNode* node = nodes.First(); node != nullptr;
         node = nodes.Next(*node)) {
      ++count;
    }
  }
  return count;
}

}  // namespace braid
