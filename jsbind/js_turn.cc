#include "jsbind/js_turn.h"

namespace braid {

JsTurn::JsTurn(Runtime& runtime, DrainWhen drain)
    : Js(runtime.isolate()),
      runtime_(runtime),
      drain_(drain),
      isolate_scope_(v8::Isolate::TryGetCurrent() == runtime.isolate()
                         ? std::nullopt
                         : std::optional<v8::Isolate::Scope>(
                               std::in_place, runtime.isolate())),
      handle_scope_(runtime.isolate()),
      context_scope_(runtime.context()) {
  ++runtime_.depth_;
}

JsTurn::~JsTurn() {
  if (runtime_.depth_ == 1) {
    if (drain_ == DrainWhen::kAtEnd) {
      runtime_.Drain(*this);
    } else {
      runtime_.drain_pending_ = true;
    }
  }
  --runtime_.depth_;
}

}  // namespace braid
