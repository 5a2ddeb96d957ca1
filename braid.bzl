"""What BUILD files of other workspaces load from Braid. See docs/other_workspaces.md."""

load("//tools/dist:dist.bzl", _braid_bundle = "braid_bundle")
load("//tools/embed:embed.bzl", "embed_files")

braid_bundle = _braid_bundle

def braid_native_module(name, srcs, hdrs = [], js = [], deps = [], **kwargs):
    """A cc_library that brings modules for scripts: in C++, and in JavaScript over it.

    C++ declares its modules with a ModuleDef ("jsbind/module_def.h"). With `js`, it includes
    "PACKAGE/NAME_js.h", hands embedded::NAME_js::kFiles to an Extension
    ("jsbind/extension.h"), and the extension to the runtime.

    Args:
      name: of the library, and, with `js`, a C++ identifier.
      srcs: as of cc_library.
      hdrs: as of cc_library.
      js: JavaScript that is compiled in, each file an ES module.
      deps: as of cc_library, besides Braid's own.
      **kwargs: as of cc_library.
    """
    built_in = []
    if js:
        embed_files(
            name = name + "_js",
            srcs = js,
            testonly = kwargs.get("testonly", False),
            visibility = ["//visibility:private"],
        )
        built_in = [":" + name + "_js"]
    native.cc_library(
        name = name,
        srcs = srcs,
        hdrs = hdrs,
        deps = deps + built_in + [
            Label("//:absl"),
            Label("//:jsbind"),
        ],
        **kwargs
    )
