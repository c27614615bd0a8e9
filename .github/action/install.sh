#!/usr/bin/env bash
# Installs orgsync from the checkout of this action: what was pinned is what runs.
# -I: python looks for no module in the repository, whose files are data.
set -euo pipefail
unset ANTHROPIC_ADMIN_KEY ANTHROPIC_AUTH_TOKEN ORGSYNC_SNAPSHOT_SIGNING_KEY ORGSYNC_EMAIL_KEY ORGSYNC_NOTIFY_URLS

case "$INPUT_MODE" in
  plan | snapshot) extras='[signing]' ;;
  comment | issue) extras='[github]' ;;
  drift) extras='[notify]' ;;
  *) extras='' ;;
esac

source="$(cd "$GITHUB_ACTION_PATH" && pwd)" # pip would take a path that ends with a dot for something else
environment="$RUNNER_TEMP/orgsync-environment"
if [ ! -e "$environment/bin/pip" ]; then # a job may use several modes
  python3 -I -c 'import sys; sys.exit(sys.version_info < (3, 11) and "orgsync needs Python 3.11: add actions/setup-python")'
  python3 -I -m venv "$environment"
fi
"$environment/bin/pip" install --quiet --disable-pip-version-check "$source$extras"
echo "$environment/bin" >> "$GITHUB_PATH"
