/* cmd_rekey.c: replaces the key at hand (--keys) by another (--new-keys) in the repository record,
 * in every key record and in the challenge; add-key is its first half. No block, manifest or
 * session key is touched.
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
 * add-key ends after step 2, and renews the new directory's challenge where that is due. Of a
 * public key alone nothing is opened: step 2 is left out.
 *
 * From a password to a password there is no step 1, as a record has one password at most: each
 * record changes from one to the other at once, proven before it is written, in steps 4 and 5.
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
#include "rekey.h"

/* Is the new key in the record already? A public key cannot open it, and is taken at its word. */
static enum outcome find_new_key(struct rekey *rekey, const char *name, bool *there)
{
    const struct key_dir *keys =
        rekey->new_keys.kind == KEY_PUBLIC ? &rekey->app->keys : &rekey->new_keys;
    struct record record;
    enum outcome outcome = record_open(rekey->app, keys, name, &record, NULL);

    *there = false;
    if (outcome != OUT_OK) return keys == &rekey->new_keys ? OUT_OK : outcome;
    /* A copy that only the old key opens may be as good: then that key decides. */
    *there = !record.other_kept && record_has(&record, rekey->new_keys.key_id);
    record_close(&record);
    return OUT_OK;
}

/* Step 1 for one record; with `at_once` the new key takes the old one's place. */
static enum outcome add_key(void *user, const char *name)
{
    struct rekey *rekey = user;
    struct app *app = rekey->app;
    struct record record;
    struct rewrite rewrite = {.from = &record, .add = {&rekey->new_keys}, .add_count = 1};
    bool there;
    enum outcome outcome = find_new_key(rekey, name, &there);

    if (outcome != OUT_OK) return outcome;
    if (there) {
        rekey->already++;
        return OUT_OK;
    }
    outcome = record_open(app, &app->keys, name, &record, NULL);
    if (outcome != OUT_OK) return outcome;
    if (rekey->at_once)
        rewrite.remove = app->keys.key_id;
    else
        rewrite.opener = &app->keys;
    outcome = record_rewrite(app, name, &rewrite);
    record_close(&record);
    rekey->added++;
    if (rekey->at_once) rekey->removed++;
    return outcome;
}

/* Step 2 for one record. */
static enum outcome prove_key(void *user, const char *name)
{
    struct rekey *rekey = user;
    struct record record;
    enum outcome outcome = record_open(rekey->app, &rekey->new_keys, name, &record, NULL);

    if (outcome == OUT_OK) record_close(&record);
    return outcome;
}

/* Steps 4 and 5 for one record: opened with the new key, so that the last thing to go is never the
 * only thing that works. */
static enum outcome remove_key(void *user, const char *name)
{
    struct rekey *rekey = user;
    struct record record;
    struct rewrite rewrite = {
        .from = &record, .remove = rekey->app->keys.key_id, .opener = &rekey->new_keys};
    enum outcome outcome = record_open(rekey->app, &rekey->new_keys, name, &record, NULL);

    if (outcome != OUT_OK) return outcome;
    if (record_has(&record, rekey->app->keys.key_id)) {
        outcome = record_rewrite(rekey->app, name, &rewrite);
        rekey->removed++;
    }
    record_close(&record);
    return outcome;
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

    if (outcome == OUT_OK)
        outcome = key_change_each(&rekey->change, rekey->at_once ? add_key : remove_key, rekey);
    if (outcome != OUT_OK) return outcome;
    app->installation.challenge_generation = rekey->challenge_generation;
    return app->meta.set_installation(app->meta.self, &app->installation);
}

static void note_rekey(struct rekey *rekey)
{
    struct output *out = &rekey->app->out;

    if (rekey->new_keys.kind == KEY_PUBLIC) {
        out_note(out,
                 "%s holds a public key alone: that its private key opens the records was not"
                 " tried. Try it where that key is, before you rely on it",
                 rekey->app->options.new_keys);
    } else if (rekey->prepare) {
        out_note(out, "both keys open everything that there is; `appliance rekey` without"
                      " --prepare removes the old one");
    } else {
        out_note(out,
                 "the old key opens no record of this repository any more. It still opens every"
                 " copy of the repository, of its records or of its database that was made before:"
                 " re-wrapping is not revoking. Keep it as long as such copies are needed, and use"
                 " %s from now on",
                 rekey->app->options.new_keys);
    }
    if (rekey->prepare) {
        out_note(out, "a later backup is sealed for the key that makes it and its --keep"
                      " directories: name this one there, or run add-key again after it");
    }
}

static void print_rekey(struct rekey *rekey, size_t with_old)
{
    struct output *out = &rekey->app->out;
    char old_id[COFFRE_KEY_ID_TEXT_SIZE], new_id[COFFRE_KEY_ID_TEXT_SIZE];

    coffre_key_id_text(rekey->app->keys.key_id, old_id);
    coffre_key_id_text(rekey->new_keys.key_id, new_id);
    out_text(out, "old_key_id", old_id);
    out_text(out, "new_key_id", new_id);
    out_text(out, "new_key_kind", key_kind_name(rekey->new_keys.kind));
    out_number(out, "records", rekey->change.names.count);
    out_number(out, "new_key_added", rekey->added);
    out_number(out, "old_key_removed", rekey->removed);
    out_number(out, "old_key_still_opens", with_old);
    out_flag(out, "new_key_was_tried", rekey->new_keys.kind != KEY_PUBLIC);
    out_flag(out, "committed", !rekey->prepare);
    note_rekey(rekey);
}

static enum outcome add_everywhere(struct rekey *rekey)
{
    bool opens = rekey->new_keys.kind != KEY_PUBLIC;
    enum outcome outcome =
        rekey->at_once ? OUT_OK : key_change_each(&rekey->change, add_key, rekey);

    if (outcome == OUT_OK && opens && !rekey->at_once)
        outcome = key_change_each(&rekey->change, prove_key, rekey);
    if (outcome == OUT_OK && opens && rekey->prepare)
        outcome = renew_challenge(rekey, rekey->app->installation.challenge_generation);
    return outcome;
}

static enum outcome rekey_run(struct rekey *rekey, const char *what)
{
    struct app *app = rekey->app;
    size_t with_old, with_new;
    enum outcome outcome = key_change_begin(app, what, &rekey->change);

    if (outcome == OUT_OK) outcome = rekey_check_keys(rekey);
    if (outcome != OUT_OK) return outcome;
    rekey->at_once = app->keys.kind == KEY_PASSWORD && rekey->new_keys.kind == KEY_PASSWORD;
    if (rekey->new_keys.kind == KEY_PASSWORD)
        outcome = key_change_each(&rekey->change, rekey_check_password, rekey);
    if (outcome == OUT_OK) outcome = key_change_count(&rekey->change, app->keys.key_id, &with_old);
    if (outcome == OUT_OK)
        outcome = key_change_count(&rekey->change, rekey->new_keys.key_id, &with_new);
    if (outcome != OUT_OK) return outcome;
    bool records_done = with_old == 0 && with_new == rekey->change.names.count;
    outcome = add_everywhere(rekey);
    if (outcome == OUT_OK && !rekey->prepare) outcome = commit(rekey, records_done);
    if (outcome == OUT_OK) outcome = key_change_count(&rekey->change, app->keys.key_id, &with_old);
    if (outcome == OUT_OK) print_rekey(rekey, with_old);
    return outcome;
}

static enum outcome run(struct app *app, const char *what, bool prepare)
{
    struct rekey *rekey = calloc(1, sizeof *rekey);

    if (rekey == NULL) return fail(&app->problem, OUT_ENVIRONMENT, "no memory");
    rekey->app = app;
    rekey->prepare = prepare;
    enum outcome outcome = rekey_run(rekey, what);
    key_dir_wipe(&rekey->new_keys);
    key_change_end(&rekey->change);
    free(rekey);
    return outcome;
}

enum outcome command_rekey(struct app *app)
{
    return run(app, "the rekey", app->options.prepare);
}

enum outcome command_add_key(struct app *app)
{
    return run(app, "add-key", true);
}
