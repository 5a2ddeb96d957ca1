# What bazelw and make_root share: how they speak, and where the user's cache lies.

say() { printf 'braid: %s\n' "$*" >&2; }

# Redraws one line on a terminal; keeps quiet in a log, where only whole lines make sense.
tick() { if [[ -t 2 ]]; then printf '\r\033[Kbraid: %s' "$*" >&2; fi; }
tick_end() { if [[ -t 2 ]]; then printf '\r\033[K' >&2; fi; }

# Ends with what went wrong in one sentence; further arguments are lines of advice.
die() {
  tick_end
  printf 'braid: error: %s\n' "$1" >&2
  shift
  local line
  for line in "$@"; do printf '  %s\n' "$line" >&2; done
  exit 1
}

# The user's cache directory. HOME may be unset (cron, containers): ask the user database.
cache_dir() {
  local base=${XDG_CACHE_HOME:-}
  # (A relative path there is to be ignored, says the standard that named the variable.)
  if [[ $base != /* ]]; then
    local home=${HOME:-}
    if [[ -z $home ]]; then
      home=$(getent passwd "$(id -u)" 2>/dev/null | cut -d: -f6) || true
    fi
    [[ -n $home ]] || die "neither XDG_CACHE_HOME nor HOME is set, so there is no cache folder." \
      "Set one of them and call again."
    base=$home/.cache
  fi
  [[ $base != *[[:space:]]* ]] \
    || die "the cache folder's path must hold no blanks (linkers split at them): $base" \
      "Set XDG_CACHE_HOME to another folder and call again."
  printf '%s/braid\n' "$base"
}

make_cache_dir() {
  mkdir -p "$1" 2>/dev/null && [[ -w $1 ]] || die "the cache folder $1 cannot be written." \
    "Set XDG_CACHE_HOME to a folder that can be, and call again."
}
