"""The repositories that Bazel's own rules name, from the machine instead of the network."""

# Where Debian's Bazel packages put their rules.
_DEBIAN = {
    "bazel_skylib": "/usr/share/bazel/tools/skylib",
    "platforms": "/usr/share/bazel/tools/platforms",
    "rules_java": "/usr/share/bazel/rules/java",
    "rules_proto": "/usr/share/bazel/rules/proto",
}

# Debian's rules_cc is too new for Debian's Bazel, and its coverage tools are not packaged.
_OURS = {
    "remote_coverage_tools": "third_party/bazel/coverage_stub",
    "rules_cc": "third_party/bazel/rules_cc",
}

def _is_newer_than_4(version):
    """Debian's Bazel 4.2.3 reports no number at all, a release from upstream does."""
    major = (version or "").split(".")[0]
    return major.isdigit() and int(major) > 4

def bazel_repositories():
    """Declares what Bazel 4 would download. Newer Bazels bring these themselves."""
    if _is_newer_than_4(native.bazel_version):
        return
    for name, path in _DEBIAN.items() + _OURS.items():
        native.local_repository(name = name, path = path)
