#include "jsbind/class_def.h"

#include "jsbind/js_error.h"

namespace braid {
namespace {

void IllegalConstructor(const v8::FunctionCallbackInfo<v8::Value>& info) {
  Js js(info.GetIsolate());
  ThrowError(js, TypeErrorWithCode(js, "Illegal constructor",
                                   "ERR_ILLEGAL_CONSTRUCTOR"));
}

}  // namespace

ClassInfo& ClassDefBase::Declare() {
  ClassInfo& info = runtime_.classes().Declare(key_, name_);
  info.build = [this, &info](Js& js) { return Build(js, info); };
  for (const std::unique_ptr<Member>& member : members_) member->info = &info;
  return info;
}

// An async member is a function of JS's, which templates cannot make: it is made
// when it is first looked at.
void ClassDefBase::MakeAsyncMember(
    v8::Local<v8::Name>, const v8::PropertyCallbackInfo<v8::Value>& info) {
  Js js(info.GetIsolate());
  const Member& member =
      *static_cast<const Member*>(info.Data().As<v8::External>()->Value());
  v8::Local<v8::Signature> receiver;
  if (member.place == Place::kPrototype) {
    receiver = v8::Signature::New(js.isolate(), member.info->Template(js));
  }
  v8::Local<v8::Function> made;
  if (member.function.Function(js, receiver).ToLocal(&made)) {
    info.GetReturnValue().Set(made);
  }
}

v8::Local<v8::FunctionTemplate> ClassDefBase::Build(Js& js,
                                                    const ClassInfo& info) {
  v8::Isolate* isolate = js.isolate();
  v8::Local<v8::FunctionTemplate> made = v8::FunctionTemplate::New(
      isolate,
      constructor_.callback != nullptr ? constructor_.callback
                                       : &IllegalConstructor,
      v8::External::New(isolate, &constructor_), {}, constructor_.length);
  made->SetClassName(js.Name(info.name));
  v8::Local<v8::Signature> receiver = v8::Signature::New(isolate, made);
  v8::Local<v8::ObjectTemplate> prototype = made->PrototypeTemplate();
  prototype->Set(
      v8::Symbol::GetToStringTag(isolate), js.Name(info.name),
      static_cast<v8::PropertyAttribute>(v8::ReadOnly | v8::DontEnum));
  for (const std::unique_ptr<Member>& member : members_) {
    v8::Local<v8::String> name = js.Name(member->name);
    if (member->function.is_async) {
      (member->place == Place::kPrototype ? prototype.As<v8::Template>()
                                          : made.As<v8::Template>())
          ->SetLazyDataProperty(name, &MakeAsyncMember,
                                v8::External::New(isolate, member.get()),
                                v8::DontEnum);
      continue;
    }
    switch (member->place) {
      case Place::kPrototype:
        prototype->Set(name, member->function.Template(js, receiver),
                       v8::DontEnum);
        break;
      case Place::kConstructor:
        made->Set(name, member->function.Template(js), v8::DontEnum);
        break;
      case Place::kGetter: {
        v8::Local<v8::FunctionTemplate> setter;
        for (const std::unique_ptr<Member>& other : members_) {
          if (other->place == Place::kSetter && other->name == member->name) {
            setter = other->function.Template(js, receiver);
          }
        }
        prototype->SetAccessorProperty(
            name, member->function.Template(js, receiver), setter);
        break;
      }
      case Place::kSetter:
        break;  // With its getter.
    }
  }
  return made;
}

}  // namespace braid
