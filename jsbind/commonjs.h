#ifndef BRAID_JSBIND_COMMONJS_H_
#define BRAID_JSBIND_COMMONJS_H_

#include <v8-function.h>

#include <string_view>

#include "jsbind/js.h"

namespace braid {

// What V8 does for CommonJS; the rest of it is JavaScript (Extension::commonjs,
// jsbind/node/cjs_*.js).

// The function (exports, require, module, __filename, __dirname) around a file,
// whose lines keep their numbers. Empty with a SyntaxError pending, tied to its
// place.
v8::MaybeLocal<v8::Function> CompileCommonJs(Js& js,
                                             v8::Local<v8::String> source,
                                             v8::Local<v8::String> file_name);

// Whether a source that does not say what it is is an ES module: it is no
// CommonJS, and what keeps it from that is syntax of modules, a top-level await
// or a declaration of a name that CommonJS gives. As Node decides since 22.
bool LooksLikeModule(Js& js, std::string_view source);

}  // namespace braid

#endif  // BRAID_JSBIND_COMMONJS_H_
