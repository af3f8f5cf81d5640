#!/usr/bin/env bash
# Prints the functions that a C header declares, one a line: the library's exported symbols.
#
# Usage: scripts/exports.sh include/coffre.h
#
# The preprocessor removes comments; a name before an opening parenthesis is a function of ours.
set -euo pipefail
gcc -E -P -x c "$1" | grep -oE '\bcoffre_[a-z0-9_]+ *\(' | tr -d ' (' | LC_ALL=C sort -u
