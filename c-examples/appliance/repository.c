/* repository.c: see repository.h. */
#include "repository.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "text.h"

static void print_row(struct app *app, const char *what, enum outcome outcome,
                      const coffre_challenge_report *report)
{
    char expected[COFFRE_KEY_ID_TEXT_SIZE], found[COFFRE_KEY_ID_TEXT_SIZE], instance[ID_TEXT_SIZE];
    const char *verdict = outcome == OUT_OK ? "match" : outcome_name(outcome);

    coffre_key_id_text(report->expected_key_id, expected);
    coffre_key_id_text(report->found_key_id, found);
    hex_encode(report->instance_id, ID_SIZE, instance);
    out_row(&app->out, "%-24s%s", what, verdict);
    out_text(&app->out, "record", what);
    out_text(&app->out, "verdict", verdict);
    out_text(&app->out, "expected_key_id", expected);
    out_text(&app->out, "found_key_id", found);
    out_text(&app->out, "instance_id", instance);
    out_number(&app->out, "generation", report->generation);
    out_row_end(&app->out);
}

static enum outcome check_challenge(struct app *app, bool print)
{
    coffre_challenge_report report = {0};
    uint8_t *bytes;
    size_t len = 0;
    char where[PATH_MAX + 32];

    snprintf(where, sizeof where, "%s/%s", app->keys.path, CHALLENGE_FILE);
    enum outcome outcome = key_dir_challenge(&app->problem, app->keys.path, &bytes, &len);
    if (outcome == OUT_OK) {
        outcome = record_check(app, &app->keys, where, app->installation.challenge_generation,
                               bytes, len, &report);
    }
    free(bytes);
    if (print) print_row(app, "challenge", outcome, &report);
    return outcome;
}

static enum outcome check_record(struct app *app, bool print)
{
    coffre_challenge_report report = {0};
    struct record record;
    enum outcome outcome = record_open(app, &app->keys, REPOSITORY_RECORD, &record, &report);

    if (outcome == OUT_OK) {
        if (record.rolled_back) {
            outcome = fail(&app->problem, OUT_STALE,
                           "%s/%s is an older copy than the one that the database knows of. Put the"
                           " newer one back from a copy of the repository",
                           app->options.repo, REPOSITORY_RECORD);
        }
        record_close(&record);
    } else if (outcome == OUT_MISSING) {
        fail(&app->problem, OUT_MISSING,
             "expected %s/%s, found nothing. Put it back from a copy; `appliance keygen`"
             " makes a new one, with which the next backup stores every block again",
             app->options.repo, REPOSITORY_RECORD);
    }
    if (print) print_row(app, "repository record", outcome, &report);
    return outcome;
}

/* A challenge that is gone or damaged says nothing of the key; the repository record may. */
static enum outcome judge(struct app *app, enum outcome challenge, struct problem *said,
                          enum outcome record)
{
    bool silent = challenge == OUT_MISSING || challenge == OUT_CORRUPT;

    if (challenge == OUT_OK) return record;
    if (silent && (record == OUT_WRONG_KEY || record == OUT_FOREIGN)) return record;
    if (challenge == OUT_CORRUPT && record == OUT_OK) {
        return fail(&app->problem, challenge,
                    "%s, or delete it and run `appliance keygen`, for a password with --password,"
                    " which writes it again: the key itself opens the repository",
                    said->text);
    }
    app->problem = *said;
    return challenge;
}

enum outcome repository_check(struct app *app, bool print)
{
    enum outcome challenge = check_challenge(app, print);
    struct problem said = app->problem;
    return judge(app, challenge, &said, check_record(app, print));
}

static enum outcome missing_id_key(struct app *app)
{
    return fail(&app->problem, OUT_MISSING, "%s holds no id key of that epoch", REPOSITORY_RECORD);
}

static enum outcome keep_newest(void *user, const coffre_record_entry *entry)
{
    uint64_t *newest = user, number = 0;

    /* the id is the epoch, little-endian: docs/FORMAT.md section 4 */
    for (size_t byte = 8; byte-- > 0;)
        number = number << 8 | entry->id[byte];
    if (entry->type == COFFRE_ENTRY_ID_KEY && number > *newest) *newest = number;
    return OUT_OK;
}

/* `epoch` 0: the newest, and its number comes back. */
static enum outcome find_id_key(struct app *app, uint64_t *epoch, coffre_id_key *id_key)
{
    struct record record;
    enum outcome outcome = record_open(app, &app->keys, REPOSITORY_RECORD, &record, NULL);

    if (outcome != OUT_OK) return outcome;
    if (*epoch == 0) outcome = record_entries(app, &record, keep_newest, epoch);
    coffre_status status =
        coffre_record_id_key(&app->context, &record.keys, &record.view, *epoch, id_key);
    record_close(&record);
    if (outcome != OUT_OK || status == COFFRE_OK) return outcome;
    if (status == COFFRE_ERR_MISSING_KEY || status == COFFRE_ERR_NOT_FOUND)
        return missing_id_key(app);
    return fail_status(&app->problem, status, "the id key in %s", REPOSITORY_RECORD);
}

enum outcome repository_id_key(struct app *app, coffre_id_key *id_key, uint64_t *epoch)
{
    *epoch = 0;
    return find_id_key(app, epoch, id_key);
}

enum outcome repository_id_key_of(struct app *app, uint64_t epoch, coffre_id_key *id_key)
{
    return epoch == 0 ? missing_id_key(app) : find_id_key(app, &epoch, id_key);
}

enum outcome repository_create_record(struct app *app)
{
    uint64_t generation = 0; /* of one that was there and was lost */
    size_t len = 0, cap = coffre_record_size(coffre_recipient_stanza_size(&app->keys.recipient), 1);
    uint8_t *bytes = malloc(cap);
    coffre_record_writer writer = {0};
    coffre_id_key id_key = {0};

    if (bytes == NULL) return fail(&app->problem, OUT_ENVIRONMENT, "no memory for a record");
    if (app->meta.record_generation(app->meta.self, REPOSITORY_RECORD, &generation) != OUT_OK)
        generation = 0;
    /* The time as epoch: should this record be lost and another made, the two id keys are told
     * apart. */
    coffre_status status = coffre_id_key_generate(&app->context, microseconds_now(), &id_key);

    if (status == COFFRE_OK) {
        status = coffre_record_create(&app->context, COFFRE_REPOSITORY_RECORD, app->installation.id,
                                      NULL, generation + 1, bytes, cap, &writer);
    }
    if (status == COFFRE_OK)
        status = coffre_record_add_recipient(&app->context, &writer, &app->keys.recipient);
    if (status == COFFRE_OK) status = coffre_record_add_id_key(&writer, &id_key);
    if (status == COFFRE_OK) status = coffre_record_finish(&writer, &len, NULL);
    coffre_record_writer_wipe(&writer);
    coffre_id_key_wipe(&id_key);
    enum outcome outcome = status == COFFRE_OK ? record_write(app, REPOSITORY_RECORD, bytes, len)
                                               : fail_status(&app->problem, status,
                                                             "cannot make %s", REPOSITORY_RECORD);
    free(bytes);
    return outcome;
}
