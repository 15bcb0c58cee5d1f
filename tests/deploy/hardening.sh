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
case $(uname -m) in
  x86_64) expect "marks for indirect jumps and a shadow stack (CET)" 'x86 feature: IBT, SHSTK' "$headers" ;;
esac
exit "$missing"
