# shellcheck shell=bash disable=SC2154  # run.sh sets here, out and token
# Writes the one comment on the pull request, or updates it.
code=0
GITHUB_TOKEN="$token" orgsync github comment "--pull-request=$INPUT_PULL_REQUEST" "--comment-name=$INPUT_COMMENT_NAME" \
  -- "${INPUT_BODY:-$out/comment.md}" || code=$?
finish "$code"
