#include "jsbind/bound_function.h"

#include <v8-object.h>

namespace braid {

namespace {

// "put" of "Store.put"
std::string_view LastPart(std::string_view name) {
  const size_t dot = name.rfind('.');
  return dot == std::string::npos ? name : name.substr(dot + 1);
}

}  // namespace

v8::Local<v8::FunctionTemplate> BoundFunction::Template(
    Js& js, v8::Local<v8::Signature> receiver) const {
  v8::Isolate* isolate = js.isolate();
  v8::Local<v8::FunctionTemplate> made = v8::FunctionTemplate::New(
      isolate, callback,
      v8::External::New(isolate, const_cast<BoundFunction*>(this)), receiver,
      length, v8::ConstructorBehavior::kThrow);
  made->SetClassName(js.Name(LastPart(name)));
  return made;
}

v8::MaybeLocal<v8::Function> BoundFunction::Function(
    Js& js, v8::Local<v8::Signature> receiver) const {
  v8::Local<v8::Function> native;
  if (!Template(js, receiver)->GetFunction(js.context()).ToLocal(&native))
    return {};
  if (!is_async) return native;
  v8::Local<v8::Value> arguments[] = {native, js.Name(LastPart(name)),
                                      v8::Integer::New(js.isolate(), length)};
  v8::Local<v8::Value> wrapper;
  if (!js.runtime()
           .CallHook(js, Hook::kWrapAsync, 3, arguments)
           .ToLocal(&wrapper)) {
    return {};
  }
  return wrapper.As<v8::Function>();
}

std::string internal::ArgumentSubject(const BoundFunction& function,
                                      int index) {
  return absl::StrCat(function.name, "(): argument ", index + 1);
}

bool internal::FindSignal(Js& js, v8::Local<v8::Value> options,
                          v8::Local<v8::Value>& signal) {
  if (!options->IsObject()) return true;
  v8::Local<v8::Object> object = options.As<v8::Object>();
  v8::Local<v8::Value> property;
  if (!object->Get(js.context(), js.Name("signal")).ToLocal(&property))
    return false;
  if (!property->IsUndefined()) {
    signal = property;
    return true;
  }
  v8::Local<v8::Value> aborted;
  if (!object->Get(js.context(), js.Name("aborted")).ToLocal(&aborted))
    return false;
  if (aborted->IsBoolean()) signal = object;
  return true;
}

v8::Local<v8::Value> ErrorFromException(Js& js,
                                        const std::exception_ptr& exception) {
  std::string message = "a C++ exception that is no std::exception";
  try {
    std::rethrow_exception(exception);
  } catch (const std::exception& known) {
    message = known.what();
  } catch (...) {
    // The sentence above says it all.
  }
  return ErrorWithCode(js, message, "ERR_CPP_EXCEPTION");
}

}  // namespace braid
