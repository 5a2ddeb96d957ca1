#ifndef BRAID_JSBIND_JS_VALUE_H_
#define BRAID_JSBIND_JS_VALUE_H_

#include <v8-persistent-handle.h>

#include <optional>
#include <utility>

#include "jsbind/convert.h"

namespace braid {

// Any JS value, kept alive by C++: what a function takes that passes a value
// through or looks at it later. Movable. Thread: the loop's; must end before
// the runtime.
class JsValue {
 public:
  JsValue() = default;  // undefined
  JsValue(Js& js, v8::Local<v8::Value> value) : value_(js.isolate(), value) {}

  v8::Local<v8::Value> Get(Js& js) const {
    return value_.IsEmpty() ? js.Undefined() : value_.Get(js.isolate());
  }

 private:
  v8::Global<v8::Value> value_;
};

template <>
struct Convert<JsValue> {
  static std::optional<JsValue> FromJs(Js& js, v8::Local<v8::Value> value) {
    return JsValue(js, value);
  }
  static v8::Local<v8::Value> ToJs(Js& js, const JsValue& value) {
    return value.Get(js);
  }
};

}  // namespace braid

#endif  // BRAID_JSBIND_JS_VALUE_H_
