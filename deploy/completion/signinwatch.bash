# shellcheck shell=bash
# Completion of signinwatch for bash. Install it as
#   /usr/share/bash-completion/completions/signinwatch
# or source it.

# The options of a command ("tickets list").
_signinwatch_options() {
  case $1 in
    '') echo --version ;;
    serve | rules) echo --config ;;
    replay) echo --config --now --events --dead-letters --format --threads ;;
    'tickets list')
      echo --config --tenant --user --state --severity --cause --scope --detector --from --to \
        --limit --format
      ;;
    'tickets show' | doctor) echo --config --format ;;
    'tickets preview') echo --config --sink ;;
    'sinks test') echo --config ;;
    demo) echo --for --listen --speed --users ;;
    generate)
      echo --seed --start --duration --tenants --users --records --bytes --layout --partitions \
        --output --labels --kafka --topic --rate --speed --compression --kafka-option --no-scenarios
      ;;
    example-config) echo --reference ;;
  esac
  echo --help
}

# What an option of any command takes: words, "files", "other" or nothing.
_signinwatch_values() {
  case $1 in
    --config | --dead-letters | --output | --labels) echo files ;;
    --format) echo json text ;;
    --state) echo open resolved merged ;;
    --severity) echo info low medium high critical ;;
    --cause)
      echo password_changed password_reset password_reset_by_admin password_synced sync_delay \
        sessions_revoked password_expired incorrect_password home_tenant unexplained pending mixed
      ;;
    --scope) echo user tenant ;;
    --layout) echo batches lines ;;
    --compression) echo none gzip lz4 snappy zstd ;;
    -h | --help | --version | --events | --no-scenarios | --reference) ;;
    -*) echo other ;;
  esac
}

# What may follow a command where no option does.
_signinwatch_words() {
  case $1 in
    '')
      echo serve replay tickets sinks doctor demo generate check-config example-config \
        metrics-reference rules
      ;;
    tickets) echo list show preview ;;
    sinks) echo test ;;
    replay | check-config) echo files ;;
  esac
}

_signinwatch_reply() {
  if [ "$1" = files ]; then
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "$2")
  elif [ "$1" != other ]; then
    mapfile -t COMPREPLY < <(compgen -W "$1" -- "$2")
  fi
}

_signinwatch() {
  local current=${COMP_WORDS[COMP_CWORD]} before='' command='' word values
  COMPREPLY=()
  [ "$COMP_CWORD" -lt 1 ] || before=${COMP_WORDS[COMP_CWORD - 1]}
  # --format=json is three words to bash.
  if [ "$current" = = ]; then
    current=''
  elif [ "$before" = = ]; then
    before=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $command:$word in
      :-*) ;;
      :*) command=$word ;;
      tickets:list | tickets:show | tickets:preview | sinks:test) command="$command $word" ;;
    esac
  done
  values=$(_signinwatch_values "$before")
  if [ -n "$values" ]; then
    _signinwatch_reply "$values" "$current"
  elif [[ $current == -* ]]; then
    _signinwatch_reply "$(_signinwatch_options "$command")" "$current"
  else
    _signinwatch_reply "$(_signinwatch_words "$command")" "$current"
  fi
}

complete -F _signinwatch signinwatch
