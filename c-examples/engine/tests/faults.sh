#!/usr/bin/env bash
# A caller's engine that is incomplete, wrong, or fails: tests/faults.c.
set -euo pipefail
cd "$(dirname "$0")/.."
cc -std=c11 -Wall -Wextra -Wconversion -Werror -fsanitize=address,undefined -I../../include \
    tests/faults.c engine_openssl.c ../../build/libcoffre.a -lcrypto -o build/faults
build/faults
