#!/bin/bash
# The program prints what README.md says.
cd "$(dirname "$0")/.." || exit 1
documented() { awk '/^It prints/ { at = 1 } /^```/ { at += at > 0; next } at == 2' README.md; }
if diff <(documented) <(./quickstart); then
    echo "ok as documented"
else
    echo "not ok as documented"
    exit 1
fi
