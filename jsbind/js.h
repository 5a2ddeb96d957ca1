#ifndef BRAID_JSBIND_JS_H_
#define BRAID_JSBIND_JS_H_

#include <v8-context.h>
#include <v8-isolate.h>
#include <v8-local-handle.h>
#include <v8-primitive.h>
#include <v8-value.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace braid {

class Runtime;

// Leave to touch JS: the isolate, its context, the runtime. Whoever has a Js&
// is inside JS's turn: in a function that JS called, or in a JsTurn (js_turn.h)
// that C++ opened. Every converter takes one.
//
// Lifetime: on the stack, never stored, never alive across a co_await; nor is
// any v8::Local.
class Js {
 public:
  // In a callback from V8. Elsewhere: JsTurn.
  explicit Js(v8::Isolate* isolate) : isolate_(isolate) {}
  Js(const Js&) = delete;
  Js& operator=(const Js&) = delete;

  v8::Isolate* isolate() const { return isolate_; }
  v8::Local<v8::Context> context() const {
    return isolate_->GetCurrentContext();
  }
  Runtime& runtime() const {
    return *static_cast<Runtime*>(isolate_->GetData(kRuntimeSlot));
  }

  // A new JS string. Bytes that are no UTF-8 become U+FFFD. Longer than V8's
  // longest string (512 MiB): empty, with a RangeError thrown.
  v8::Local<v8::String> String(std::string_view utf8) const;
  // For property names: the one copy of it that V8 keeps.
  v8::Local<v8::String> Name(std::string_view ascii) const;
  v8::Local<v8::Value> Undefined() const { return v8::Undefined(isolate_); }

  // Conversion failures. ----------------------------------------------------
  //
  // A converter that cannot convert says so once and returns nullopt; whoever
  // knows the function and the argument then throws one error that names them.

  enum class Mismatch : unsigned char { kType, kRange };

  // `expected` reads as in "must be ...": "a string". Gives nullopt, so that a
  // converter can return it.
  std::nullopt_t Expected(std::string_view expected, v8::Local<v8::Value> got,
                          Mismatch mismatch = Mismatch::kType);
  // Prefixes the failing value's path, innermost call first: ".ttl", "[3]".
  std::nullopt_t FailedAt(std::string_view step);

  struct Failure {
    std::string path;
    std::string expected;
    std::string got;
    Mismatch mismatch;
  };
  const Failure* failure() const { return failure_.get(); }
  void ClearFailure() { failure_.reset(); }
  // Makes the noted failure a TypeError or RangeError with Node's code
  // (ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE) and forgets it. `subject` begins
  // the message: "put(): argument 2". REQUIRES: failure() != nullptr.
  v8::Local<v8::Value> TakeFailure(std::string_view subject);
  // Throws it. If none was noted, an exception is pending, and that stays.
  void ThrowFailure(std::string_view subject);

  // Index of the isolate's data slot that holds the Runtime.
  static constexpr uint32_t kRuntimeSlot = 0;

 private:
  v8::Isolate* const isolate_;
  std::unique_ptr<Failure> failure_;
};

// The UTF-8 of a JS string; lone surrogates become U+FFFD.
std::string ToUtf8(v8::Isolate* isolate, v8::Local<v8::String> string);

// A value in a few words, for error messages: `string "abc"`, `number 42`,
// `an instance of Map`, `undefined`. Runs no user code.
std::string DescribeValue(Js& js, v8::Local<v8::Value> value);

}  // namespace braid

#endif  // BRAID_JSBIND_JS_H_
