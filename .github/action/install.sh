#!/usr/bin/env bash
# Installs orgsync from the checkout of this action: what was pinned is what runs, down to the hash of every library.
# -I: python looks for no module in the repository, whose files are data.
set -euo pipefail
unset ANTHROPIC_ADMIN_KEY ANTHROPIC_AUTH_TOKEN ORGSYNC_SNAPSHOT_SIGNING_KEY ORGSYNC_EMAIL_KEY ORGSYNC_NOTIFY_URLS

source="$(cd "$GITHUB_ACTION_PATH" && pwd)" # pip would take a path that ends with a dot for something else
environment="$RUNNER_TEMP/orgsync-environment"
if [ ! -e "$environment/bin/orgsync" ]; then # a job may use several modes
  python3 -I -c 'import sys; sys.exit(sys.version_info < (3, 11) and "orgsync needs Python 3.11: add actions/setup-python")'
  python3 -I -m venv "$environment"
  install=("$environment/bin/python" -I -m pip install --quiet --disable-pip-version-check)
  "${install[@]}" --require-hashes --only-binary :all: \
    --requirement "$source/requirements/build.txt" --requirement "$source/requirements/action.txt"
  "${install[@]}" --no-index --no-deps --no-build-isolation "$source"
fi
echo "$environment/bin" >> "$GITHUB_PATH"
