#ifndef BRAID_JSBIND_MODULE_CALLBACKS_H_
#define BRAID_JSBIND_MODULE_CALLBACKS_H_

#include <v8-callbacks.h>
#include <v8-function-callback.h>
#include <v8-script.h>

#include "jsbind/module_loader.h"

namespace braid {

// What V8 asks the module loader. Called in JS's turn.
struct ModuleLoader::Callbacks {
  // The module that an import statement of `referrer` names; it is loaded.
  static v8::MaybeLocal<v8::Module> OnResolve(
      v8::Local<v8::Context> context, v8::Local<v8::String> specifier,
      v8::Local<v8::FixedArray> attributes, v8::Local<v8::Module> referrer);
  // Fills the exports of a C++ or data module.
  static v8::MaybeLocal<v8::Value> OnEvaluateSynthetic(
      v8::Local<v8::Context> context, v8::Local<v8::Module> module);
  // What require() gives for that file; see module_commonjs.cc.
  static v8::MaybeLocal<v8::Value> EvaluateCommonJs(
      Js& js, ModuleRecord& record, v8::Local<v8::Module> module);
  // What V8 wants a synthetic module's evaluation to give.
  static v8::MaybeLocal<v8::Value> ResolvedPromise(Js& js);
  // import(specifier, {with: attributes}).
  static v8::MaybeLocal<v8::Promise> OnDynamicImport(
      v8::Local<v8::Context> context, v8::Local<v8::Data> host_options,
      v8::Local<v8::Value> resource_name, v8::Local<v8::String> specifier,
      v8::Local<v8::FixedArray> attributes);
  // The first look at import.meta.
  static void OnImportMeta(v8::Local<v8::Context> context,
                           v8::Local<v8::Module> module,
                           v8::Local<v8::Object> meta);
  static void OnMetaResolve(const v8::FunctionCallbackInfo<v8::Value>& info);
};

}  // namespace braid

#endif  // BRAID_JSBIND_MODULE_CALLBACKS_H_
