#!/usr/bin/env bash
#
# bundle.sh OUT NAME LAUNCHER ROOT ARCHIVE_OR_PACKAGE... -- PROGRAM...: packs programs with all
# that they need into OUT, a tar.gz of one folder, NAME:
#
#   bin/         what users call: the launcher, under each program's name
#   libexec/     the programs
#   lib/         their shared libraries, the C library and its loader among them
#   licences/    those of all libraries in it, by their Debian packages
#
# Libraries come from ROOT, the hermetic root. Arguments before -- name what is linked
# statically (paths from the root on) or built in (Debian packages). The same input gives
# the same bytes.

set -euo pipefail
export LC_ALL=C

out=$1 name=$2 launcher=$3 root=$4
shift 4
inside=()
while [[ $1 != -- ]]; do
  inside+=("$1")
  shift
done
shift

die() { printf 'bundle: %s\n' "$*" >&2; exit 1; }

stage=$(mktemp -d "${TMPDIR:-/tmp}/bundle.XXXXXX")
trap 'rm -rf "$stage"' EXIT
folder=$stage/$name
mkdir -p "$folder"/{bin,lib,libexec,licences/common-licenses}
loader=$root/lib64/ld-linux-x86-64.so.2

# Prints "SONAME PATH" for each library that a program needs, directly or not.
libraries() {
  "$loader" --list "$1" | sed -En 's/^\t([^ ]+) => (.+) \(0x[0-9a-f]+\)$/\1 \2/p'
}

packages=$stage/packages
for program in "$@"; do
  base=${program##*/}
  [[ ! -e $folder/bin/$base ]] || die "two programs are called $base"
  cp "$launcher" "$folder/bin/$base"
  # Instead of its paths into the root.
  "$root/usr/bin/patchelf" --force-rpath --set-rpath "\$ORIGIN/../lib" \
    --output "$folder/libexec/$base" "$program"
  "$root/usr/bin/patchelf" --set-interpreter /lib64/ld-linux-x86-64.so.2 "$folder/libexec/$base"
  "$root/usr/lib/llvm-21/bin/llvm-strip" --strip-all "$folder/libexec/$base"
  libraries "$program" >"$stage/list"
  [[ -s $stage/list ]] || die "$program needs no shared library, so it needs no bundle"
  while read -r soname path; do
    if [[ -n $root && $path != "$root"/* ]]; then die "$soname of $program is not the root's: $path"; fi
    cp -L "$path" "$folder/lib/$soname"
    inside+=("${path#"$root"}")
  done <"$stage/list"
done
cp -L "$loader" "$folder/lib/"
chmod -R u+w,a+rX "$folder"

# Prints the Debian package that a file of the root is from.
package_of() {
  if [[ -e $root/owners ]]; then
    awk -v file="$1" '$2 == file { print $1 }' "$root/owners"
  else
    dpkg-query -S "$1" | sed 's/:.*//' # The root is this machine.
  fi
}

for item in "${inside[@]}"; do
  package=$item
  if [[ $item == /* ]]; then
    package=$(package_of "$item")
    [[ -n $package ]] || die "which Debian package is $item of?"
  fi
  echo "$package"
done | sort -u >"$packages"
while read -r package; do
  copyright=$root/usr/share/doc/$package/copyright
  [[ -e $copyright ]] || die "the licence of $package is not in the root: $copyright"
  cp -L "$copyright" "$folder/licences/$package"
done <"$packages"
# The texts that those refer to; they are long, and the same for all.
grep -hoE '/usr/share/common-licenses/[A-Za-z0-9.-]*[A-Za-z0-9]' -r "$folder/licences" | sort -u \
  | while read -r text; do
      if [[ -e $root$text ]]; then cp -L "$root$text" "$folder/licences/common-licenses/"; fi
    done
{
  echo "The libraries in this folder's lib/, and those inside the programs, are from these packages"
  echo "of Debian, whose sources are at Debian's. A file named like a package holds its licences;"
  echo "what it calls /usr/share/common-licenses is the folder common-licenses here."
  echo
  if [[ -e $root/versions ]]; then
    awk -F = 'NR == FNR { wanted[$1]; next } $1 in wanted' "$packages" "$root/versions"
  fi
} >"$folder/licences/README"

if grep -rlF -- "${root:-/nonexistent}" "$folder" | sed "s|^$stage/||" | grep .; then
  die "the files above tell where the root lies"
fi

chmod -R a+rX,go-w "$folder"
tar -c -C "$stage" --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 "$name" | gzip -n >"$out"
