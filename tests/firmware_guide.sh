#!/usr/bin/env bash
# The C of docs/FIRMWARE.md compiles as it stands there and starts a library; objects have the sizes
# that it says.
#
# Usage: tests/firmware_guide.sh   (after make lib)
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The sentence "Objects are yours, of fixed size (bytes, every target): context 512, ... 2048."
sizes=$(tr '\n' ' ' <docs/FIRMWARE.md |
    sed -n 's/.*of fixed size (bytes, every target): \([a-z0-9, ]*\)\. .*/\1/p' | tr ',' '\n')
[ "$(wc -l <<<"$sizes")" -gt 10 ]
{
    echo '#include "coffre.h"'
    echo '#include <string.h>'
    # shellcheck disable=SC2016 # Markdown's fences
    sed -n '/^```c$/,/^```$/p' docs/FIRMWARE.md | sed '/^```/d'
    sed -E 's/^ *([a-z ]+) ([0-9]+) *$/\1=\2/; s/ /_/g
        s/(.*)=(.*)/_Static_assert(sizeof(coffre_\1) == \2, "\1");/' <<<"$sizes"
    cat <<'END'
static int32_t trng(void *user, uint8_t *out, size_t len)
{
    (void)user;
    memset(out, 7, len);
    out[0] = 8;
    return 0;
}
int main(void)
{
    static coffre_context context;
    static uint8_t memory[32768], id[16];
    if (sizeof memory < coffre_self_test_workspace())
        return 2;
    if (start(&context, memory, sizeof memory) != COFFRE_OK)
        return 1;
    return coffre_random_bytes(&context, id, sizeof id) != COFFRE_OK;
}
END
} >"$work/guide.c"
gcc -std=c11 -Wall -Wextra -Wconversion -Werror -Iinclude "$work/guide.c" build/libcoffre.a \
    -o "$work/guide"
"$work/guide"
echo "firmware guide: its C starts a library, $(wc -l <<<"$sizes") sizes hold"
