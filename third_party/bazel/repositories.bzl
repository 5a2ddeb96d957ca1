"""The repositories that Bazel's own rules name, from the machine instead of the network."""

# Where Debian's Bazel packages put their rules.
_DEBIAN = {
    "bazel_skylib": "/usr/share/bazel/tools/skylib",
    "platforms": "/usr/share/bazel/tools/platforms",
    "rules_java": "/usr/share/bazel/rules/java",
    "rules_proto": "/usr/share/bazel/rules/proto",
}

# Debian's rules_cc is too new for Debian's Bazel, and its coverage tools are not packaged:
# folders beside this file.
_OURS = {
    "remote_coverage_tools": "coverage_stub",
    "rules_cc": "rules_cc",
}

def _folder_repository_impl(repository_ctx):
    here = repository_ctx.path(Label("//third_party/bazel:BUILD")).dirname
    for entry in here.get_child(repository_ctx.attr.folder).readdir():
        repository_ctx.symlink(entry, entry.basename)

# As local_repository, of a folder of this repository, whichever workspace asks.
_folder_repository = repository_rule(
    implementation = _folder_repository_impl,
    attrs = {"folder": attr.string(mandatory = True)},
    local = True,
)

def _is_newer_than_4(version):
    """Debian's Bazel 4.2.3 reports no number at all, a release from upstream does."""
    major = (version or "").split(".")[0]
    return major.isdigit() and int(major) > 4

def bazel_repositories():
    """Declares what Bazel 4 would download. Newer Bazels bring these themselves."""
    if _is_newer_than_4(native.bazel_version):
        return
    for name, path in _DEBIAN.items():
        native.local_repository(name = name, path = path)
    for name, folder in _OURS.items():
        _folder_repository(name = name, folder = folder)
