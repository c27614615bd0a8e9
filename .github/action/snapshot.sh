# shellcheck shell=bash disable=SC2154  # run.sh sets here, out and token
# Writes what the organization looks like, for pull requests to plan from.
arguments=("--out=$out/live.json")
if [ "$INPUT_HASH_EMAILS" = true ]; then
  arguments+=(--hash-emails)
fi
code=0
quoting orgsync snapshot "${arguments[@]}" -- "$INPUT_PATH" || code=$?
finish "$code"
