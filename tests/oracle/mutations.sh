#!/bin/sh
# Runs the property test of "same answer as batch" against each mutant of the detectors.
#
#   mutations.sh BUILD_FOLDER MUTANT_FOLDER [NAME...]
#
# Normally called by `cmake --build BUILD_FOLDER --target mutation_check`, which builds the mutants
# promise_mutant_NAME and writes MUTANT_FOLDER/list.tsv: a name, a tab and what the mutation breaks, a
# line each. Without NAMEs all of the list are run. Prints after how many random streams each was
# found; what the test said of it is in MUTANT_FOLDER/NAME.log. Exit code 0: all were found; 1: one was
# not within SIGNINWATCH_SEEDS streams (default 20,000), or the unchanged detectors fail.
set -eu

build=$1
folder=$2
shift 2
: "${SIGNINWATCH_SEEDS:=20000}"
export SIGNINWATCH_SEEDS
export SIGNINWATCH_STOP_AT_FIRST=1
# A mutant that has neither passed nor failed by then is stuck.
seconds_max=3600

# A test that fails without a mutation finds nothing out about the mutants.
log=$folder/unchanged.log
if ! SIGNINWATCH_SEEDS=200 "$build/promise_test" >"$log" 2>&1; then
  echo "the unchanged detectors: $(tail -n 1 "$log"), see $log"
  exit 1
fi

names=${*:-$(cut -f 1 "$folder/list.tsv")}
tab=$(printf '\t')
survived=0
printf '%-22s %-16s %s\n' mutation 'found after' 'what it breaks'
for name in $names; do
  breaks=$(sed -n "s/^$name$tab//p" "$folder/list.tsv")
  log=$folder/$name.log
  code=0
  timeout "$seconds_max" "$build/promise_mutant_$name" >"$log" 2>&1 || code=$?
  last=$(tail -n 1 "$log")
  case $code:$last in
    1:"found after "*) found=${last#found after } ;;
    0:*) found='NOT FOUND' ;;
    124:*) found=STUCK ;;
    *) found='a crash' ;;
  esac
  case $code in
    0 | 124) survived=$((survived + 1)) ;;
  esac
  printf '%-22s %-16s %s\n' "$name" "$found" "$breaks"
done
[ "$survived" -eq 0 ] || echo "$survived survived $SIGNINWATCH_SEEDS streams"
[ "$survived" -eq 0 ]
