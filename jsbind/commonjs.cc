#include "jsbind/commonjs.h"

#include <v8-exception.h>
#include <v8-message.h>
#include <v8-script.h>

#include <algorithm>
#include <array>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "jsbind/source_errors.h"

namespace braid {
namespace {

// V8's words for what only modules may contain.
constexpr std::string_view kModuleSyntax[] = {
    "Cannot use import statement outside a module",
    "Unexpected token 'export'",
    "Cannot use 'import.meta' outside a module",
};

v8::MaybeLocal<v8::Function> CompileWrapped(Js& js,
                                            v8::Local<v8::String> source,
                                            v8::Local<v8::Value> file_name) {
  std::array<v8::Local<v8::String>, 5> parameters = {
      js.Name("exports"), js.Name("require"), js.Name("module"),
      js.Name("__filename"), js.Name("__dirname")};
  const v8::ScriptOrigin origin(file_name);
  v8::ScriptCompiler::Source compiled(source, origin);
  return v8::ScriptCompiler::CompileFunction(
      js.context(), &compiled, parameters.size(), parameters.data());
}

// Whether the SyntaxError that was caught is about syntax of modules.
bool IsModuleSyntax(Js& js, const v8::TryCatch& try_catch) {
  if (try_catch.Message().IsEmpty()) return false;
  const std::string message = ToUtf8(js.isolate(), try_catch.Message()->Get());
  return std::ranges::any_of(kModuleSyntax, [&](std::string_view text) {
    return absl::StrContains(message, text);
  });
}

}  // namespace

v8::MaybeLocal<v8::Function> CompileCommonJs(Js& js,
                                             v8::Local<v8::String> source,
                                             v8::Local<v8::String> file_name) {
  v8::TryCatch try_catch(js.isolate());
  v8::Local<v8::Function> function;
  if (CompileWrapped(js, source, file_name).ToLocal(&function)) return function;
  SetPlace(js, try_catch.Exception(), FormatPlace(js, try_catch.Message()));
  try_catch.ReThrow();
  return {};
}

bool LooksLikeModule(Js& js, std::string_view source) {
  v8::TryCatch try_catch(js.isolate());
  v8::Local<v8::String> text = js.String(source);
  v8::Local<v8::Function> function;
  if (text.IsEmpty() ||
      CompileWrapped(js, text, js.Undefined()).ToLocal(&function)) {
    return false;
  }
  if (IsModuleSyntax(js, try_catch)) return true;
  // What is wrong in CommonJS, but right in an async function without
  // CommonJS's names, awaits or declares such a name.
  try_catch.Reset();
  v8::Local<v8::String> wrapped =
      js.String(absl::StrCat("(async function() {", source, "\n})();"));
  if (wrapped.IsEmpty()) return false;  // Longer than a string can be.
  v8::Local<v8::Script> script;
  return v8::Script::Compile(js.context(), wrapped).ToLocal(&script) ||
         IsModuleSyntax(js, try_catch);
}

}  // namespace braid
