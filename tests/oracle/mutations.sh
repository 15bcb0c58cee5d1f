#!/bin/sh
# Runs the property test of "same answer as batch" against each mutant of the detectors.
#
#   mutations.sh BUILD_FOLDER NUMBER_OF_MUTANTS
#
# Normally called by `cmake --build BUILD_FOLDER --target mutation_check`, which builds the mutants.
# Prints after how many random streams each was found. Exit code 0: all were; 1: one was not within
# SIGNINWATCH_SEEDS streams (default 20,000), or the detectors themselves fail.
set -eu

build=$1
mutants=$2
: "${SIGNINWATCH_SEEDS:=20000}"
export SIGNINWATCH_SEEDS
export SIGNINWATCH_STOP_AT_FIRST=1

# A test that fails without a mutation finds nothing out about the mutants.
if ! SIGNINWATCH_SEEDS=200 "$build/promise_test" >"$build/mutation_none.log"; then
  echo "without a mutation: $(tail -n 1 "$build/mutation_none.log"), see $build/mutation_none.log"
  exit 1
fi

survived=0
n=1
while [ "$n" -le "$mutants" ]; do
  log=$build/mutation_$n.log
  if "$build/promise_mutant_$n" >"$log"; then
    echo "mutation $n: SURVIVED, $(tail -n 1 "$log")"
    survived=$((survived + 1))
  elif tail -n 1 "$log" | grep -q '^found after '; then
    echo "mutation $n: $(tail -n 1 "$log")"
  else
    # A crash is noticed by any test.
    echo "mutation $n: found by a crash, see $log"
  fi
  n=$((n + 1))
done
[ "$survived" -eq 0 ]
