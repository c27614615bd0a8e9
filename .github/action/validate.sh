# shellcheck shell=bash
# Validates the files offline.
code=0
orgsync validate --format github -- "$INPUT_PATH" || code=$?
finish "$code"
