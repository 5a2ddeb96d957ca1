"""Tests of what stands on a loop, with each driver that serves a machine."""

def cc_driver_test(name, srcs, deps, **kwargs):
    """A cc_test NAME on the machine's io_uring, and NAME_epoll on epoll.

    Compiled once. Tests choose nothing: World::System() reads BRAID_IO.
    """
    native.cc_library(
        name = name + "_cases",
        testonly = True,
        srcs = srcs,
        deps = deps,
        alwayslink = True,
    )
    native.cc_test(
        name = name,
        deps = [":" + name + "_cases"],
        **kwargs
    )
    native.cc_test(
        name = name + "_epoll",
        env = {"BRAID_IO": "epoll"},
        deps = [":" + name + "_cases"],
        **kwargs
    )
