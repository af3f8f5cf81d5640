/* record_check.c: what a check saw, and what the operator can do about each verdict. See record.h.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "record.h"
#include "text.h"

void record_describe(const coffre_record *view, const struct key_dir *keys,
                     coffre_challenge_report *report)
{
    coffre_record_info info;
    coffre_record_recipient first;

    memset(report, 0, sizeof *report);
    memcpy(report->found_key_id, keys->key_id, sizeof report->found_key_id);
    if (coffre_record_inspect(view, &info) != COFFRE_OK) return;
    report->object_type = info.object_type;
    report->generation = info.generation;
    memcpy(report->instance_id, info.instance_id, sizeof report->instance_id);
    if (coffre_record_recipient_at(view, 0, &first) == COFFRE_OK)
        memcpy(report->expected_key_id, first.id, sizeof report->expected_key_id);
}

static enum outcome explain_password(struct app *app, const struct key_dir *keys, const char *where)
{
    return fail(&app->problem, OUT_WRONG_KEY, "%s: wrong password. %s%s%s", where,
                keys->hint[0] != '\0' ? "The hint that was set with the right one: \""
                                      : "No hint was set with the right one",
                keys->hint, keys->hint[0] != '\0' ? "\"" : "");
}

static enum outcome explain_wrong_key(struct app *app, const struct key_dir *keys,
                                      const char *where, const coffre_challenge_report *report)
{
    char expected[COFFRE_KEY_ID_TEXT_SIZE], found[COFFRE_KEY_ID_TEXT_SIZE];

    coffre_key_id_text(report->expected_key_id, expected);
    coffre_key_id_text(report->found_key_id, found);
    return fail(&app->problem, OUT_WRONG_KEY,
                "%s expects key %s, found key %s in %s. Use the keys directory that"
                " belongs to it (--keys); `appliance report` lists the keys that open it",
                where, expected, found, keys->key_file);
}

static enum outcome explain_foreign(struct app *app, const char *where,
                                    const coffre_challenge_report *report)
{
    char here[ID_TEXT_SIZE], there[ID_TEXT_SIZE];

    hex_encode(app->installation.id, ID_SIZE, here);
    hex_encode(report->instance_id, ID_SIZE, there);
    return fail(&app->problem, OUT_FOREIGN,
                "%s belongs to installation %s, this repository is installation %s."
                " Use this installation's keys directory (--keys) or the other's repository"
                " (--repo)",
                where, there, here);
}

enum outcome record_explain(struct app *app, coffre_status status, const struct key_dir *keys,
                            const char *where, uint64_t lowest_generation,
                            const coffre_challenge_report *report)
{
    enum outcome outcome = outcome_of_status(status);
    const char *token = key_dir_token_problem(keys);

    if (status == COFFRE_ERR_WRONG_PASSWORD) return explain_password(app, keys, where);
    if (status == COFFRE_ERR_CALLBACK && token[0] != '\0')
        return fail(&app->problem, outcome, "%s: the token could not be asked: %s", where, token);
    if (status == COFFRE_ERR_NOT_AUTHENTIC && token[0] != '\0') {
        return fail(&app->problem, outcome,
                    "%s: it was altered, or the token's key of that name is another one than it was"
                    " made for: the token refuses it (%s)",
                    where, token);
    }
    switch (outcome) {
    case OUT_WRONG_KEY:
        return explain_wrong_key(app, keys, where, report);
    case OUT_FOREIGN:
        return explain_foreign(app, where, report);
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
    return status == COFFRE_OK
               ? OUT_OK
               : record_explain(app, status, keys, where, lowest_generation, report);
}
