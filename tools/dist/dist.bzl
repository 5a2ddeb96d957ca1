"""braid_bundle: programs with all that they need, to be run on other machines."""

load("@root//:root.bzl", "ROOT")
load("//third_party:system_library.bzl", "SystemLibraryInfo")

_InsideInfo = provider(
    doc = "What of the hermetic root a target holds.",
    fields = {"files": "Paths from the root on, and names of Debian packages."},
)

def _inside_impl(target, ctx):
    direct = []
    if SystemLibraryInfo in target:
        direct = target[SystemLibraryInfo].archives

    # JavaScript that is compiled in; @root links to it by the package's name.
    if ctx.rule.kind == "_embed_sources":
        for file in ctx.rule.files.srcs:
            _, found, rest = file.path.partition("/root/nodejs/")
            if found:
                direct.append("node-" + rest.split("/")[0])
    deps = []
    for attribute in ["deps", "srcs", "actual"]:
        value = getattr(ctx.rule.attr, attribute, None) or []
        for dep in value if type(value) == "list" else [value]:
            if _InsideInfo in dep:
                deps.append(dep[_InsideInfo].files)
    return [_InsideInfo(files = depset(direct, transitive = deps))]

_inside = aspect(
    implementation = _inside_impl,
    attr_aspects = ["deps", "srcs", "actual"],
    # From a generated source to what it was generated of.
    apply_to_generating_rules = True,
)

def _bundle_impl(ctx):
    archive = ctx.actions.declare_file(ctx.label.name + ".tar.gz")
    programs = [program[DefaultInfo].files_to_run.executable for program in ctx.attr.programs]
    inside = depset(transitive = [program[_InsideInfo].files for program in ctx.attr.programs])
    arguments = ctx.actions.args()
    arguments.add(archive)
    arguments.add(ctx.attr.folder or ctx.label.name)
    arguments.add(ctx.executable._launcher)
    arguments.add(ROOT)
    arguments.add_all(inside)
    arguments.add("--")
    arguments.add_all(programs)
    ctx.actions.run(
        executable = ctx.executable._bundle,
        arguments = [arguments],
        inputs = programs,
        tools = [ctx.executable._launcher],
        outputs = [archive],
        use_default_shell_env = True,
        # It is large, made in seconds, and new with every change of a program.
        execution_requirements = {"no-cache": "1"},
        mnemonic = "Bundle",
        progress_message = "Bundling %s" % ctx.label,
    )
    return [DefaultInfo(
        files = depset([archive]),
        runfiles = ctx.runfiles(files = [archive]),
    )]

braid_bundle = rule(
    implementation = _bundle_impl,
    doc = """NAME.tar.gz: programs with their libraries, C library and loader.

It runs on any x86-64 Linux of a kernel that is new enough, wherever it is unpacked, whatever else
is installed or not. See tools/dist/bundle.sh for what is in it.""",
    attrs = {
        "folder": attr.string(doc = "The folder that the archive unpacks to; by default the name."),
        "programs": attr.label_list(
            aspects = [_inside],
            doc = "cc_binary targets of different names.",
            mandatory = True,
        ),
        "_bundle": attr.label(
            cfg = "host",
            default = Label("//tools/dist:bundle"),
            executable = True,
        ),
        "_launcher": attr.label(
            cfg = "target",
            default = Label("//tools/dist:launcher"),
            executable = True,
        ),
    },
)
