# shellcheck shell=bash disable=SC2154  # run.sh sets here, out and token
# Applies what is merged, and no more than the reviewed plan contains.
if [ "$INPUT_REQUIRE_PROTECTED_BRANCH" = true ] && [ "${GITHUB_REF_PROTECTED:-}" != true ]; then
  refuse 'this branch is not protected: whoever can push to it could apply; see docs/gitops.md'
fi

ceiling="$INPUT_CEILING"
digest="$INPUT_CEILING_DIGEST"
if [ -z "$ceiling" ]; then
  ceiling="$out/ceiling.json"
  digest="$(GITHUB_TOKEN="$token" python3 -I "$here/artifacts.py" reviewed "$GITHUB_SHA" "$ceiling" \
    --branch "$DEFAULT_BRANCH" "--workflow=$INPUT_PLAN_WORKFLOW" "--comment-name=$INPUT_COMMENT_NAME" \
    "--attested-by=$INPUT_ATTESTED_BY")" || finish 3
fi

# The journal of the run before says what may have been sent when it was cut off.
GITHUB_TOKEN="$token" python3 -I "$here/artifacts.py" newest orgsync-receipts journal.jsonl "$out/journal.jsonl" \
  --branch "$DEFAULT_BRANCH" --optional || finish 1

arguments=("--ceiling=$ceiling" "--valid-for=$INPUT_VALID_FOR" --yes "--actor=$INPUT_ACTOR")
arguments+=("--undo=$out/undo.json" "--journal=$out/journal.jsonl")
if [ -n "$INPUT_BASE" ]; then # the guards before the merge judge once more: no digest covers what they said
  arguments+=("--base=ref:$INPUT_BASE")
  if [ "$INPUT_FIRST" = true ]; then
    arguments+=(--first)
  fi
fi
if [ -n "$digest" ]; then
  arguments+=("--ceiling-digest=$digest")
fi
code=0
quoting stoppable orgsync apply "${arguments[@]}" -- "$INPUT_PATH" || code=$?
finish "$code"
