"""fuzz_target: a fuzz target as a test, and as a fuzzer under --config=fuzz."""

def fuzz_target(name, corpus, deps, size = "medium"):
    """A test that runs NAME.cc's LLVMFuzzerTestOneInput on a corpus and on changes of it.

    Args:
      name: of the target and of its file.
      corpus: files to begin with.
      deps: of the file.
      size: of the test.
    """
    native.cc_test(
        name = name,
        size = size,
        srcs = [name + ".cc"],
        # libFuzzer takes folders and options instead.
        args = select({
            ":fuzzing": [],
            "//conditions:default": ["$(location {})".format(file) for file in corpus],
        }),
        data = corpus,
        deps = deps + select({
            ":fuzzing": [],
            "//conditions:default": [":replay"],
        }),
    )
