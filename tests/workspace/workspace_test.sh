#!/usr/bin/env bash
#
# workspace_test.sh SHOP SCRIPT SERVICE BUNDLE: runs what this workspace has built, from
# where it was built and from the bundle.

set -uo pipefail
bundle=$(mktemp -d "$TEST_TMPDIR/bundle.XXXXXX")
tar -xzf "$4" -C "$bundle"
failures=0

# expect WHAT WANTED GOT
expect() {
  if [[ $3 == "$2" ]]; then
    echo "passed: $1"
  else
    printf 'FAILED: %s\n  wanted: %s\n  got:    %s\n' "$@"
    failures=$((failures + 1))
  fi
}

# The first line of the answer's body of a service, which is then ended.
ask() {
  local line port
  exec 4< <(echo $BASHPID; exec "$@")
  read -r -u 4 server
  read -r -u 4 line
  port=${line##*:}
  exec 3<>"/dev/tcp/127.0.0.1/${port%/}" || return
  printf 'GET /shop HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >&3
  tail -n 1 <&3
  exec 3>&-
  kill -INT "$server"
}

wanted=$'8\nError: no price for pear'
expect 'a script over modules of this workspace' "$wanted" "$("$1" "$2" 2>&1)"
expect 'the same from the bundle' "$wanted" "$(env -i "$bundle/shop_bundle/bin/shop" "$2" 2>&1)"
expect 'a service in C++' 'Welcome to /shop' "$(ask "$3")"
expect 'the same from the bundle' 'Welcome to /shop' "$(ask "$bundle/shop_bundle/bin/service")"
((failures == 0))
