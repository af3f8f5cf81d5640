/* cmd_rekey.c: replaces the key at hand (--keys) by another (--new-keys) in the repository record,
 * in every key record and in the challenge. No block, manifest or session key is touched.
 *
 *   1. every record gets the new key beside the old one          both keys open everything
 *   2. every record is read back and opened with the new key
 *   3. the new directory's challenge gets the next generation
 *   4. commit: the repository record loses the old key           the old key can make no backup any
 * more
 *   5. every other record loses the old key
 *   6. the database demands the new challenge's generation       the old directory's challenge is
 * stale
 *
 * Nothing is noted down about how far it came: each record says itself which keys open it. A rekey
 * that was killed is run again from the start, skips what is done, and ends in the same place. It
 * does not trust a record just because it is there: one that neither key opens stops it before the
 * commit.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "record.h"
#include "text.h"

struct rekey {
    struct app *app;
    struct key_dir new_keys;
    struct record_names names;
    uint64_t added, removed, already;
    uint64_t challenge_generation;
};

static bool record_has(const struct record *record, const uint8_t key_id[16])
{
    coffre_record_recipient recipient;

    for (uint32_t i = 0; i < record->info.recipient_count; i++) {
        if (coffre_record_recipient_at(record->bytes, record->len, i, &recipient) != COFFRE_OK)
            return false;
        if (memcmp(recipient.id, key_id, sizeof recipient.id) == 0) return true;
    }
    return false;
}

/* A copy of the record with one recipient more, or one less. */
static enum outcome edit_record(struct rekey *rekey, const struct record *record, bool add,
                                uint8_t *bytes, size_t cap, size_t *len)
{
    struct app *app = rekey->app;
    coffre_record_writer writer = {0};
    coffre_recipient recipient = {0};
    coffre_status status =
        coffre_record_edit(&app->context, &record->keys, record->bytes, record->len,
                           record->info.generation + 1, bytes, cap, &writer);

    if (status == COFFRE_OK && add) {
        status = coffre_identity_recipient(&rekey->new_keys.identity, &recipient);
        if (status == COFFRE_OK)
            status = coffre_record_add_recipient(&app->context, &writer, &recipient);
        coffre_recipient_wipe(&recipient);
    } else if (status == COFFRE_OK) {
        status = coffre_record_remove_recipient(&writer, app->keys.key_id);
    }
    if (status == COFFRE_OK) status = coffre_record_finish(&writer, len, NULL);
    coffre_record_writer_wipe(&writer);
    return status == COFFRE_OK ? OUT_OK
                               : fail_status(&app->problem, status, "cannot rewrite a record");
}

static enum outcome rewrite(struct rekey *rekey, const char *name, const struct record *record,
                            bool add)
{
    struct app *app = rekey->app;
    size_t len = 0, cap = record->len + coffre_record_size(1, 1, 0);
    uint8_t *bytes = malloc(cap);

    if (bytes == NULL) return fail(&app->problem, OUT_ENVIRONMENT, "no memory for %s", name);
    if (record->other_kept) {
        free(bytes);
        return fail(&app->problem, OUT_REFUSED,
                    "%s: one of its two copies opens, the other is under another key or another"
                    " installation's, and would be overwritten. Put it away",
                    name);
    }
    enum outcome outcome = edit_record(rekey, record, add, bytes, cap, &len);
    if (outcome == OUT_OK) outcome = record_write(app, name, bytes, len);
    free(bytes);
    return outcome;
}

/* Step 1 for one record. */
static enum outcome add_key(struct rekey *rekey, const char *name)
{
    struct app *app = rekey->app;
    struct record record;
    enum outcome outcome = record_open(app, &rekey->new_keys, name, &record, NULL);

    if (outcome == OUT_OK) {
        record_close(&record);
        rekey->already++;
        return OUT_OK;
    }
    outcome = record_open(app, &app->keys, name, &record, NULL);
    if (outcome != OUT_OK) return outcome;
    outcome = rewrite(rekey, name, &record, true);
    record_close(&record);
    rekey->added++;
    return outcome;
}

/* Step 2 for one record. */
static enum outcome prove_key(struct rekey *rekey, const char *name)
{
    struct record record;
    enum outcome outcome = record_open(rekey->app, &rekey->new_keys, name, &record, NULL);

    if (outcome == OUT_OK) record_close(&record);
    return outcome;
}

/* Steps 4 and 5 for one record: opened with the new key, so that the last thing to go is never the
 * only thing that works. */
static enum outcome remove_key(struct rekey *rekey, const char *name)
{
    struct record record;
    enum outcome outcome = record_open(rekey->app, &rekey->new_keys, name, &record, NULL);

    if (outcome != OUT_OK) return outcome;
    if (record_has(&record, rekey->app->keys.key_id)) {
        outcome = rewrite(rekey, name, &record, false);
        rekey->removed++;
    }
    record_close(&record);
    return outcome;
}

static enum outcome for_each_record(struct rekey *rekey,
                                    enum outcome (*step)(struct rekey *, const char *))
{
    for (size_t i = 0; i < rekey->names.count; i++) {
        enum outcome outcome = step(rekey, rekey->names.names[i]);
        if (outcome == OUT_OK) continue;
        return fail(&rekey->app->problem, outcome,
                    "%s. The rekey stopped at this record, %zu of %zu; what was done is valid, and"
                    " running it again goes on",
                    rekey->app->problem.text, i + 1, rekey->names.count);
    }
    return OUT_OK;
}

/* Step 3. A run that was killed after it has left a challenge that will do; one with a generation
 * out of line was not made by a rekey, and is replaced.
 */
static enum outcome renew_challenge(struct rekey *rekey, uint64_t wanted)
{
    struct app *app = rekey->app;
    coffre_challenge_report report;
    uint8_t *bytes;
    size_t len;
    enum outcome outcome = key_dir_challenge(&app->problem, rekey->new_keys.path, &bytes, &len);

    if (outcome == OUT_OK)
        outcome = record_check(app, &rekey->new_keys, CHALLENGE_FILE, wanted, bytes, len, &report);
    free(bytes);
    rekey->challenge_generation = wanted;
    if (outcome == OUT_OK && report.generation <= wanted + 1) {
        rekey->challenge_generation = report.generation;
        return OUT_OK;
    }
    return key_dir_write_challenge(&app->problem, &app->context, &rekey->new_keys,
                                   app->installation.id, wanted);
}

/* When every record was rekeyed before, steps 3 and 6 at most are left to do: the generation is not
 * raised once more. */
static enum outcome commit(struct rekey *rekey, bool records_done)
{
    struct app *app = rekey->app;
    enum outcome outcome =
        renew_challenge(rekey, app->installation.challenge_generation + (records_done ? 0 : 1));

    if (outcome == OUT_OK) outcome = remove_key(rekey, REPOSITORY_RECORD);
    if (outcome == OUT_OK) outcome = for_each_record(rekey, remove_key);
    if (outcome != OUT_OK) return outcome;
    app->installation.challenge_generation = rekey->challenge_generation;
    return app->meta.set_installation(app->meta.self, &app->installation);
}

/* The new key may not be the old one, and its directory has to be this installation's. */
static enum outcome check_new_keys(struct rekey *rekey)
{
    struct app *app = rekey->app;
    uint8_t *bytes;
    size_t len;
    enum outcome outcome =
        key_dir_load(&app->problem, &app->context, app->options.new_keys, &rekey->new_keys);

    if (outcome != OUT_OK) return outcome;
    if (memcmp(rekey->new_keys.key_id, app->keys.key_id, sizeof app->keys.key_id) == 0) {
        return fail(&app->problem, OUT_USAGE,
                    "%s and %s hold the same key. Make a new one with `appliance keygen --keys %s`",
                    app->options.keys, app->options.new_keys, "DIRECTORY");
    }
    outcome = key_dir_challenge(&app->problem, app->options.new_keys, &bytes, &len);
    if (outcome == OUT_OK)
        outcome =
            record_check(app, &rekey->new_keys, "the new keys' challenge", 0, bytes, len, NULL);
    free(bytes);
    return outcome == OUT_MISSING ? OUT_OK : outcome; /* step 3 writes it */
}

/* How many records each key opens, as they stand. */
static enum outcome count_keys(struct rekey *rekey, size_t *with_old, size_t *with_new)
{
    struct record record;

    *with_old = 0;
    *with_new = 0;
    for (size_t i = 0; i < rekey->names.count; i++) {
        enum outcome outcome = record_read(rekey->app, rekey->names.names[i], &record);
        if (outcome != OUT_OK) return outcome;
        if (record_has(&record, rekey->app->keys.key_id)) ++*with_old;
        if (record_has(&record, rekey->new_keys.key_id)) ++*with_new;
        record_close(&record);
    }
    return OUT_OK;
}

static void print_rekey(struct rekey *rekey, size_t with_old)
{
    bool prepared = rekey->app->options.prepare;
    struct output *out = &rekey->app->out;
    char old_id[COFFRE_KEY_ID_TEXT_SIZE], new_id[COFFRE_KEY_ID_TEXT_SIZE];

    coffre_key_id_text(rekey->app->keys.key_id, old_id);
    coffre_key_id_text(rekey->new_keys.key_id, new_id);
    out_text(out, "old_key_id", old_id);
    out_text(out, "new_key_id", new_id);
    out_number(out, "records", rekey->names.count);
    out_number(out, "new_key_added", rekey->added);
    out_number(out, "old_key_removed", rekey->removed);
    out_number(out, "old_key_still_opens", with_old);
    out_flag(out, "committed", !prepared);
    if (prepared) {
        out_note(
            out,
            "both keys open everything; `appliance rekey` without --prepare removes the old one");
    } else {
        out_note(out,
                 "the old key opens no record of this repository any more. It still opens every "
                 "copy of the repository, of its"
                 " records or of its database that was made before: re-wrapping is not revoking. "
                 "Keep it as long as such"
                 " copies are needed, and use %s from now on",
                 rekey->app->options.new_keys);
    }
}

static enum outcome rekey_run(struct rekey *rekey)
{
    struct app *app = rekey->app;
    size_t with_old, with_new;
    enum outcome outcome = app_open(app, APP_WRITES | APP_KEYS);

    if (outcome == OUT_OK) outcome = check_new_keys(rekey);
    if (outcome == OUT_OK) outcome = record_names(app, &rekey->names);
    if (outcome == OUT_OK && rekey->names.count == 0) {
        outcome = fail(&app->problem, OUT_MISSING,
                       "%s has no record; `appliance keygen` makes the first", app->options.repo);
    }
    if (outcome == OUT_OK) outcome = count_keys(rekey, &with_old, &with_new);
    if (outcome != OUT_OK) return outcome;
    bool records_done = with_old == 0 && with_new == rekey->names.count;
    outcome = for_each_record(rekey, add_key);
    if (outcome == OUT_OK) outcome = for_each_record(rekey, prove_key);
    if (outcome == OUT_OK && !app->options.prepare) outcome = commit(rekey, records_done);
    if (outcome == OUT_OK) outcome = count_keys(rekey, &with_old, &with_new);
    if (outcome == OUT_OK) print_rekey(rekey, with_old);
    return outcome;
}

enum outcome command_rekey(struct app *app)
{
    struct rekey *rekey = calloc(1, sizeof *rekey);

    if (rekey == NULL) return fail(&app->problem, OUT_ENVIRONMENT, "no memory");
    rekey->app = app;
    enum outcome outcome = rekey_run(rekey);
    key_dir_wipe(&rekey->new_keys);
    free(rekey->names.names);
    free(rekey);
    return outcome;
}
