#!/usr/bin/env bash
#
# dist_test.sh BRAID.tar.gz HTTP_SERVER.tar.gz: the bundles as they are on a machine that is
# not ours: unpacked, moved, with an empty environment, and in a root folder of their own
# that holds nothing else.

set -uo pipefail
export LC_ALL=C PATH=$PATH:/usr/sbin:/sbin
failures=0
work=$(mktemp -d "$TEST_TMPDIR/dist.XXXXXX")
work=$(realpath "$work")
server=
trap '[[ -z $server ]] || kill "$server"; rm -rf "$work"' EXIT

# expect WHAT WANTED GOT
expect() {
  if [[ $3 == "$2" ]]; then
    echo "passed: $1"
  else
    printf 'FAILED: %s\n  wanted: %s\n  got:    %s\n' "$@"
    failures=$((failures + 1))
  fi
}

# start COMMAND...: a server in the background; `url` is the address that it prints.
start() {
  mkfifo "$work/pipe"
  "$@" >"$work/pipe" 2>"$work/errors" &
  server=$!
  exec 4<"$work/pipe"
  rm "$work/pipe"
  url=
  local line
  while [[ -z $url ]] && IFS= read -r -u 4 line; do
    if [[ $line =~ http://127\.0\.0\.1:([0-9]+) ]]; then url=${BASH_REMATCH[1]}; fi
  done
  [[ -n $url ]] || cat "$work/errors"
}
# Ends it as Ctrl-C would; its exit code is `code`.
stop() {
  kill -INT "$server"
  wait "$server"
  code=$?
  server=
  exec 4<&-
}
# get PATH: the last line of the answer.
get() {
  exec 3<>"/dev/tcp/127.0.0.1/$url" || return
  printf 'GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' "$1" >&3
  tail -n 1 <&3
  exec 3>&-
}

# ---- unpacked in one place, moved to another ----

mkdir "$work/first" "$work/second: \$place"
tar -xzf "$1" -C "$work/first"
tar -xzf "$2" -C "$work/first"
expect 'each unpacks to one folder' 'braid http_server_bundle' "$(cd "$work/first" && echo *)"
mv "$work"/first/* "$work/second: \$place/"
braid="$work/second: \$place/braid"
expect 'the folder' 'bin lib libexec licences' "$(cd "$braid" && echo *)"

# The C library of the bundle names folders of Debian's, and nobody's cache or checkout.
expect 'no path of the machine that built it' '' \
  "$(grep -rlE '/\.cache/|/execroot/|/bazel-out/' "$work/second: \$place" | head)"

for licence in libc6 libnode137 libabsl-dev liburing-dev node-readable-stream \
  common-licenses/LGPL-2.1; do
  if [[ ! -s $braid/licences/$licence ]]; then expect "the licence of $licence" 'goes along' 'is missing'; fi
done
expect 'licences of what is not inside' '' \
  "$(cd "$work/second: \$place/http_server_bundle/licences" && ls | grep -E 'node|icu')"

cat >"$work/main.js" <<'JS'
import { serve } from "braid:http";
import { readFile, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

const [file, port] = process.argv.slice(2);
await sleep(1);
await writeFile(file, "written");
const server = serve({
  hostname: "127.0.0.1",
  port: 0,
  fetch: async (request) => {
    await sleep(1);
    return new Response(`${await readFile(file, "utf8")} ${new URL(request.url).pathname}`);
  },
});
console.log(`http://127.0.0.1:${server.port}`, new Date(0).toLocaleString("de", { timeZone: "UTC" }));
process.once("SIGINT", () => server.shutdown());
JS

start env -i "$braid/bin/braid" "$work/main.js" "$work/file"
expect 'timers, files and HTTP with an empty environment' 'written /x' "$(get /x)"
expect 'what the kernel calls it' braid "$(<"/proc/$server/comm")"
stop
expect 'its end' 0 "$code"

# ---- how it is called ----

expect 'by an absolute path' "$braid/bin/braid" "$(env -i "$braid/bin/braid" -e 'console.log(process.execPath)')"
expect 'by a relative path' "$braid/bin/braid" \
  "$(cd "$braid/lib" && env -i ../bin/braid -e 'console.log(process.execPath)')"
ln -s "$braid" "$work/linked" # No colon in the PATH.
expect 'by its name' "$braid/bin/braid" "$(PATH="$work/linked/bin:$PATH" braid -e 'console.log(process.execPath)')"
ln -s "$braid/bin/braid" "$work/link"
expect 'by a link of another name' "$braid/bin/braid" "$("$work/link" -e 'console.log(process.execPath)')"
expect 'arguments and environment are as they were' '["a b","","-e"] x=1' \
  "$(env -i x=1 "$braid/bin/braid" -e \
    'console.log(JSON.stringify(process.argv.slice(1)), Object.entries(process.env).map((e) => e.join("=")).join())' \
    'a b' '' -e)"
"$braid/bin/braid" -e 'process.exit(7)'
expect 'its exit code' 7 $?
# 100,000 words of arguments: more than fits into a page, and into the red zone of anything.
# shellcheck disable=SC2046
expect 'many arguments' 100000 \
  "$("$braid/bin/braid" -e 'console.log(process.argv.length - 1)' $(yes x | head -n 100000))"

# ---- what is missing is named ----

cp -r "$braid" "$work/damaged"
mv "$work/damaged/lib/ld-linux-x86-64.so.2" "$work/loader"
said=$("$work/damaged/bin/braid" -e 1 2>&1)
expect 'exit code without the loader' 127 $?
expect 'without the loader' \
  "cannot start: the loader cannot be opened: $work/damaged/lib/ld-linux-x86-64.so.2" "$said"
: >"$work/damaged/lib/ld-linux-x86-64.so.2"
said=$("$work/damaged/bin/braid" -e 1 2>&1)
expect 'exit code with an empty loader' 127 $?
mv "$work/loader" "$work/damaged/lib/ld-linux-x86-64.so.2"
mv "$work/damaged/lib/libnode.so.137" "$work/damaged/lib/libsome.so"
said=$("$work/damaged/bin/braid" -e 1 2>&1)
expect 'exit code without a library' 127 $?
[[ $said == *libnode.so.137* ]]
expect 'the library that is missing is named' 0 $?

# ---- in a root folder that holds nothing else ----

if unshare --user --map-root-user chroot / true 2>/dev/null; then
  new_root() { exec unshare --user --map-root-user chroot "$work/second: \$place" "$@"; }
  cp "$work/main.js" "$work/second: \$place/main.js"
  start new_root /braid/bin/braid /main.js /file
  expect 'timers, files and HTTP with nothing beside it' 'written /x' "$(get /x)"
  stop
  expect 'its end' 0 "$code"
  expect 'its file' 'written' "$(<"$work/second: \$place/file")"
  start new_root /http_server_bundle/bin/http_server
  expect 'a server in C++ with nothing beside it' 'Hello, Ada!' "$(get '/greet?name=Ada' | head -n 1)"
  stop
else
  echo 'skipped: this machine allows no root folder of one'"'"'s own'
fi

if ((failures)); then
  echo "$failures checks failed"
  exit 1
fi
