/* recipients.c: see recipients.h. */
#include "recipients.h"

#include <stdio.h>

const char *recipient_kind(uint32_t type)
{
    switch (type) {
    case COFFRE_RECIPIENT_KEK:
        return "KEK";
    case COFFRE_RECIPIENT_P256:
        return "P-256";
    case COFFRE_RECIPIENT_PBKDF2:
        return "password (PBKDF2)";
    case COFFRE_RECIPIENT_ARGON2ID:
        return "password (Argon2id)";
    case COFFRE_RECIPIENT_EXTERNAL:
        return "external key";
    default:
        return "unknown";
    }
}

void recipient_line(const coffre_record_recipient *recipient, char line[RECIPIENT_LINE_SIZE])
{
    char id[COFFRE_KEY_ID_TEXT_SIZE], cost[80] = "";
    const char *what = recipient->type == COFFRE_RECIPIENT_EXTERNAL ? "name" : "hint";

    coffre_key_id_text(recipient->id, id);
    if (recipient->type == COFFRE_RECIPIENT_PBKDF2)
        snprintf(cost, sizeof cost, ", %u iterations", (unsigned)recipient->iterations);
    if (recipient->type == COFFRE_RECIPIENT_ARGON2ID) {
        snprintf(cost, sizeof cost, ", %u KiB in %u passes and %u lanes",
                 (unsigned)recipient->memory_kib, (unsigned)recipient->iterations,
                 (unsigned)recipient->lanes);
    }
    if (recipient->text[0] != '\0') {
        snprintf(line, RECIPIENT_LINE_SIZE, "%-8s %s, %s \"%s\"%s", recipient_kind(recipient->type),
                 id, what, recipient->text, cost);
    } else {
        snprintf(line, RECIPIENT_LINE_SIZE, "%-8s %s%s", recipient_kind(recipient->type), id, cost);
    }
}
