# Takes the code blocks of a page apart: a block belongs to the file that is named
# behind its language (```cpp server.cc), and blocks of one file follow each other.
#
#   awk -v files="server.cc main.js" -v folder=OUT -f snippets.awk page.md
#
# A block of a language in `checked` without one of these files is an error, and so
# is a file without a block: nothing that a page shows goes without being run.
BEGIN {
  count = split(files, names, " ")
  for (i = 1; i <= count; ++i) known[names[i]] = folder "/" names[i]
  split("cpp js python", languages, " ")
  for (i in languages) checked[languages[i]] = 1
}
function fail(text) {
  printf "%s:%d: %s\n", FILENAME, FNR, text > "/dev/stderr"
  failed = 1
  exit 1
}
/^```/ {
  if (inside) {
    inside = 0
    out = ""
    next
  }
  inside = 1
  language = substr($1, 4)
  if ($2 in known) {
    out = known[$2]
    seen[$2] = 1
    # So that the compiler's errors point into the page.
    if (language == "cpp") printf "#line %d \"%s\"\n", FNR + 1, FILENAME > out
  } else if (language in checked) {
    fail("a block of " language " that belongs to none of the files " files)
  }
  next
}
inside && out != "" { print > out }
END {
  if (failed) exit 1
  if (inside) fail("a block without an end")
  for (name in known) if (!(name in seen)) fail("no block for " name)
}
