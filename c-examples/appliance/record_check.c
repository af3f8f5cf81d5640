/* record_check.c: the challenge's check, for any record, and what the operator can do about each
 * verdict. See record.h. */
#include <inttypes.h>
#include <string.h>

#include "record.h"
#include "text.h"

/* What the operator can do about each verdict. */
static enum outcome explain(struct app *app, coffre_status status, const struct key_dir *keys,
                            const char *where, uint64_t lowest_generation,
                            const coffre_challenge_report *report)
{
    char expected[COFFRE_KEY_ID_TEXT_SIZE], found[COFFRE_KEY_ID_TEXT_SIZE], here[ID_TEXT_SIZE],
        there[ID_TEXT_SIZE];
    enum outcome outcome = outcome_of_status(status);

    coffre_key_id_text(report->expected_key_id, expected);
    coffre_key_id_text(report->found_key_id, found);
    hex_encode(app->installation.id, ID_SIZE, here);
    hex_encode(report->instance_id, ID_SIZE, there);
    switch (outcome) {
    case OUT_WRONG_KEY:
        return fail(&app->problem, outcome,
                    "%s expects key %s, found key %s in %s. Use the keys directory that"
                    " belongs to it (--keys)",
                    where, expected, found, keys->key_file);
    case OUT_FOREIGN:
        return fail(
            &app->problem, outcome,
            "%s belongs to installation %s, this repository is installation %s."
            " Use this installation's keys directory (--keys) or the other's repository (--repo)",
            where, there, here);
    case OUT_STALE:
        return fail(&app->problem, outcome,
                    "%s has generation %" PRIu64 ", expected at least %" PRIu64 ". It is an"
                    " older copy, such as from before a rekey: use the current one",
                    where, report->generation, lowest_generation);
    case OUT_UNSUPPORTED:
        return fail(&app->problem, outcome,
                    "%s: %s (%s). Expected version %d of the format: use the program"
                    " that wrote it",
                    where, coffre_status_message(status), coffre_status_name(status),
                    COFFRE_FORMAT_VERSION);
    case OUT_CORRUPT:
        return fail(&app->problem, outcome, "%s: %s (%s). Put it back from a copy", where,
                    coffre_status_message(status), coffre_status_name(status));
    default:
        return fail_status(&app->problem, status, "%s could not be checked", where);
    }
}

enum outcome record_check(struct app *app, const struct key_dir *keys, const char *where,
                          uint64_t lowest_generation, const uint8_t *bytes, size_t len,
                          coffre_challenge_report *report)
{
    coffre_challenge_report own;

    if (report == NULL) report = &own;
    memset(report, 0, sizeof *report);
    coffre_status status =
        coffre_challenge_check(&app->context, &keys->identity, app->installation.id,
                               lowest_generation, bytes, len, report);
    return status == COFFRE_OK ? OUT_OK
                               : explain(app, status, keys, where, lowest_generation, report);
}
