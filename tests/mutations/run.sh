#!/bin/sh
# Runs a test against each mutant of what it tests.
#
#   run.sh BUILD_FOLDER TEST MUTANT_FOLDER [NAME...]
#
# Normally called by `cmake --build BUILD_FOLDER --target TEST_mutations`, which builds the mutants
# TEST_mutant_NAME and writes MUTANT_FOLDER/list.tsv: a name, a tab and what the mutation breaks, a
# line each. Without NAMEs all of the list are run. Prints by what each was found: the first test of
# GoogleTest that fails, or what the program says last ("found after 3 streams"); all that it said is
# in MUTANT_FOLDER/NAME.log. Exit code 0: all were found; 1: one was not, or the unchanged program
# fails. promise_test: SIGNINWATCH_SEEDS streams (default 20,000).
set -eu

build=$1
test=$2
folder=$3
shift 3
: "${SIGNINWATCH_SEEDS:=20000}"
export SIGNINWATCH_SEEDS
export SIGNINWATCH_STOP_AT_FIRST=1
export GTEST_FAIL_FAST=1
# A mutant that has neither passed nor failed by then is stuck.
seconds_max=3600

# A test that fails without a mutation finds nothing out about the mutants.
log=$folder/unchanged.log
if ! SIGNINWATCH_SEEDS=200 "$build/$test" >"$log" 2>&1; then
  echo "the unchanged program: $(tail -n 1 "$log"), see $log"
  exit 1
fi

names=${*:-$(cut -f 1 "$folder/list.tsv")}
tab=$(printf '\t')
survived=0
printf '%-22s %-46s %s\n' mutation 'found by' 'what it breaks'
for name in $names; do
  breaks=$(sed -n "s/^$name$tab//p" "$folder/list.tsv")
  log=$folder/$name.log
  code=0
  timeout "$seconds_max" "$build/${test}_mutant_$name" >"$log" 2>&1 || code=$?
  last=$(tail -n 1 "$log")
  failed=$(sed -n 's/^\[  FAILED  \] \([^ ,]*\).*/\1/p' "$log" | head -n 1)
  case $code:$last in
    1:"found after "*) found=${last#found } ;;
    0:*) found='NOT FOUND' ;;
    124:*) found=STUCK ;;
    *) found=${failed:-a crash} ;;
  esac
  case $code in
    0 | 124) survived=$((survived + 1)) ;;
  esac
  printf '%-22s %-46s %s\n' "$name" "$found" "$breaks"
done
[ "$survived" -eq 0 ] || echo "$survived survived"
[ "$survived" -eq 0 ]
