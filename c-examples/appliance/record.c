/* record.c: reading, opening and writing the two copies of a record. See record.h. */
#include "record.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

/* One of the two copies, whole or not at all. */
struct copy {
    const char *place;
    uint8_t *bytes;
    size_t len;
    coffre_record_info info;
    enum outcome outcome; /* OUT_OK: structure and checksum hold, which proves nothing yet */
    char why[PROBLEM_SIZE];
};

static void copy_drop(struct app *app, struct copy *copy, enum outcome outcome)
{
    free(copy->bytes);
    copy->bytes = NULL;
    copy->outcome = outcome;
    memcpy(copy->why, app->problem.text, sizeof copy->why);
}

/* Is it the record that this name is for, and not another restore point's or the repository's? */
static enum outcome fits_name(struct app *app, const char *name, const struct copy *copy)
{
    uint8_t point_id[ID_SIZE];
    bool of_point = name_to_point(name, point_id);

    if (copy->info.object_type == (of_point ? COFFRE_KEY_RECORD : COFFRE_REPOSITORY_RECORD) &&
        (!of_point || memcmp(copy->info.scope_id, point_id, ID_SIZE) == 0))
        return OUT_OK;
    return fail(&app->problem, OUT_FOREIGN, "%s %s is another record, in the wrong place", name,
                copy->place);
}

static void copy_check(struct app *app, const char *name, struct copy *copy)
{
    if (copy->outcome == OUT_OK) {
        coffre_status status = coffre_record_inspect(copy->bytes, copy->len, &copy->info);
        copy->outcome = status == COFFRE_OK
                            ? fits_name(app, name, copy)
                            : fail_status(&app->problem, status, "%s %s", name, copy->place);
    }
    if (copy->outcome != OUT_OK) copy_drop(app, copy, copy->outcome);
}

static bool same_bytes(const struct copy *a, const struct copy *b)
{
    return a->outcome == OUT_OK && b->outcome == OUT_OK && a->len == b->len &&
           memcmp(a->bytes, b->bytes, a->len) == 0;
}

/* Both copies, the newer whole one first. Fails when there is no whole one. */
static enum outcome read_copies(struct app *app, const char *name, struct copy copies[2])
{
    struct copy *beside = &copies[0], *row = &copies[1];

    memset(copies, 0, 2 * sizeof *copies);
    beside->place = "beside the blocks";
    beside->outcome =
        store_get(&app->blocks, &app->problem, name, RECORD_MAX, &beside->bytes, &beside->len);
    copy_check(app, name, beside);
    row->place = "in the database";
    row->outcome = app->meta.get_record(app->meta.self, name, &row->bytes, &row->len);
    copy_check(app, name, row);

    if (beside->outcome != OUT_OK && row->outcome != OUT_OK) {
        enum outcome outcome = beside->outcome == OUT_MISSING ? row->outcome : beside->outcome;
        return fail(&app->problem, outcome,
                    "%s; and the copy in the database: %s. Put the file back from a copy of the"
                    " repository",
                    beside->why, row->why);
    }
    if (row->outcome == OUT_OK &&
        (beside->outcome != OUT_OK || row->info.generation > beside->info.generation)) {
        struct copy first = *row;
        *row = *beside;
        *beside = first;
    }
    return OUT_OK;
}

static void free_copies(struct copy copies[2])
{
    free(copies[0].bytes);
    free(copies[1].bytes);
}

static void hand_over(struct copy *copy, struct record *record)
{
    record->bytes = copy->bytes;
    record->len = copy->len;
    record->info = copy->info;
    copy->bytes = NULL;
}

/* Says what is the matter with the other copy. */
static void note_difference(struct app *app, const char *name, const struct copy *good,
                            const struct copy *bad)
{
    const char *then = app->lock >= 0 ? "; written again" : "; the next backup writes it again";

    if (app->rebuilding && bad->outcome == OUT_MISSING) return; /* the database is new */
    if (bad->outcome == OUT_OK) {
        out_note(&app->out,
                 "%s: the copy %s is older (generation %" PRIu64
                 ") than the other (generation %" PRIu64 ")%s",
                 name, bad->place, bad->info.generation, good->info.generation, then);
    } else {
        out_note(&app->out, "%s: the copy %s is %s (%s)%s", name, bad->place,
                 outcome_name(bad->outcome), bad->why, then);
    }
}

enum outcome record_read(struct app *app, const char *name, struct record *record)
{
    struct copy copies[2];

    memset(record, 0, sizeof *record);
    enum outcome outcome = read_copies(app, name, copies);
    if (outcome == OUT_OK) {
        if (!same_bytes(&copies[0], &copies[1])) note_difference(app, name, &copies[0], &copies[1]);
        hand_over(&copies[0], record);
    }
    free_copies(copies);
    return outcome;
}

static enum outcome open_copy(struct app *app, const struct key_dir *keys, const char *name,
                              const struct copy *copy, coffre_record_keys *opened,
                              coffre_challenge_report *report)
{
    enum outcome outcome = record_check(app, keys, name, 0, copy->bytes, copy->len, report);

    if (outcome != OUT_OK) return outcome;
    coffre_status status =
        coffre_record_open(&app->context, NULL, &keys->identity, copy->bytes, copy->len, opened);
    return status == COFFRE_OK ? OUT_OK : fail_status(&app->problem, status, "%s", name);
}

/* The copy that failed was only newer by its own word: what it replaces is still there. One under
 * another key is no such case: a rekey that was killed leaves it.
 */
static enum outcome open_other(struct app *app, const struct key_dir *keys, const char *name,
                               struct copy copies[2], coffre_record_keys *opened,
                               coffre_challenge_report *report)
{
    struct problem problem = app->problem;
    struct copy first = copies[0];

    copy_drop(app, &first, OUT_CORRUPT);
    copies[0] = copies[1];
    copies[1] = first;
    if (copies[0].outcome == OUT_OK &&
        open_copy(app, keys, name, &copies[0], opened, report) == OUT_OK)
        return OUT_OK;
    app->problem = problem;
    return OUT_CORRUPT;
}

/* Two genuine copies of one generation are a conflict that nobody but the operator can decide. */
static enum outcome check_conflict(struct app *app, const struct key_dir *keys, const char *name,
                                   struct copy copies[2])
{
    coffre_record_keys opened = {0};
    coffre_challenge_report report;

    if (copies[1].outcome != OUT_OK || copies[1].info.generation != copies[0].info.generation)
        return OUT_OK;
    enum outcome outcome = open_copy(app, keys, name, &copies[1], &opened, &report);
    coffre_record_keys_wipe(&opened);
    if (outcome != OUT_OK) {
        copy_drop(app, &copies[1], outcome);
        return OUT_OK;
    }
    return fail(&app->problem, OUT_CORRUPT,
                "%s: the copies beside the blocks and in the database differ, and both are of"
                " generation %" PRIu64 ". Put one of them away",
                name, copies[0].info.generation);
}

/* Only a copy that was opened replaces another. */
static enum outcome repair(struct app *app, const struct key_dir *keys, const char *name,
                           struct copy copies[2])
{
    enum outcome outcome = check_conflict(app, keys, name, copies);

    if (outcome != OUT_OK) return outcome;
    note_difference(app, name, &copies[0], &copies[1]);
    return app->lock >= 0 ? record_write(app, name, copies[0].bytes, copies[0].len) : OUT_OK;
}

enum outcome record_open(struct app *app, const struct key_dir *keys, const char *name,
                         struct record *record, coffre_challenge_report *report)
{
    struct copy copies[2];
    coffre_challenge_report unused;

    memset(record, 0, sizeof *record);
    if (report == NULL) report = &unused;
    memset(report, 0, sizeof *report);
    enum outcome outcome = read_copies(app, name, copies);
    if (outcome != OUT_OK) return outcome;
    outcome = open_copy(app, keys, name, &copies[0], &record->keys, report);
    bool differ = !same_bytes(&copies[0], &copies[1]);
    if (outcome == OUT_CORRUPT && differ)
        outcome = open_other(app, keys, name, copies, &record->keys, report);
    if (outcome == OUT_OK && differ) outcome = repair(app, keys, name, copies);
    if (outcome == OUT_OK)
        hand_over(&copies[0], record);
    else
        coffre_record_keys_wipe(&record->keys);
    free_copies(copies);
    return outcome;
}

enum outcome record_write(struct app *app, const char *name, const uint8_t *bytes, size_t len)
{
    enum outcome outcome = store_put(&app->blocks, name, bytes, len);

    if (outcome == OUT_OK) outcome = app->blocks.sync(app->blocks.self);
    if (outcome == OUT_OK) outcome = app->meta.put_record(app->meta.self, name, bytes, len);
    return outcome;
}

enum outcome record_remove(struct app *app, const char *name)
{
    enum outcome outcome = app->meta.remove_record(app->meta.self, name);

    if (outcome == OUT_OK) outcome = app->blocks.remove(app->blocks.self, name);
    if (outcome == OUT_OK) outcome = app->blocks.sync(app->blocks.self);
    return outcome;
}

void record_close(struct record *record)
{
    coffre_record_keys_wipe(&record->keys);
    free(record->bytes);
    record->bytes = NULL;
    record->len = 0;
}
