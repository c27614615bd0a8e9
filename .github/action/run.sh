#!/usr/bin/env bash
# Runs one mode of the action. Values come as environment variables and reach orgsync as whole words, never as shell.
# -I: python looks for no module in the repository, whose files are data.
set -euo pipefail

here="$GITHUB_ACTION_PATH/.github/action"
out="${INPUT_OUT:-$RUNNER_TEMP/orgsync}"
mkdir -p "$out"
out="$(cd "$out" && pwd)"
echo "out=$out" >> "$GITHUB_OUTPUT"

# The token is for what talks to GitHub: the orgsync that reads the files does not get it.
# shellcheck disable=SC2034  # the modes use it
token="$INPUT_GITHUB_TOKEN"
unset INPUT_GITHUB_TOKEN GITHUB_TOKEN GH_TOKEN

# Says how the mode ended, as a number of orgsync's table of exit codes, and ends.
finish() {
  echo "exitcode=$1" >> "$GITHUB_OUTPUT"
  exit "$1"
}

# Runs a command whose output holds names from the organization: nothing in it is a command to the runner.
quoting() {
  local mark code=0
  mark="$(python3 -I -c 'import secrets; print(secrets.token_hex(16))')"
  echo "::stop-commands::$mark"
  "$@" || code=$?
  echo "::$mark::"
  return "$code"
}

# Runs a command that is told to stop when this shell is. A cancelled job signals the shell alone, which would wait, and
# both would be killed ten seconds later. What runs in the background ignores SIGINT, so it gets SIGTERM.
stoppable() {
  local child code=0 told=yes
  "$@" &
  child=$!
  trap 'told=yes; kill -TERM "$child" 2> /dev/null || :' INT TERM HUP
  while [ "$told" = yes ]; do
    told=no code=0
    wait "$child" || code=$?
  done
  trap - INT TERM HUP
  return "$code"
}

refuse() {
  echo "::error title=orgsync::$1"
  finish 1
}

case "$INPUT_MODE" in
  validate | plan | comment | apply | drift | issue | snapshot) ;;
  *) refuse 'mode is not one of validate, plan, comment, apply, drift, issue, snapshot' ;;
esac

# What runs for a pull request is what its author wrote: no credential has a place there.
case "$INPUT_MODE:${GITHUB_EVENT_NAME:-}" in
  *:pull_request_target | apply:pull_request | drift:pull_request | snapshot:pull_request)
    refuse "mode $INPUT_MODE must not run on $GITHUB_EVENT_NAME" ;;
  *:pull_request)
    if [ -n "${ANTHROPIC_ADMIN_KEY:-}${ANTHROPIC_AUTH_TOKEN:-}${ORGSYNC_SNAPSHOT_SIGNING_KEY:-}" ]; then
      refuse 'a pull-request job must not hold a credential: it plans from a snapshot'
    fi ;;
esac

# shellcheck source=/dev/null
. "$here/$INPUT_MODE.sh"
