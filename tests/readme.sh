#!/usr/bin/env bash
# The C of README.md compiles as it stands there, runs, and opens what it sealed.
#
# Usage: tests/readme.sh   (after make lib)
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$work/key.pem" 2>/dev/null
{
    echo '#include <stdio.h>'
    echo '#include <string.h>'
    echo '#include "coffre.h"'
    cat <<'END'
static uint8_t pem[4096], record[1024], plain[5000], out[5000], memory[COFFRE_SEAL_WORKSPACE];
static uint8_t block[COFFRE_BLOCK_SEALED_MAX(sizeof plain)];
int main(void) {
    static const uint8_t instance[16] = "instance", point[16] = "point";
    size_t pem_len = fread(pem, 1, sizeof pem, stdin), plain_len = sizeof plain, record_len = 0;
    size_t block_len = 0, out_len = 0;
    coffre_status status;
    coffre_block_id id;
    memset(plain, 'x', sizeof plain);
END
    # shellcheck disable=SC2016 # Markdown's fences
    sed -n '/^```c$/,/^```$/p' README.md | sed '/^```/d; /^#include/d'
    cat <<'END'
    printf("README: %s, %zu bytes\n", coffre_status_name(status), out_len);
    return !(status == COFFRE_OK && out_len == plain_len && memcmp(out, plain, out_len) == 0);
}
END
} >"$work/readme.c"
gcc -std=c99 -Wall -Wextra -Wconversion -Werror -Iinclude "$work/readme.c" build/libcoffre.a \
    -o "$work/readme"
"$work/readme" <"$work/key.pem"
