#!/usr/bin/env bash
# Installs orgsync from the checkout of this action: what was pinned is what runs.
set -euo pipefail

case "$INPUT_MODE" in
  plan | snapshot) extras='[signing]' ;;
  comment | issue) extras='[github]' ;;
  drift) extras='[notify]' ;;
  *) extras='' ;;
esac

environment="$RUNNER_TEMP/orgsync-environment"
python3 -c 'import sys; sys.exit(sys.version_info < (3, 11) and "orgsync needs Python 3.11 or newer: add actions/setup-python")'
python3 -m venv "$environment"
"$environment/bin/pip" install --quiet --disable-pip-version-check "$GITHUB_ACTION_PATH$extras"
echo "$environment/bin" >> "$GITHUB_PATH"
