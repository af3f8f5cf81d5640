/* outcome.c: names, messages and the mapping of the library's statuses. See outcome.h. */
#include "outcome.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* In order of weight: when several things are wrong, the exit code is the one that stands last
 * here. */
static const struct {
    enum outcome outcome;
    const char *name;
    const char *meaning;
} OUTCOMES[] = {
    {OUT_OK, "ok", "done; for check and verify: everything is as it should be"},
    {OUT_INTERNAL, "internal", "a bug, or a self-test of the library failed"},
    {OUT_USAGE, "usage", "the command line makes no sense"},
    {OUT_REFUSED, "refused", "something exists that would be overwritten or lost"},
    {OUT_NOT_FOUND, "not found", "no such restore point or image"},
    {OUT_LOCKED, "locked", "another program is writing to the repository"},
    {OUT_ENVIRONMENT, "environment", "input/output, full disk, memory or random source"},
    {OUT_INCONSISTENT, "inconsistent",
     "rows of the database contradict a manifest; the backup itself is whole"},
    {OUT_POLICY, "refused by policy",
     "a block, record, password or origin below what is demanded, or one that costs too much"},
    {OUT_UNSUPPORTED, "unsupported", "written by another version of the format"},
    {OUT_STALE, "stale", "an older copy than the one that is expected"},
    {OUT_FOREIGN, "foreign", "another installation's"},
    {OUT_WRONG_KEY, "wrong key", "the key at hand is not the one that is needed"},
    {OUT_MISSING, "missing", "a key, record, manifest, block or database is not there"},
    {OUT_CORRUPT, "corrupt", "damaged or altered"},
};
#define OUTCOME_COUNT (sizeof OUTCOMES / sizeof OUTCOMES[0])

static size_t rank(enum outcome outcome)
{
    for (size_t i = 0; i < OUTCOME_COUNT; i++) {
        if (OUTCOMES[i].outcome == outcome) return i;
    }
    return 1;
}

const char *outcome_name(enum outcome outcome)
{
    return OUTCOMES[rank(outcome)].name;
}

const char *outcome_table(size_t index, enum outcome *outcome)
{
    if (index >= OUTCOME_COUNT) return NULL;
    *outcome = OUTCOMES[index].outcome;
    return OUTCOMES[index].meaning;
}

enum outcome outcome_worse(enum outcome a, enum outcome b)
{
    return rank(a) >= rank(b) ? a : b;
}

enum outcome fail(struct problem *problem, enum outcome outcome, const char *format, ...)
{
    char text[PROBLEM_SIZE]; /* the arguments may point into problem->text */
    va_list arguments;

    va_start(arguments, format);
    if (vsnprintf(text, sizeof text, format, arguments) < 0) text[0] = '\0';
    va_end(arguments);
    memcpy(problem->text, text, sizeof text);
    return outcome;
}

enum outcome fail_errno(struct problem *problem, const char *doing, const char *path)
{
    int error = errno;

    if (error == ENOSPC || error == EDQUOT || error == EFBIG) {
        return fail(problem, OUT_ENVIRONMENT,
                    "disk full: cannot %s %s (%s). Nothing that was complete is lost; make room "
                    "and run it again",
                    doing, path, strerror(error));
    }
    return fail(problem, OUT_ENVIRONMENT, "cannot %s %s: %s", doing, path, strerror(error));
}

enum outcome fail_status(struct problem *problem, coffre_status status, const char *format, ...)
{
    char text[PROBLEM_SIZE];
    va_list arguments;

    va_start(arguments, format);
    if (vsnprintf(text, sizeof text, format, arguments) < 0) text[0] = '\0';
    va_end(arguments);
    return fail(problem, outcome_of_status(status), "%s: %s (%s)", text,
                coffre_status_message(status), coffre_status_name(status));
}

enum outcome outcome_of_status(coffre_status status)
{
    switch (status) {
    case COFFRE_OK:
        return OUT_OK;
    case COFFRE_ERR_POLICY_VERSION:
    case COFFRE_ERR_POLICY_RECIPIENT:
    case COFFRE_ERR_WEAK_PASSWORD:
    case COFFRE_ERR_OVER_COST:
    case COFFRE_ERR_ORIGIN_UNVERIFIED:
    case COFFRE_ERR_ORIGIN_IS_RECIPIENT:
        return OUT_POLICY;
    case COFFRE_ERR_OVER_LIMIT: /* the limits here are the format's own */
    case COFFRE_ERR_MALFORMED:
    case COFFRE_ERR_DAMAGED:
    case COFFRE_ERR_NOT_AUTHENTIC:
    case COFFRE_ERR_BAD_FRAME:
    case COFFRE_ERR_UNEXPECTED_BLOCK:
    case COFFRE_ERR_OTHER_STORAGE_KEY:
    case COFFRE_ERR_CONFLICT:
    case COFFRE_ERR_KEY_LENGTH:
    case COFFRE_ERR_BAD_KEY_FILE:
    case COFFRE_ERR_INVALID_KEY:
    case COFFRE_ERR_ORIGIN_FORGED:
    case COFFRE_ERR_BAD_KIT_LINE:
        return OUT_CORRUPT;
    case COFFRE_ERR_UNSUPPORTED_VERSION:
    case COFFRE_ERR_UNSUPPORTED_SUITE:
    case COFFRE_ERR_UNSUPPORTED_KEY:
        return OUT_UNSUPPORTED;
    case COFFRE_ERR_FOREIGN:
        return OUT_FOREIGN;
    case COFFRE_ERR_STALE:
    case COFFRE_ERR_ROLLBACK:
        return OUT_STALE;
    case COFFRE_ERR_WRONG_KEY:
    case COFFRE_ERR_WRONG_PASSWORD:
        return OUT_WRONG_KEY;
    case COFFRE_ERR_MISSING_KEY:
    case COFFRE_ERR_NOT_FOUND:
        return OUT_MISSING;
    case COFFRE_ERR_DUPLICATE:
        return OUT_REFUSED;
    case COFFRE_ERR_RANDOM:
    case COFFRE_ERR_RANDOM_REPEATED:
    case COFFRE_ERR_CALLBACK:
        return OUT_ENVIRONMENT;
    default: /* the caller's errors: this program's own */
        return OUT_INTERNAL;
    }
}
