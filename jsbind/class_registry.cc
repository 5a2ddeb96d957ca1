#include "jsbind/class_registry.h"

#include "absl/log/check.h"
#include "jsbind/runtime.h"

namespace braid {

ClassRegistry& internal::RegistryOf(Js& js) { return js.runtime().classes(); }

v8::Local<v8::FunctionTemplate> ClassInfo::Template(Js& js) {
  if (constructor.IsEmpty()) constructor.Reset(js.isolate(), build(js));
  return constructor.Get(js.isolate());
}

Wrapper::Wrapper(ClassRegistry& registry, const ClassInfo& info, void* object,
                 std::shared_ptr<void> owner)
    : registry_(registry),
      info_(&info),
      object_(object),
      owner_(std::move(owner)) {}

Wrapper::~Wrapper() {
  if (object_ == nullptr) return;  // The registry was here first.
  Unlink();
  // Not if another wrapper has taken this one's place: V8 forgets a dead
  // object before it destroys the wrapper.
  const auto found = registry_.by_object_.find({info_->key, object_});
  if (found != registry_.by_object_.end() && !found->second)
    registry_.by_object_.erase(found);
}

ClassRegistry::~ClassRegistry() {
  by_object_.clear();
  while (!wrappers_.empty()) {
    Wrapper& wrapper = wrappers_.PopFront();
    wrapper.object_ = nullptr;
    // May run the instance's destructor.
    wrapper.owner_.reset();
  }
}

ClassInfo& ClassRegistry::Declare(ClassKey key, std::string name) {
  auto& info = classes_[key];
  CHECK(info == nullptr) << "the class " << name
                         << " was declared twice, before as " << info->name;
  info = std::make_unique<ClassInfo>(key, std::move(name));
  return *info;
}

ClassInfo* ClassRegistry::Find(ClassKey key) {
  const auto found = classes_.find(key);
  return found == classes_.end() ? nullptr : found->second.get();
}

std::string ClassRegistry::NameOf(ClassKey key) {
  const ClassInfo* info = Find(key);
  return info == nullptr ? "a class that no module declares" : info->name;
}

Wrapper& ClassRegistry::Attach(v8::Local<v8::Object> js_object,
                               const ClassInfo& info, void* object,
                               std::shared_ptr<void> owner) {
  Wrapper* wrapper = cppgc::MakeGarbageCollected<Wrapper>(
      isolate_->GetCppHeap()->GetAllocationHandle(), *this, info, object,
      std::move(owner));
  wrapper->js_object_.Reset(isolate_, js_object);
  v8::Object::Wrap<Wrapper::kTag>(isolate_, js_object, wrapper);
  wrappers_.PushBack(*wrapper);
  by_object_[{info.key, object}] = wrapper;
  return *wrapper;
}

v8::Local<v8::Value> ClassRegistry::Wrap(Js& js, ClassKey key, void* object,
                                         std::shared_ptr<void> owner) {
  if (const auto found = by_object_.find({key, object});
      found != by_object_.end() && found->second) {
    return found->second->js_object_.Get(isolate_);
  }
  ClassInfo* info = Find(key);
  CHECK(info != nullptr)
      << "an object of a class that no module declares goes to JS";
  v8::Local<v8::FunctionTemplate> constructor = info->Template(js);
  v8::Local<v8::Object> js_object;
  if (!constructor->InstanceTemplate()
           ->NewInstance(js.context())
           .ToLocal(&js_object))
    return {};
  Attach(js_object, *info, object, std::move(owner));
  return js_object;
}

}  // namespace braid
