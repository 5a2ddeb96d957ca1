#include "jsbind/module_def.h"

namespace braid {

ModuleDef& ModuleDef::AddBound(std::string_view name, BoundFunction function) {
  functions_.push_back(
      std::make_unique<const BoundFunction>(std::move(function)));
  const BoundFunction* bound = functions_.back().get();
  return Value(name, [bound](Js& js) -> v8::Local<v8::Value> {
    v8::Local<v8::Function> made;
    if (!bound->Function(js).ToLocal(&made)) return {};
    return made;
  });
}

}  // namespace braid
