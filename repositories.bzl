"""What a WORKSPACE declares to build Braid, this one's own or another.

    local_repository(name = "braid", path = "...")

    load("@braid//:repositories.bzl", "braid_repositories")

    braid_repositories()
"""

load("//third_party/bazel:repositories.bzl", "bazel_repositories")
load("//tools/toolchain:root_repository.bzl", "root_repository")

def braid_repositories():
    """Declares @root, which tells where the hermetic root lies, and what Bazel's own rules name."""
    bazel_repositories()
    root_repository(name = "root")
