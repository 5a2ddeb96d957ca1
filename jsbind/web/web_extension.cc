#include "jsbind/web/web_extension.h"

#include "jsbind/web/clone_ops.h"
#include "jsbind/web/crypto_ops.h"
#include "jsbind/web/encoding_ops.h"
#include "jsbind/web/fetch_ops.h"
#include "jsbind/web/http_ops.h"
#include "jsbind/web/inspect_ops.h"
#include "jsbind/web/navigator_ops.h"
#include "jsbind/web/stdio_ops.h"
#include "jsbind/web/url_ops.h"
#include "jsbind/web/web_js.h"

namespace braid {
namespace {

constexpr Extension::PublicModule kPublicModules[] = {
    {"braid:http", "jsbind/web/serve.js"},
};

constexpr Extension::NativeModule kNativeModules[] = {
    {"internal:ops/clone", &DefineCloneOps},
    {"internal:ops/crypto", &DefineCryptoOps},
    {"internal:ops/encoding", &DefineEncodingOps},
    {"internal:ops/fetch", &DefineFetchOps},
    {"internal:ops/http", &DefineHttpOps},
    {"internal:ops/inspect", &DefineInspectOps},
    {"internal:ops/navigator", &DefineNavigatorOps},
    {"internal:ops/stdio", &DefineStdioOps},
    {"internal:ops/url", &DefineUrlOps},
};

}  // namespace

const Extension& WebExtension() {
  static const Extension extension = {
      .files = embedded::web_js::kFiles,
      .public_modules = kPublicModules,
      .native_modules = kNativeModules,
      .bootstrap = "jsbind/web/bootstrap.js",
  };
  return extension;
}

}  // namespace braid
