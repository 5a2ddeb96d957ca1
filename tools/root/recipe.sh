# What is done with the downloaded packages to make the root of them. Sourced by make_root.
#
# This file and packages.txt decide what the root holds; their hash is part of its name, so
# a change here makes a new root on every machine. How packages are got and what is said to
# people lies in make_root, which may change without that.

readonly SUITE=forky
readonly LLVM=21
readonly MULTIARCH=x86_64-linux-gnu
readonly LOADER=lib64/ld-linux-x86-64.so.2

# LLVM programs that stay in the root, under usr/lib/llvm-21/bin; the other eighty go.
readonly TOOLS=(
  clang clang++ clang-$LLVM clang-cpp clang-format clang-tidy clangd
  ld.lld lld llvm-ar llvm-cov llvm-cxxfilt llvm-dwarfdump llvm-dwp llvm-mca llvm-nm
  llvm-objcopy llvm-objdump llvm-profdata llvm-ranlib llvm-readelf llvm-readobj llvm-size
  llvm-strip llvm-symbolizer llvm-xray
)

readonly LIB=./usr/lib/$MULTIARCH
readonly RUNTIMES=./usr/lib/llvm-$LLVM/lib/clang/$LLVM/lib/linux

# Paths in the archives that no build reads; leaving them out halves the root.
readonly LEFT_OUT=(
  # Of usr/share all but the JavaScript, and the licences, which go along with what is made
  # of the packages (//tools/dist).
  './usr/share/[!cdn]*' './usr/share/c[!o]*' './usr/share/co[!m]*' './usr/share/com[!m]*'
  './usr/share/d[!o]*' './usr/share/do[!c]*' './usr/share/doc-*' './usr/share/doc/*/[!c]*'
  './usr/share/doc/*/c[!o]*' './usr/share/doc/*/co[!p]*'
  './usr/share/n[!o]*' './usr/share/no[!d]*' './usr/share/nodejs/npm'
  # Of base-files all but the licences.
  ./boot ./dev ./home ./media ./mnt ./opt ./proc ./root ./run ./srv ./sys ./tmp
  ./usr/lib/os-release
  ./etc ./var ./usr/games ./usr/sbin ./usr/lib32 ./usr/libx32
  './usr/lib/python3*' ./usr/lib/bfd-plugins ./usr/lib/systemd
  "./usr/lib/llvm-$LLVM/share" "./usr/lib/llvm-$LLVM/lib/python*"
  # Libraries of programs that are not kept, and GCC's sanitizers: clang has its own.
  "$LIB/gconv" "$LIB/gprofng" "$LIB/bfd-plugins" "$LIB/cmake" "$LIB/node_modules"
  "$LIB/libclang-$LLVM.so*" "$LIB/libgprofng*" "$LIB/libbfd*" "$LIB/libopcodes*"
  "$LIB/libprotoc.*" '*/lib[ahlt]san.*' '*/libhwasan.*' '*/libubsan.*' './usr/lib/gcc/*/*/libobjc*'
  './usr/lib/gcc/*/*/x32' './usr/lib/gcc/*/*/32'
  # clang's run times other than ASan, LSan, TSan, UBSan, libFuzzer, profiles and XRay.
  "$RUNTIMES/*i386*" "$RUNTIMES/*hwasan*" "$RUNTIMES/*memprof*" "$RUNTIMES/*dfsan*"
  "$RUNTIMES/*msan*" "$RUNTIMES/*nsan*" "$RUNTIMES/*scudo*" "$RUNTIMES/liborc*"
)

# Unpacks all archives into $1, some at a time. $1/owners tells the package of each library.
unpack() {
  local into=$1 item n=0
  say "[3/4] unpacking ${#archives[@]} packages"
  mkdir -p "$into"/usr/{bin,sbin,lib,lib64}
  ln -s usr/bin usr/sbin usr/lib usr/lib64 "$into/"
  local -a excludes=()
  for item in "${LEFT_OUT[@]}"; do excludes+=("--exclude=$item"); done
  export BRAID_INTO=$into
  # Prints one line for each archive. --keep-directory-symlink: some still ship /lib. An
  # archive that is damaged goes, so that the next call fetches it anew.
  # shellcheck disable=SC2016
  if ! printf '%s\0' "${archives[@]}" \
    | xargs -0 -P "$(nproc)" -I ARCHIVE bash -c '
        set -o pipefail; archive=$1; shift
        name=${archive##*/} name=${name%%_*}
        if files=$(dpkg-deb --fsys-tarfile "$archive" \
          | tar -xv -C "$BRAID_INTO" --keep-directory-symlink --no-same-owner "$@"); then
          sed -En "s/^\.(.*\.(a|so[.0-9]*))\$/$name \1/p" <<<"$files" >"$BRAID_INTO/owners.$name"
          echo "$archive"
          exit
        fi
        dpkg-deb --contents "$archive" >/dev/null 2>&1 || rm -f "$archive"
        echo "E: ${archive##*/} could not be unpacked"
        exit 255
      ' _ ARCHIVE "${excludes[@]}" 2>&1 | tee "$apt/unpack.log" \
    | { while read -r _; do tick "      $((++n)) of ${#archives[@]}"; done; tick_end; }; then
    die_with_log "unpacking into $into failed" "$apt/unpack.log"
  fi
  # Each archive had a file of its own: writers to one file could tear its lines.
  cat "$into"/owners.* >"$into/owners"
  rm "$into"/owners.*
}

# Makes the tools of $1, which is to become $2, run on this machine: they need a newer C
# library than it may have, and find the root's through interpreter and RPATH.
fit_tools() {
  local into=$1 final=$2 bin tool
  local libs=usr/lib/$MULTIARCH llvm=usr/lib/llvm-$LLVM
  say "[4/4] fitting the tools to this machine"
  local -A keep=()
  for tool in "${TOOLS[@]}"; do keep[$tool]=1; done
  for bin in "$into/$llvm"/bin/*; do
    if [[ -z ${keep[${bin##*/}]:-} ]]; then rm -rf "$bin"; fi
  done
  # The build names tools by their LLVM path; what lies in usr/bin would not even start.
  local run=("$into/$LOADER" --library-path "$into/$libs:$into/$llvm/lib")
  cp "$into/usr/bin/patchelf" "$into/usr/lib/patchelf"
  rm -rf "$into/usr/bin"
  mkdir "$into/usr/bin"
  mv "$into/usr/lib/patchelf" "$into/usr/bin/patchelf"

  {
    for tool in "$into/$llvm"/bin/* "$into/usr/bin/patchelf"; do
      if [[ -L $tool ]]; then continue; fi
      "${run[@]}" "$into/usr/bin/patchelf" --set-interpreter "$final/$LOADER" \
        --force-rpath --set-rpath "$final/$libs:$final/$llvm/lib" \
        --output "$tool.new" "$tool"
      chmod 755 "$tool.new"
      mv "$tool.new" "$tool"
    done
    # They carry a RUNPATH of their own, which would win over the programs' RPATH.
    for tool in "$into/$libs"/lib{LLVM,clang-cpp}*.so.*; do
      if [[ -L $tool ]]; then continue; fi
      "${run[@]}" "$into/usr/bin/patchelf" --force-rpath --set-rpath "\$ORIGIN" "$tool"
    done
    "${run[@]}" "$into/$llvm/bin/clang" --version
    "${run[@]}" "$into/$llvm/bin/lld" -flavor gnu --version
  } >"$apt/fit.log" 2>&1 || die_with_log "the root's tools could not be fitted to this machine" "$apt/fit.log"
}
