"""embed_files: compiles files, such as built-in JS modules, into a C++ library."""

def _name_of(ctx, file):
    """The file's path from the root of the rule's own repository, or "../REPOSITORY/..."."""
    own = "../{}/".format(ctx.label.workspace_name)
    return file.short_path[len(own):] if file.short_path.startswith(own) else file.short_path

def _embed_sources_impl(ctx):
    name_space = ctx.attr.name_space
    include = "{}/{}.h".format(ctx.label.package, name_space) if ctx.label.package else name_space + ".h"
    parameters = ctx.actions.declare_file(ctx.label.name + ".params")
    arguments = [
        ctx.outputs.header.path,
        ctx.outputs.source.path,
        include,
        name_space,
    ] + ["{}={}".format(_name_of(ctx, file), file.path) for file in ctx.files.srcs]
    ctx.actions.write(parameters, "\n".join(arguments) + "\n")
    ctx.actions.run(
        executable = ctx.executable._embed,
        arguments = [parameters.path],
        inputs = ctx.files.srcs + [parameters],
        outputs = [ctx.outputs.header, ctx.outputs.source],
        mnemonic = "EmbedFiles",
        progress_message = "Embedding {} files for {}".format(len(ctx.files.srcs), ctx.label),
    )

_embed_sources = rule(
    implementation = _embed_sources_impl,
    attrs = {
        "header": attr.output(mandatory = True),
        "name_space": attr.string(mandatory = True),
        "source": attr.output(mandatory = True),
        "srcs": attr.label_list(allow_files = True),
        "_embed": attr.label(
            cfg = "host",
            default = Label("//tools/embed"),
            executable = True,
        ),
    },
)

def embed_files(name, srcs, visibility = None, testonly = False):
    """A cc_library that holds `srcs` as a table of names and contents.

    C++ includes "PACKAGE/NAME.h" and reads braid::embedded::NAME::kFiles, which is sorted by
    name; see embedded_file.h. A file's name is its path from the workspace's root on.

    Args:
      name: of the library, the header and the namespace, hence a C++ identifier, and unique
        among all embed_files that one program links.
      srcs: the files.
      visibility: as everywhere.
      testonly: as everywhere.
    """
    _embed_sources(
        name = name + "_sources",
        srcs = srcs,
        header = name + ".h",
        name_space = name,
        source = name + ".cc",
        testonly = testonly,
        visibility = ["//visibility:private"],
    )
    native.cc_library(
        name = name,
        srcs = [name + ".cc"],
        hdrs = [name + ".h"],
        testonly = testonly,
        visibility = visibility,
        deps = [Label("//tools/embed:embedded_file")],
    )
