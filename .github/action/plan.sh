# shellcheck shell=bash disable=SC2154  # run.sh sets here, out and token
# Plans from a snapshot: no credential, no connection to the organization.
if [ -n "$INPUT_FOR_ENVIRONMENT" ]; then
  GITHUB_TOKEN="$token" python3 -I "$here/artifacts.py" asks "$INPUT_FOR_ENVIRONMENT" || finish 3
fi

snapshot="$INPUT_SNAPSHOT"
if [ -z "$snapshot" ]; then
  snapshot="$out/live.json"
  GITHUB_TOKEN="$token" python3 -I "$here/artifacts.py" newest "$INPUT_SNAPSHOT_ARTIFACT" live.json "$snapshot" \
    --branch "$DEFAULT_BRANCH" || finish 1
fi

arguments=("--snapshot=$snapshot" "--max-snapshot-age=$INPUT_MAX_SNAPSHOT_AGE" "--out=$out/plan.json")
case "$INPUT_BASE" in
  '') ;;
  -*) refuse 'base is not a revision' ;;
  *) arguments+=("--base=ref:$INPUT_BASE") ;;
esac
if [ -n "$INPUT_BASE" ] && [ "$INPUT_FIRST" = true ]; then
  arguments+=(--first)
fi
if [ -n "$INPUT_VERIFY_WITH" ]; then
  key="$INPUT_VERIFY_WITH"
  if [ -n "$INPUT_BASE" ]; then # the key of the branch, not one that the pull request brings
    key="$out/verify-with.pem"
    git show "$INPUT_BASE:./$INPUT_VERIFY_WITH" > "$key" || refuse 'the base has no public key at verify-with'
  fi
  arguments+=("--verify-with=$key")
fi

# Which commit is planned: `apply` asks GitHub what it merges into what.
if [ "${GITHUB_EVENT_NAME:-}" = pull_request ]; then
  git rev-parse --verify HEAD > "$out/merge-commit" || refuse 'the repository was not checked out'
fi

code=0
orgsync plan --format github "${arguments[@]}" -- "$INPUT_PATH" > "$out/comment.md" || code=$?
finish "$code"
