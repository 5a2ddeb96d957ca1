"""@root: tells Bazel where the hermetic root lies.

The root's files are named by absolute path and are not declared as inputs: its folder's
name holds a hash of what is in it, so another root is another command line. Declaring
twenty thousand headers would make every sandbox slow and find nothing more.
"""

_TEMPLATE = '''"""Made by tools/toolchain/root_repository.bzl."""

# The folder that make_root made; the empty string stands for the machine's own "/".
ROOT = {root}

LIBRARIES = ROOT + "/usr/lib/x86_64-linux-gnu"
LLVM = ROOT + "/usr/lib/llvm-21"

# Abseil's static archives; their number changes from release to release.
ABSL_ARCHIVES = {absl}
'''

# Debian's packages of JavaScript that programs embed.
_JAVASCRIPT = ["cjs-module-lexer", "readable-stream"]

_BUILD = '''
package(default_visibility = ["//visibility:public"])

exports_files(["root.bzl", "nodejs/cjs-module-lexer/lexer.js"])

filegroup(
    name = "readable_stream",
    srcs = glob(["nodejs/readable-stream/lib/**/*.js"]),
)
'''

def _root_repository_impl(repository_ctx):
    root = repository_ctx.os.environ.get("BRAID_ROOT", "")
    if not root:
        fail("The hermetic root is not known here. Call ./bazelw instead of bazel: it makes " +
             "the root, or finds it, and tells Bazel where it is.")
    root = root.rstrip("/")
    libraries = repository_ctx.path(root + "/usr/lib/x86_64-linux-gnu")
    if not libraries.exists:
        fail("BRAID_ROOT is {}, but there are no libraries in it.".format(root))
    absl = sorted([
        file.basename
        for file in libraries.readdir()
        if file.basename.startswith("libabsl_") and file.basename.endswith(".a")
    ])
    repository_ctx.file("root.bzl", _TEMPLATE.format(root = repr(root), absl = repr(absl)))
    for package in _JAVASCRIPT:
        repository_ctx.symlink(root + "/usr/share/nodejs/" + package, "nodejs/" + package)
    repository_ctx.file("BUILD", _BUILD)

root_repository = repository_rule(
    implementation = _root_repository_impl,
    environ = ["BRAID_ROOT"],
    local = True,
)
