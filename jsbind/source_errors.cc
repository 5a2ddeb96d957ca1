#include "jsbind/source_errors.h"

#include <v8-exception.h>
#include <v8-object.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "jsbind/runtime.h"

namespace braid {
namespace {

// Minified code has lines of megabytes; nobody reads those.
constexpr size_t kSourceLineMax = 400;

v8::Local<v8::Private> PlaceSymbol(Js& js) {
  return v8::Private::ForApi(js.isolate(), js.Name("braid:place"));
}

// The stack of an Error, or the value as text. Runs getters of the program,
// whose exceptions are swallowed.
std::string DescribeUncaught(Js& js, v8::Local<v8::Value> error) {
  Runtime& runtime = js.runtime();
  v8::TryCatch try_catch(js.isolate());
  if (!runtime.turn_state().hook(Hook::kFormatError).IsEmpty()) {
    v8::Local<v8::Function> format =
        runtime.turn_state().hook(Hook::kFormatError).Get(js.isolate());
    v8::Local<v8::Value> text;
    if (format->Call(js.context(), js.Undefined(), 1, &error).ToLocal(&text) &&
        text->IsString()) {
      return ToUtf8(js.isolate(), text.As<v8::String>());
    }
    try_catch.Reset();
  }
  if (error->IsObject()) {
    v8::Local<v8::Value> stack;
    if (error.As<v8::Object>()
            ->Get(js.context(), js.Name("stack"))
            .ToLocal(&stack) &&
        stack->IsString() && stack.As<v8::String>()->Length() > 0) {
      return ToUtf8(js.isolate(), stack.As<v8::String>());
    }
    try_catch.Reset();
  }
  v8::Local<v8::String> text;
  if (!error->ToDetailString(js.context()).ToLocal(&text))
    return DescribeValue(js, error);
  return ToUtf8(js.isolate(), text);
}

}  // namespace

std::string FormatPlace(std::string_view url, int line,
                        std::string_view source_line, int column, int width) {
  std::string place = absl::StrCat(url, ":", line, "\n");
  if (source_line.size() > kSourceLineMax) return place;
  absl::StrAppend(&place, source_line, "\n");
  // Tabs stay tabs, so that the marks stand below what they mean. The column is
  // in UTF-16 units and the line in UTF-8: characters are counted.
  size_t byte = 0;
  for (int units = 0; units < column && byte < source_line.size();) {
    const auto lead = static_cast<unsigned char>(source_line[byte]);
    place.push_back(lead == '\t' ? '\t' : ' ');
    const size_t bytes = lead < 0x80   ? 1
                         : lead < 0xE0 ? 2
                         : lead < 0xF0 ? 3
                                       : 4;
    units += bytes == 4 ? 2 : 1;
    byte += bytes;
  }
  const size_t marks = std::clamp<size_t>(
      static_cast<size_t>(std::max(width, 1)), 1,
      std::max<size_t>(
          1, source_line.size() - std::min(byte, source_line.size())));
  return absl::StrCat(place, std::string(marks, '^'), "\n");
}

std::string FormatPlace(Js& js, v8::Local<v8::Message> message) {
  if (message.IsEmpty()) return {};
  v8::Local<v8::Value> name = message->GetScriptResourceName();
  v8::Local<v8::String> source_line;
  if (name.IsEmpty() || !name->IsString() ||
      !message->GetSourceLine(js.context()).ToLocal(&source_line)) {
    return {};
  }
  const int line = message->GetLineNumber(js.context()).FromMaybe(0);
  const int start = message->GetStartColumn(js.context()).FromMaybe(0);
  const int end = message->GetEndColumn(js.context()).FromMaybe(start + 1);
  return FormatPlace(ToUtf8(js.isolate(), name.As<v8::String>()), line,
                     ToUtf8(js.isolate(), source_line), start, end - start);
}

void SetPlace(Js& js, v8::Local<v8::Value> error, std::string_view place) {
  if (!error->IsObject() || place.empty()) return;
  error.As<v8::Object>()
      ->SetPrivate(js.context(), PlaceSymbol(js), js.String(place))
      .Check();
}

std::string FormatUncaught(Js& js, v8::Local<v8::Value> error,
                           v8::Local<v8::Message> message) {
  std::string place;
  v8::Local<v8::Value> known;
  if (error->IsObject() &&
      error.As<v8::Object>()
          ->GetPrivate(js.context(), PlaceSymbol(js))
          .ToLocal(&known) &&
      known->IsString()) {
    place = ToUtf8(js.isolate(), known.As<v8::String>());
  } else {
    place = FormatPlace(js, message);
  }
  return absl::StrCat(place, place.empty() ? "" : "\n",
                      error->IsNativeError() ? "" : "Uncaught ",
                      DescribeUncaught(js, error), "\n");
}

}  // namespace braid
