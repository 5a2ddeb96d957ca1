"""The code in the pages, as files to build and run."""

def doc_snippets(name, page, files):
    """Takes the code blocks of `page` apart into `files`; see snippets.awk.

    Args:
      name: the target, all of the files.
      page: the Markdown file.
      files: the files that the page's blocks are named after, each a target too.
    """
    native.genrule(
        name = name,
        srcs = [page],
        outs = files,
        cmd = "awk -v files='%s' -v folder=$(RULEDIR) -f $(location snippets.awk) $<" % " ".join(files),
        tools = ["snippets.awk"],
    )
