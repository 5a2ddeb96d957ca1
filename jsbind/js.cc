#include "jsbind/js.h"

#include <v8-exception.h>
#include <v8-object.h>

#include "absl/strings/str_cat.h"
#include "simdutf.h"

namespace braid {
namespace {

constexpr size_t kShownStringMax = 32;

const uint8_t* AsOneByte(std::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

}  // namespace

v8::Local<v8::String> Js::String(std::string_view utf8) const {
  if (utf8.size() > static_cast<size_t>(v8::String::kMaxLength)) {
    isolate_->ThrowException(v8::Exception::RangeError(
        Name("A string of more than 512 MiB does not fit into JavaScript")));
    return {};
  }
  const int length = static_cast<int>(utf8.size());
  // ASCII is what nearly everything is, and twice as fast this way.
  v8::MaybeLocal<v8::String> made =
      simdutf::validate_ascii(utf8.data(), utf8.size())
          ? v8::String::NewFromOneByte(isolate_, AsOneByte(utf8),
                                       v8::NewStringType::kNormal, length)
          : v8::String::NewFromUtf8(isolate_, utf8.data(),
                                    v8::NewStringType::kNormal, length);
  return made.FromMaybe(v8::Local<v8::String>());
}

v8::Local<v8::String> Js::Name(std::string_view ascii) const {
  return v8::String::NewFromOneByte(isolate_, AsOneByte(ascii),
                                    v8::NewStringType::kInternalized,
                                    static_cast<int>(ascii.size()))
      .ToLocalChecked();
}

std::nullopt_t Js::Expected(std::string_view expected, v8::Local<v8::Value> got,
                            Mismatch mismatch) {
  failure_ = std::make_unique<Failure>(
      Failure{{}, std::string(expected), DescribeValue(*this, got), mismatch});
  return std::nullopt;
}

std::nullopt_t Js::FailedAt(std::string_view step) {
  if (failure_ != nullptr) failure_->path.insert(0, step);
  return std::nullopt;
}

v8::Local<v8::Value> Js::TakeFailure(std::string_view subject) {
  const std::unique_ptr<Failure> failure = std::move(failure_);
  const bool range = failure->mismatch == Mismatch::kRange;
  const v8::Local<v8::String> message = String(absl::StrCat(
      subject, failure->path.empty() ? "" : " at ", failure->path, " must be ",
      failure->expected, ", received ", failure->got));
  const v8::Local<v8::Value> error = range ? v8::Exception::RangeError(message)
                                           : v8::Exception::TypeError(message);
  error.As<v8::Object>()
      ->Set(context(), Name("code"),
            Name(range ? "ERR_OUT_OF_RANGE" : "ERR_INVALID_ARG_TYPE"))
      .Check();
  return error;
}

void Js::ThrowFailure(std::string_view subject) {
  if (failure_ != nullptr) isolate_->ThrowException(TakeFailure(subject));
}

std::string ToUtf8(v8::Isolate* isolate, v8::Local<v8::String> string) {
  // A buffer three times the length always suffices; short strings, which are
  // most, then need no counting pass.
  constexpr size_t kStackBytes = 256;
  const size_t length = static_cast<size_t>(string->Length());
  constexpr int kFlags = v8::String::WriteFlags::kReplaceInvalidUtf8;
  if (length * 3 <= kStackBytes) {
    char buffer[kStackBytes];
    return std::string(
        buffer, string->WriteUtf8V2(isolate, buffer, sizeof(buffer), kFlags));
  }
  std::string utf8(string->Utf8LengthV2(isolate), '\0');
  utf8.resize(string->WriteUtf8V2(isolate, utf8.data(), utf8.size(), kFlags));
  return utf8;
}

std::string DescribeValue(Js& js, v8::Local<v8::Value> value) {
  v8::Isolate* isolate = js.isolate();
  if (value.IsEmpty() || value->IsUndefined()) return "undefined";
  if (value->IsNull()) return "null";
  if (value->IsString()) {
    std::string text = ToUtf8(isolate, value.As<v8::String>());
    if (text.size() <= kShownStringMax)
      return absl::StrCat("string \"", text, "\"");
    // Cut between characters.
    size_t end = kShownStringMax;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
      --end;
    return absl::StrCat("string \"", text.substr(0, end), "...\"");
  }
  if (value->IsSymbol()) return "a symbol";
  if (value->IsFunction()) return "a function";
  if (value->IsObject()) {
    if (value->IsProxy()) return "a Proxy";
    return absl::StrCat(
        "an instance of ",
        ToUtf8(isolate, value.As<v8::Object>()->GetConstructorName()));
  }
  // Numbers, booleans, bigints: their conversion to a string runs no user code.
  std::string type = ToUtf8(isolate, value->TypeOf(isolate));
  v8::Local<v8::String> text;
  if (!value->ToString(js.context()).ToLocal(&text)) return type;
  return absl::StrCat(type, " ", ToUtf8(isolate, text));
}

}  // namespace braid
