#!/usr/bin/env bash
# The quick checks: formatting and lints where cargo has them, the house rules, the header.
#
# Usage: make check. Goes through all of them and fails at the end when one failed.
set -euo pipefail
cd "$(dirname "$0")/.."
: "${CARGO:=cargo}"
failed=0

# try WHAT COMMAND...
try() {
    local what=$1
    shift
    if "$@"; then echo "ok       $what"; else echo "FAILED   $what"; failed=1; fi
}

# optional WHAT CARGO-SUBCOMMAND ARGUMENT...: skipped when this cargo has no such subcommand.
optional() {
    local what=$1
    shift
    if "$CARGO" "$1" --version >/dev/null 2>&1; then
        try "$what" "$CARGO" "$@"
    else
        echo "SKIPPED  $what (no cargo $1 here)"
    fi
}

optional formatting fmt --all --check
optional lints clippy -q --workspace --all-targets -- -D warnings
# What firmware is made of; a build that leaves more out allows unused code.
optional 'lints of a size build' clippy -q -p coffre-core --no-default-features \
    --features seal,zstd,public-key,password,argon2,legacy-v1,callbacks --all-targets -- -D warnings
# The released library excludes it, and C libraries are built with panic = "abort" alone.
optional 'lints of hazmat' clippy -q --release -p coffre-ffi --features hazmat -- -D warnings
for check in layers unsafe errors style 'header --check'; do
    # shellcheck disable=SC2086 # a check may have an argument
    try "xtask $check" "$CARGO" run -q -p xtask -- $check
done
if command -v shellcheck >/dev/null; then
    try "shell scripts" shellcheck -x scripts/*.sh .ci/run tests/*.sh tests/c/*.sh \
        tests/hazmat/*.sh
else
    echo "SKIPPED  shell scripts (no shellcheck here)"
fi
exit "$failed"
