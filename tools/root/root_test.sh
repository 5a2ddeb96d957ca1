#!/usr/bin/env bash
#
# Tests make_root against a Debian mirror of three tiny packages in a local folder: what it
# makes, what it says when something is wrong, and that it goes on after an interruption.

set -uo pipefail
export LC_ALL=C
unset BRAID_ROOT BRAID_DEBIAN_MIRROR BRAID_DEBIAN_KEYRING

for program in apt-get dpkg-deb flock; do
  if ! command -v "$program" >/dev/null; then
    echo "skipped: make_root needs $program, which this machine lacks"
    exit 0
  fi
done

source_folder=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d "${TEST_TMPDIR:-/tmp}/root_test.XXXXXX")
trap 'rm -rf "$work"' EXIT
failures=0

# ---- the mirror and the scripts under test ----

# package NAME DEPENDS: an archive with a file, a library and a licence to keep, and some to
# leave out.
package() {
  local name=$1 folder=$work/build/$1
  local doc=$folder/usr/share/doc/$1
  mkdir -p "$folder"/{DEBIAN,usr/lib,usr/share/man} "$doc/examples"
  echo "$name" | tee "$folder/usr/lib/$name" "$folder/usr/lib/lib$name.so.1" "$doc/copyright" \
    "$doc/changelog.gz" "$doc/examples/copyright" >"$folder/usr/share/man/$name"
  printf 'Package: %s\nVersion: 1:1.0-1\nArchitecture: amd64\nDepends: %s\n' "$name" "$2" \
    >"$folder/DEBIAN/control"
  printf 'Maintainer: Nobody <nobody@localhost>\nDescription: test\n' >>"$folder/DEBIAN/control"
  dpkg-deb --root-owner-group -b "$folder" "$work/mirror/pool/${name}_1.0-1_amd64.deb" >/dev/null
}

make_mirror() {
  rm -rf "$work/mirror" "$work/build"
  local dist=$work/mirror/dists/forky file
  mkdir -p "$work/mirror/pool" "$dist/main/binary-amd64"
  package alpha ''
  package beta gamma
  package gamma ''
  for file in "$work"/mirror/pool/*.deb; do
    dpkg-deb -f "$file" | sed '/^$/d'
    printf 'Filename: pool/%s\nSize: %s\nSHA256: %s\n\n' "${file##*/}" "$(stat -c %s "$file")" \
      "$(sha256sum "$file" | cut -d' ' -f1)"
  done >"$dist/main/binary-amd64/Packages"
  {
    printf 'Origin: Debian\nSuite: forky\nCodename: forky\nComponents: main\nArchitectures: amd64\n'
    printf 'Date: %s\nSHA256:\n' "$(date -u '+%a, %d %b %Y %H:%M:%S UTC')"
    printf ' %s %s main/binary-amd64/Packages\n' \
      "$(sha256sum "$dist/main/binary-amd64/Packages" | cut -d' ' -f1)" \
      "$(stat -c %s "$dist/main/binary-amd64/Packages")"
  } >"$dist/Release"
}

# The scripts as they are, with the small packages and without the step that fits LLVM.
make_scripts() {
  mkdir -p "$work/tools/root" "$work/bin"
  cp "$source_folder"/{make_root,common.sh,recipe.sh} "$work/tools/root/"
  printf '# a comment\nalpha\nbeta # and another\n\n' >"$work/tools/root/packages.txt"
  echo 'fit_tools() { :; }' >>"$work/tools/root/recipe.sh"
}

# A fresh cache, and the mirror as the machine's one source of Debian packages.
reset() {
  chmod -R u+w "$work/cache" 2>/dev/null
  rm -rf "$work/cache" "$work/etc" "$work"/bin/*
  mkdir -p "$work/cache" "$work/etc/sources.list.d"
  printf 'Types: deb\nURIs: file:%s/mirror/debian/..\nSuites: forky\nComponents: main\nTrusted: yes\n' \
    "$work" >"$work/etc/sources.list.d/debian.sources"
  mkdir -p "$work/mirror/debian"
}

# Calls make_root; its output goes to $out and $err, its exit code to $code.
make_root() {
  out=$(env PATH="$work/bin:$PATH" XDG_CACHE_HOME="$work/cache" BRAID_APT_ETC="$work/etc" "$@" \
    bash -c 'export MAKE_ROOT_PID=$$; exec "$0"' "$work/tools/root/make_root" 2>"$work/err" </dev/null)
  code=$?
  err=$(<"$work/err")
}

# A program of that name which make_root finds first; its text comes from standard input.
stub() {
  { echo '#!/usr/bin/env bash'; cat; } >"$work/bin/$1"
  chmod +x "$work/bin/$1"
}

# ---- checks ----

fail() {
  echo "FAILED: $current: $1"
  printf '  exit code %s\n  stdout: %s\n  stderr: %s\n' "$code" "$out" "$err"
  failures=$((failures + 1))
}
expect_success() { if ((code != 0)); then fail "must succeed"; fi; }
expect_error() {
  if ((code == 0)); then fail "must fail"; fi
  if [[ -n $out ]]; then fail "must print no path"; fi
  local text
  for text in "$@"; do
    if [[ $err != *"$text"* ]]; then fail "must say: $text"; fi
  done
  if compgen -G "$work/cache/braid/root-*" >/dev/null; then fail "must leave no half-made root"; fi
}
expect_root() {
  expect_success
  if [[ $out != "$work"/cache/braid/root-* || ! -d $out ]]; then
    fail "must print the root's path"
    return
  fi
  local name
  for name in alpha beta gamma; do
    if [[ ! -f $out/lib/$name ]]; then fail "must unpack $name below the linked lib"; fi
  done
  if [[ $(cd "$out/usr/share" && find . -type f | sort | tr '\n' ' ') \
    != './doc/alpha/copyright ./doc/beta/copyright ./doc/gamma/copyright ' ]]; then
    fail "must leave usr/share out, but for the licences"
  fi
  if [[ $(sort "$out/owners" | tr '\n' ' ') \
    != 'alpha /usr/lib/libalpha.so.1 beta /usr/lib/libbeta.so.1 gamma /usr/lib/libgamma.so.1 ' ]]; then
    fail "must write down whose the libraries are"
  fi
  if [[ $(<"$out/versions") != $'alpha=1:1.0-1\nbeta=1:1.0-1\ngamma=1:1.0-1' ]]; then
    fail "must write down the versions"
  fi
  if compgen -G "$work/cache/braid/*.part" >/dev/null; then fail "must leave no .part"; fi
}
expect_said() { if [[ $err != *"$1"* ]]; then fail "must say: $1"; fi; }

# ---- tests ----

test_makes_the_root_once() {
  make_root
  expect_root
  expect_said 'downloading 3 packages'
  make_root
  expect_root
  if [[ -n $err ]]; then fail "must find it in silence the second time"; fi
}

test_new_package_list_makes_a_new_root() {
  make_root
  local first=$out
  cp "$work/tools/root/packages.txt" "$work/packages.kept"
  echo 'gamma' >>"$work/tools/root/packages.txt"
  make_root
  cp "$work/packages.kept" "$work/tools/root/packages.txt"
  expect_root
  if [[ $out == "$first" ]]; then fail "must be another folder"; fi
}

test_two_callers_make_one_root() {
  make_root_in_background() {
    env XDG_CACHE_HOME="$work/cache" BRAID_APT_ETC="$work/etc" \
      "$work/tools/root/make_root" >"$work/out.$1" 2>"$work/err.$1" &
  }
  make_root_in_background 1
  make_root_in_background 2
  wait
  code=0 out=$(<"$work/out.1") err=$(cat "$work/err.1" "$work/err.2")
  expect_root
  if [[ $(<"$work/out.1") != "$(<"$work/out.2")" ]]; then fail "must agree"; fi
  if (($(grep -c 'braid: making the root' <<<"$err") != 1)); then fail "must make it once"; fi
}

test_mirror_that_is_gone() {
  mv "$work/mirror" "$work/mirror.away"
  make_root
  mv "$work/mirror.away" "$work/mirror"
  expect_error "could not be read from file:$work/mirror" 'Call again'
  make_root
  expect_root
}

test_index_that_is_too_old() {
  # Whether apt minds is the machine's choice, so a stub says what apt says then.
  stub apt-get <<'STUB'
echo 'E: Release file for x is expired (invalid since 16d). Updates for it will not be applied.'
exit 100
STUB
  make_root
  expect_error 'too old to be trusted' 'Check-Valid-Until'
}

test_archives_that_cannot_be_downloaded() {
  mv "$work/mirror/pool/gamma_1.0-1_amd64.deb" "$work/kept.deb"
  make_root
  mv "$work/kept.deb" "$work/mirror/pool/gamma_1.0-1_amd64.deb"
  expect_error 'the download from' 'what was downloaded is kept'
  make_root
  expect_root
}

test_package_that_does_not_exist() {
  cp "$work/tools/root/packages.txt" "$work/packages.kept"
  echo 'no-such-package' >>"$work/tools/root/packages.txt"
  make_root
  cp "$work/packages.kept" "$work/tools/root/packages.txt"
  expect_error 'cannot be resolved' 'Unable to locate package no-such-package'
}

test_archives_are_kept_for_the_next_try() {
  make_root
  rm -rf "$out"
  # Neither archives nor index can be had now.
  mv "$work/mirror" "$work/mirror.away"
  make_root
  mv "$work/mirror.away" "$work/mirror"
  expect_root
  expect_said 'all packages are downloaded already'
}

test_damaged_archive_is_fetched_anew() {
  make_root
  rm -rf "$out"
  local archive
  archive=$(compgen -G "$work/cache/braid/apt/cache/archives/beta_*.deb")
  # The same size, so that only unpacking can notice.
  head -c "$(stat -c %s "$archive")" /dev/zero >"$archive.new"
  rm -f "$archive"
  mv "$archive.new" "$archive"
  make_root
  expect_error 'unpacking into' 'could not be unpacked'
  make_root
  expect_root
}

# The stub acts when the download has ended, before anything is unpacked.
interrupt_after_download() {
  stub apt-get <<STUB
$(command -v apt-get) "\$@"
code=\$?
if [[ " \$* " == *' --download-only '* && ! -e $work/interrupted ]]; then
  touch "$work/interrupted"
  kill -$1 "\$MAKE_ROOT_PID"
fi
exit \$code
STUB
  rm -f "$work/interrupted"
}

test_terminated_call_is_taken_up_by_the_next() {
  interrupt_after_download TERM
  make_root
  expect_error 'ended by a signal; the next call goes on with what was downloaded'
  make_root
  expect_root
  expect_said 'all packages are downloaded already'
}

test_killed_call_is_taken_up_by_the_next() {
  interrupt_after_download KILL
  make_root
  if ((code != 137)); then fail "must have been killed"; fi
  mkdir -p "$work/cache/braid/root-0123456789ab.part/usr/lib"
  make_root
  expect_root
  expect_said 'all packages are downloaded already'
}

test_disk_that_is_too_small() {
  stub df <<<'printf "Filesystem 1M-blocks Used Available Capacity Mounted\nx 100 0 100 0%% /\n"'
  make_root
  expect_error 'needs 1400 MB' 'has only 100 MB free' 'XDG_CACHE_HOME'
}

test_disk_that_runs_full() {
  # Plenty at first, nothing once the download has failed.
  stub df <<STUB
free=9999; if [[ -e $work/full ]]; then free=0; fi
printf 'Filesystem 1M-blocks Used Available Capacity Mounted\nx 9999 0 %s 0%% /\n' "\$free"
STUB
  stub apt-get <<STUB
if [[ " \$* " == *' --download-only '* ]]; then touch "$work/full"; exit 100; fi
exec $(command -v apt-get) "\$@"
STUB
  make_root
  expect_error 'the disk is full (0 MB free' 'what was downloaded is kept'
  rm -f "$work/full"
}

test_machine_without_debian_sources() {
  rm "$work/etc/sources.list.d/debian.sources"
  cat >"$work/etc/sources.list.d/vendor.list" <<'SOURCES'
deb https://packages.example.com/apt vendor-bookworm main
SOURCES
  make_root
  expect_error "no source of Debian's main archive" 'BRAID_DEBIAN_MIRROR='
}

test_mirror_from_the_environment_needs_a_keyring() {
  make_root BRAID_DEBIAN_MIRROR="file:$work/mirror" BRAID_DEBIAN_KEYRING="$work/none.gpg"
  expect_error "the keyring $work/none.gpg" 'cannot be read' 'debian-archive-keyring'
}

test_cache_that_cannot_be_written() {
  make_root XDG_CACHE_HOME=/dev/null
  expect_error 'the cache folder /dev/null/braid cannot be written' 'XDG_CACHE_HOME'
}

test_cache_with_blanks_in_its_path() {
  make_root XDG_CACHE_HOME="$work/a cache"
  expect_error 'must hold no blanks'
}

test_given_root_is_used_or_refused() {
  make_root BRAID_ROOT="$work/none"
  expect_error "BRAID_ROOT is $work/none" 'no usr/lib/llvm-21/bin/clang'
  mkdir -p "$work/given/usr/lib/llvm-21/bin"
  touch "$work/given/usr/lib/llvm-21/bin/clang"
  chmod +x "$work/given/usr/lib/llvm-21/bin/clang"
  make_root BRAID_ROOT="$work/given/"
  expect_success
  if [[ $out != "$work/given" ]]; then fail "must print the given root"; fi
}

test_versions_that_differ_from_the_lock_are_named() {
  mkdir -p "$work/third_party"
  printf '# comment\nalpha=1:1.0-1\nbeta=1:0.9-1\ngamma=1:1.0-1\n' >"$work/third_party/root.lock"
  make_root
  rm -r "$work/third_party"
  expect_root
  expect_said "1 of the root's packages differ from third_party/root.lock"
  expect_said 'beta=1:1.0-1'
}

# Which of a machine's sources is Debian's main archive: (source file, text, expected).
test_choice_among_sources() {
  choose() {
    local file=$1 expected=$2
    rm -rf "$work/etc"
    mkdir -p "$work/etc/sources.list.d"
    cat >"$work/etc/$file"
    out=$(BRAID_APT_ETC="$work/etc" bash -c 'source "$1"; machine_source' _ \
      "$work/tools/root/make_root" 2>&1)
    code=$?
    err="wanted: $expected"
    if ((code != 0)) || [[ $out != "$expected" ]]; then fail "$file must give the right source"; fi
  }
  local keyring=/usr/share/keyrings/debian-archive-keyring.gpg tab=$'\t'
  choose sources.list.d/debian.sources "http://a.example/debian$tab$keyring" <<SOURCES
# A vendor first, then security, then a disabled one, then the right one.
Types: deb
URIs: https://deb.vendor.example/node
Suites: nodistro
Components: main
Signed-By: /usr/share/keyrings/vendor.gpg

Types: deb
URIs: http://a.example/debian-security
Suites: bookworm-security
Components: main
Signed-By: $keyring

Enabled: no
Types: deb
URIs: http://off.example/debian
Suites: bookworm
Components: main
Signed-By: $keyring

Types: deb deb-src
URIs: http://a.example/debian http://b.example/debian
# comment inside
Suites: bookworm
  bookworm-updates
Components: contrib main
Signed-By: $keyring
SOURCES
  choose sources.list "http://a.example/debian$tab" <<'SOURCES'
# deb http://commented.example/debian bookworm main
deb-src http://source.example/debian bookworm main
deb cdrom:[Debian 12]/ bookworm main
deb http://a.example/debian bookworm main contrib # note
SOURCES
  choose sources.list "http://a.example/debian$tab$keyring" <<SOURCES
deb http://a.example/debian-security bookworm-security main
deb [arch=amd64 signed-by=$keyring] http://a.example/debian bookworm main
SOURCES
  choose sources.list.d/debian.sources "http://a.example/debian$tab" <<'SOURCES'
Types: deb
URIs: http://a.example/debian
Suites: trixie
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 mDMEZ debian-archive
 -----END PGP PUBLIC KEY BLOCK-----
SOURCES
  choose sources.list.d/vendor.list '' <<'SOURCES'
deb https://packages.example/apt cloud-bookworm main
deb [signed-by=/etc/apt/keyrings/other.gpg] https://debian.vendor.example/apt stable main
SOURCES
}

# The tests of this shard, where Bazel runs several.
if [[ -n ${TEST_SHARD_STATUS_FILE:-} ]]; then touch "$TEST_SHARD_STATUS_FILE"; fi
mapfile -t tests < <(compgen -A function | grep '^test_' \
  | awk -v n="${TEST_TOTAL_SHARDS:-1}" -v i="${TEST_SHARD_INDEX:-0}" 'NR % n == i')

make_mirror
make_scripts
for current in "${tests[@]}"; do
  before=$failures
  reset
  "$current"
  if ((failures == before)); then echo "passed: $current"; fi
done
if ((failures)); then
  echo "$failures checks failed"
  exit 1
fi
