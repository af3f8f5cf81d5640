#!/usr/bin/env bash
# Every status of coffre.h has its macro's name and a message of its own, and its number stands in
# the group that its fault belongs to; numbers that are no status have a name and a message, too.
#
# Usage: tests/c/status_names.sh   (after make lib; scripts/cross.sh sets CROSS, LIBRARY and RUN)
set -euo pipefail
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

grep -oE '^#define COFFRE_(OK|ERR_[A-Z0-9_]+)' include/coffre.h | cut -d' ' -f2 >"$work/names"
{
    cat <<'END'
#include "check.h"
static const struct { coffre_status number; const char *name; } statuses[] = {
END
    sed 's/.*/    {&, "&"},/' "$work/names"
    cat <<'END'
};
#define COUNT (sizeof statuses / sizeof *statuses)
static int is_status(coffre_status number)
{
    for (size_t i = 0; i < COUNT; i++)
        if (statuses[i].number == number) return 1;
    return 0;
}
int main(void)
{
    for (size_t i = 0; i < COUNT; i++) {
        coffre_status number = statuses[i].number;
        const char *message = coffre_status_message(number);
        size_t len = strlen(message);

        check_about(statuses[i].name);
        CHECK(strcmp(coffre_status_name(number), statuses[i].name) == 0);
        CHECK(len > 5 && len < 100 && message[len - 1] != '.');
        CHECK(number == 0 || (number < 0 && number > -100));
        for (size_t j = 0; j < i; j++) {
            CHECK(statuses[j].number != number);
            CHECK(strcmp(coffre_status_message(statuses[j].number), message) != 0);
        }
    }
    check_about("no status");
    for (coffre_status number = -200; number < 200; number++) {
        if (is_status(number)) continue;
        CHECK(strncmp(coffre_status_name(number), "COFFRE_ERR_", 11) != 0);
        CHECK(*coffre_status_name(number) != '\0' && *coffre_status_message(number) != '\0');
    }
    printf("%zu statuses\n", COUNT);
    return check_end();
}
END
} >"$work/statuses.c"
"${CROSS:-}gcc" -std=gnu11 -Wall -Wextra -Wconversion -Werror -Iinclude -Itests/c \
    "$work/statuses.c" "${LIBRARY:-build/libcoffre.a}" -o "$work/statuses"
[ "$(wc -l <"$work/names")" -gt 30 ]
${RUN:-} "$work/statuses"
