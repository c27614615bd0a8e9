# shellcheck shell=bash disable=SC2154  # run.sh sets here, out and token
# Looks for what was changed by hand. A difference is an answer, not a failure: the exit code is in the outputs.
arguments=("--out=$out/report.json" "--fail-on=$INPUT_FAIL_ON")
GITHUB_TOKEN="$token" python3 -I "$here/artifacts.py" newest orgsync-drift report.json "$out/previous.json" \
  --branch "$DEFAULT_BRANCH" --optional || finish 1
if [ -e "$out/previous.json" ]; then
  arguments+=("--previous=$out/previous.json")
fi

code=0
look() {
  orgsync drift --format markdown "${arguments[@]}" -- "$INPUT_PATH" > "$out/drift.md"
}
quoting look || code=$?
if [ "$code" -ne 0 ] && [ "$code" -ne 2 ]; then
  finish "$code"
fi
cat "$out/drift.md" >> "$GITHUB_STEP_SUMMARY"
echo "exitcode=$code" >> "$GITHUB_OUTPUT"
