# shellcheck shell=bash
# Checks the files, without asking anybody.
code=0
orgsync validate --format github -- "$INPUT_PATH" || code=$?
finish "$code"
