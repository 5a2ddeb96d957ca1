#include "jsbind/node/node_extension.h"

#include "jsbind/module_ops.h"
#include "jsbind/node/buffer_ops.h"
#include "jsbind/node/child_ops.h"
#include "jsbind/node/dns_ops.h"
#include "jsbind/node/fs_ops.h"
#include "jsbind/node/fs_sync_ops.h"
#include "jsbind/node/net_ops.h"
#include "jsbind/node/node_js.h"
#include "jsbind/node/os_ops.h"
#include "jsbind/node/process_ops.h"

namespace braid {
namespace {

constexpr Extension::PublicModule kPublicModules[] = {
    {"node:assert", "jsbind/node/assert.js"},
    {"node:assert/strict", "jsbind/node/assert_strict.js"},
    {"node:buffer", "jsbind/node/buffer.js"},
    {"node:child_process", "jsbind/node/child_process.js"},
    {"node:console", "jsbind/node/console.js"},
    {"node:dns", "jsbind/node/dns.js"},
    {"node:dns/promises", "jsbind/node/dns_promises.js"},
    {"node:events", "jsbind/node/events.js"},
    {"node:fs", "jsbind/node/fs.js"},
    {"node:fs/promises", "jsbind/node/fs_promises.js"},
    {"node:module", "jsbind/node/module.js"},
    {"node:net", "jsbind/node/net.js"},
    {"node:os", "jsbind/node/os.js"},
    {"node:path", "jsbind/node/path.js"},
    {"node:path/posix", "jsbind/node/path.js"},
    {"node:perf_hooks", "jsbind/node/perf_hooks.js"},
    {"node:process", "jsbind/node/process.js"},
    {"node:querystring", "jsbind/node/querystring.js"},
    {"node:stream", "jsbind/node/stream.js"},
    {"node:stream/consumers", "jsbind/node/stream_consumers.js"},
    {"node:stream/promises", "jsbind/node/stream_promises.js"},
    {"node:stream/web", "jsbind/node/stream_web.js"},
    {"node:string_decoder", "jsbind/node/string_decoder.js"},
    {"node:timers", "jsbind/node/timers.js"},
    {"node:timers/promises", "jsbind/node/timers_promises.js"},
    {"node:tty", "jsbind/node/tty.js"},
    {"node:url", "jsbind/node/url.js"},
    {"node:util", "jsbind/node/util.js"},
    {"node:util/types", "jsbind/node/util_types.js"},
};

constexpr Extension::NativeModule kNativeModules[] = {
    {"internal:ops/buffer", &DefineBufferOps},
    {"internal:ops/child", &DefineChildOps},
    {"internal:ops/dns", &DefineDnsOps},
    {"internal:ops/fs", &DefineFsOps},
    {"internal:ops/fs_calls", &DefineFsCalls},
    {"internal:ops/fs_sync", &DefineFsSyncOps},
    {"internal:ops/modules", &DefineModuleOps},
    {"internal:ops/net", &DefineNetOps},
    {"internal:ops/os", &DefineOsOps},
    {"internal:ops/process", &DefineProcessOps},
};

}  // namespace

const Extension& NodeExtension() {
  static const Extension extension = {
      .files = embedded::node_js::kFiles,
      .public_modules = kPublicModules,
      .native_modules = kNativeModules,
      .bootstrap = "jsbind/node/bootstrap.js",
      .commonjs = "jsbind/node/cjs_loader.js",
  };
  return extension;
}

}  // namespace braid
