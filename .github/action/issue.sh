# shellcheck shell=bash disable=SC2154  # run.sh sets here, out and token
# Opens, updates or closes the one issue about drift.
arguments=(--marker=drift "--title=$INPUT_TITLE" "--body=${INPUT_BODY:-$out/drift.md}" "--label=$INPUT_LABEL")
if [ "$INPUT_CLOSE" = true ]; then
  arguments+=(--close)
fi
code=0
GITHUB_TOKEN="$token" orgsync github issue "${arguments[@]}" || code=$?
finish "$code"
