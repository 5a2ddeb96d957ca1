"""The C++ toolchain: clang and lld of the hermetic root, with the root as sysroot.

All C++ in this repository is the project's own (third-party headers lie in the root and
are system headers), so the warnings and -Werror are part of the toolchain.
"""

load("@bazel_tools//tools/build_defs/cc:action_names.bzl", "ACTION_NAMES")
load(
    "@bazel_tools//tools/cpp:cc_toolchain_config_lib.bzl",
    "feature",
    "flag_group",
    "flag_set",
    "tool_path",
    "with_feature_set",
)
load("@root//:root.bzl", "LIBRARIES", "LLVM", "ROOT")

_CPP_COMPILE = [
    ACTION_NAMES.cpp_compile,
    ACTION_NAMES.cpp_header_parsing,
    ACTION_NAMES.linkstamp_compile,
]

_COMPILE = _CPP_COMPILE + [
    ACTION_NAMES.assemble,
    ACTION_NAMES.c_compile,
    ACTION_NAMES.preprocess_assemble,
]

_LINK = [
    ACTION_NAMES.cpp_link_dynamic_library,
    ACTION_NAMES.cpp_link_executable,
    ACTION_NAMES.cpp_link_nodeps_dynamic_library,
]

_LINK_EXECUTABLE = [ACTION_NAMES.cpp_link_executable]

def _flags(actions, flags, with_features = []):
    return flag_set(
        actions = actions,
        flag_groups = [flag_group(flags = flags)],
        with_features = with_features,
    )

def _in(mode):
    return [with_feature_set(features = [mode])]

_WARNINGS = [
    "-Wall",
    "-Wextra",
    "-Werror",
    "-Wimplicit-fallthrough",
    "-Wnon-virtual-dtor",
    "-Woverloaded-virtual",
    "-Wshadow",
    "-Wthread-safety",
    "-Wunused-member-function",
    # Designated initializers leave the rest at its default on purpose.
    "-Wno-missing-designated-field-initializers",
    "-Wno-missing-field-initializers",
]

# Of all configurations but opt: DCHECKs are on where NDEBUG is off; the standard library
# checks indices and iterators, without a change of layout.
_CHECKED = ["-D_GLIBCXX_ASSERTIONS", "-fno-omit-frame-pointer"]

def _compile_flags():
    return feature(
        name = "default_compile_flags",
        enabled = True,
        flag_sets = [
            _flags(_COMPILE, [
                "--sysroot=" + (ROOT or "/"),
                # Position independent for executables alone: calls inside the program
                # need no indirection, and everything is compiled once.
                "-fPIE",
                "-fdiagnostics-color=always",
                "-ffunction-sections",
                "-fdata-sections",
                # The same source gives the same object, whichever checkout it lies in.
                "-no-canonical-prefixes",
                "-ffile-compilation-dir=.",
                "-Wno-builtin-macro-redefined",
                "-D__DATE__=\"redacted\"",
                "-D__TIMESTAMP__=\"redacted\"",
                "-D__TIME__=\"redacted\"",
            ]),
        ],
    )

# A feature, so that a workspace that depends on this one can do without: its --features=-warnings.
def _warnings():
    return feature(
        name = "warnings",
        enabled = True,
        flag_sets = [_flags(_COMPILE, _WARNINGS)],
    )

def _language_flags():
    return feature(
        name = "language_flags",
        enabled = True,
        flag_sets = [
            # Nor does it tell where the root lay on the machine that compiled it.
            _flags(_COMPILE, ["-ffile-prefix-map={}=".format(ROOT)] if ROOT else []),
            _flags(_CPP_COMPILE, [
                "-std=c++20",
                # Debian's libraries are compiled with GCC, which names templates that are
                # constrained by a value parameter as clang did up to 17.
                "-fclang-abi-compat=17",
            ]),
            _flags(_COMPILE, ["-O2", "-DNDEBUG", "-D_FORTIFY_SOURCE=2"], _in("opt")),
            _flags(_COMPILE, _CHECKED + ["-O1", "-gline-tables-only"], _in("fastbuild")),
            _flags(_COMPILE, _CHECKED + ["-O0", "-g", "-fstandalone-debug"], _in("dbg")),
        ],
    )

# Compiles each header by itself as well: what it does not include itself, it does not have.
# Not on by default; tools/check_headers turns it on.
def _parse_headers():
    return feature(
        name = "parse_headers",
        flag_sets = [
            _flags([ACTION_NAMES.cpp_header_parsing], [
                # As a source file, whose object is next to nothing; a precompiled header
                # would be large.
                "-xc++",
                # Only a part of a header is used by itself.
                "-Wno-unused",
            ]),
        ],
    )

def _link_flags():
    return feature(
        name = "default_link_flags",
        enabled = True,
        flag_sets = [
            _flags(_LINK, [
                "--sysroot=" + (ROOT or "/"),
                "-fuse-ld=lld",
                "-no-canonical-prefixes",
                "-Wl,--as-needed",
                "-Wl,--gc-sections",
                "-Wl,-z,relro,-z,now",
                "-Wl,--build-id=md5",
                # RPATH instead of RUNPATH: the libraries that libnode needs in turn must
                # be found in the root too.
                "-Wl,--disable-new-dtags",
                "-Wl,-rpath," + LIBRARIES,
            ]),
            # The root's C library is newer than the machine's may be, so its loader
            # must run the program.
            _flags(_LINK_EXECUTABLE, [
                "-pie",
                "-Wl,--dynamic-linker=" + ROOT + "/lib64/ld-linux-x86-64.so.2",
            ], [with_feature_set(not_features = ["freestanding"])]),
            _flags(_LINK, ["-Wl,-O2"], _in("opt")),
        ],
    )

def _sanitizer(name, compile_flags, link_flags):
    return feature(
        name = name,
        flag_sets = [
            _flags(_COMPILE, compile_flags + ["-fno-omit-frame-pointer", "-fno-optimize-sibling-calls"]),
            _flags(_LINK, link_flags),
        ],
    )

def _impl(ctx):
    asan = ["-fsanitize=address,undefined", "-fno-sanitize=vptr,function"]
    features = [
        feature(name = "opt"),
        feature(name = "fastbuild"),
        feature(name = "dbg"),
        # Of a program without a loader, which asks for it by name (tools/dist).
        feature(name = "freestanding"),
        # Inputs of a static link go straight to lld instead of through archives.
        feature(name = "supports_start_end_lib", enabled = True),
        _compile_flags(),
        _warnings(),
        _language_flags(),
        _parse_headers(),
        _link_flags(),
        _sanitizer(
            "asan",
            asan + [
                "-fno-sanitize-recover=all",
                # Abseil's archives are compiled without ASan. This keeps the layout of
                # its hash tables as they know it.
                "-DNDEBUG_SANITIZER",
            ],
            asan,
        ),
        # With asan: what of the code ran tells the fuzzer, which brings main() along.
        feature(
            name = "fuzzer",
            flag_sets = [
                _flags(_COMPILE, ["-fsanitize=fuzzer-no-link"]),
                _flags(_LINK_EXECUTABLE, ["-fsanitize=fuzzer"]),
            ],
        ),
        _sanitizer("tsan", ["-fsanitize=thread"], ["-fsanitize=thread"]),
    ]
    bin = LLVM + "/bin/"
    return cc_common.create_cc_toolchain_config_info(
        ctx = ctx,
        toolchain_identifier = "braid-clang",
        host_system_name = "local",
        target_system_name = "local",
        target_cpu = "k8",
        target_libc = "glibc",
        compiler = "clang",
        abi_version = "local",
        abi_libc_version = "local",
        features = features,
        cxx_builtin_include_directories = [
            ROOT + "/usr/include",
            ROOT + "/usr/lib/gcc",
            ROOT + "/include",
            ROOT + "/lib",
            LLVM + "/lib/clang/21/include",
            LLVM + "/lib/clang/21/share",
        ],
        tool_paths = [
            # Bazel links with the compiler driver, which starts ld.lld.
            tool_path(name = "gcc", path = bin + "clang++"),
            tool_path(name = "cpp", path = bin + "clang-cpp"),
            tool_path(name = "ld", path = bin + "ld.lld"),
            tool_path(name = "ar", path = bin + "llvm-ar"),
            tool_path(name = "nm", path = bin + "llvm-nm"),
            tool_path(name = "objcopy", path = bin + "llvm-objcopy"),
            tool_path(name = "objdump", path = bin + "llvm-objdump"),
            tool_path(name = "strip", path = bin + "llvm-strip"),
            tool_path(name = "dwp", path = bin + "llvm-dwp"),
            tool_path(name = "gcov", path = bin + "llvm-cov"),
            tool_path(name = "llvm-cov", path = bin + "llvm-cov"),
            tool_path(name = "llvm-profdata", path = bin + "llvm-profdata"),
        ],
    )

braid_toolchain_config = rule(
    implementation = _impl,
    attrs = {},
    provides = [CcToolchainConfigInfo],
)
