#ifndef BRAID_JSBIND_CONVERT_TIME_H_
#define BRAID_JSBIND_CONVERT_TIME_H_

#include <v8-date.h>

#include <cmath>
#include <optional>

#include "absl/time/time.h"
#include "jsbind/convert.h"

namespace braid {

// Durations are numbers of milliseconds in JS, fractions included; Infinity is
// absl::InfiniteDuration().
template <>
struct Convert<absl::Duration> {
  static std::optional<absl::Duration> FromJs(Js& js,
                                              v8::Local<v8::Value> value) {
    if (!value->IsNumber() || std::isnan(value.As<v8::Number>()->Value())) {
      return js.Expected("a number of milliseconds", value);
    }
    return absl::Milliseconds(value.As<v8::Number>()->Value());
  }
  static v8::Local<v8::Value> ToJs(Js& js, absl::Duration value) {
    return v8::Number::New(js.isolate(), absl::ToDoubleMilliseconds(value));
  }
};

// A Date, or milliseconds since 1970.
template <>
struct Convert<absl::Time> {
  static std::optional<absl::Time> FromJs(Js& js, v8::Local<v8::Value> value) {
    double ms = NAN;
    if (value->IsDate()) {
      ms = value.As<v8::Date>()->ValueOf();
    } else if (value->IsNumber()) {
      ms = value.As<v8::Number>()->Value();
    }
    if (std::isnan(ms))
      return js.Expected("a Date or a number of milliseconds since 1970",
                         value);
    return absl::UnixEpoch() + absl::Milliseconds(ms);
  }
  static v8::Local<v8::Value> ToJs(Js& js, absl::Time value) {
    const double ms = absl::ToDoubleMilliseconds(value - absl::UnixEpoch());
    return v8::Date::New(js.context(), ms).FromMaybe(v8::Local<v8::Value>());
  }
};

}  // namespace braid

#endif  // BRAID_JSBIND_CONVERT_TIME_H_
