"""system_library: a library of the hermetic root as a dependency of cc_* rules."""

load("@root//:root.bzl", "LIBRARIES", "ROOT")

SystemLibraryInfo = provider(
    doc = "A library of the root.",
    fields = {"archives": "Its static archives, as paths from the root on."},
)

def _impl(ctx):
    compilation = cc_common.create_compilation_context(
        system_includes = depset([ROOT + path for path in ctx.attr.includes]),
        defines = depset(ctx.attr.defines),
    )
    linker_input = cc_common.create_linker_input(
        owner = ctx.label,
        user_link_flags = depset([
            LIBRARIES + "/" + archive
            for archive in ctx.attr.archives
        ] + ["-l" + library for library in ctx.attr.shared]),
    )
    linking = cc_common.create_linking_context(linker_inputs = depset([linker_input]))
    return [
        DefaultInfo(),
        SystemLibraryInfo(archives = [
            LIBRARIES[len(ROOT):] + "/" + archive
            for archive in ctx.attr.archives
        ]),
        cc_common.merge_cc_infos(
            direct_cc_infos = [CcInfo(
                compilation_context = compilation,
                linking_context = linking,
            )],
            cc_infos = [dep[CcInfo] for dep in ctx.attr.deps],
        ),
    ]

system_library = rule(
    implementation = _impl,
    doc = "Headers in the root are system headers: their warnings are not ours.",
    attrs = {
        "archives": attr.string_list(doc = "Static archives, by file name."),
        "defines": attr.string_list(),
        "deps": attr.label_list(providers = [CcInfo]),
        "includes": attr.string_list(
            doc = "Folders, from the root on, that are searched besides /usr/include.",
        ),
        "shared": attr.string_list(doc = "Shared libraries, by the name after -l."),
    },
    provides = [
        CcInfo,
        SystemLibraryInfo,
    ],
)
