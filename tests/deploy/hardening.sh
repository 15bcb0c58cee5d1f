#!/usr/bin/env bash
# Whether a program was built with what makes a bug harder to use by somebody else:
#
#   tests/deploy/hardening.sh build/release/signinwatch
#
# Says what is missing, and fails then.
set -euo pipefail
program=${1:?usage: hardening.sh PROGRAM}
missing=0

# expect WHAT PATTERN TEXT
expect() {
  grep -qE -- "$2" <<<"$3" && return
  echo "hardening.sh: $program has no $1" >&2
  missing=1
}

headers=$(readelf --wide --file-header --program-headers --dynamic --notes "$program")
symbols=$(readelf --wide --dyn-syms "$program")
expect "address of its own choice at each start (PIE)" 'Type: +DYN' "$headers"
expect "table of functions that is read-only once it runs (RELRO, now)" 'GNU_RELRO' "$headers"
expect "binding of all functions at the start" 'BIND_NOW|FLAGS_1.*NOW' "$headers"
expect "stack that can't be executed" 'GNU_STACK.* RW +0x' "$headers"
expect "stack protector" '__stack_chk_fail' "$symbols"
expect "checked memory and string functions (_FORTIFY_SOURCE)" '__(memcpy|memset|snprintf|vsnprintf|read|fprintf)_chk' "$symbols"
# The note that the whole program keeps to it can't be had on Debian 12, whose C library starts programs
# by code without; each function of ours that can be jumped to has its mark.
case $(uname -m) in
  x86_64)
    marks=$(objdump --disassemble --section=.text "$program" | grep -c endbr64 || :)
    [ "$marks" -gt 1000 ] || {
      echo "hardening.sh: $program has no marks for indirect jumps (CET)" >&2
      missing=1
    }
    ;;
esac
exit "$missing"
