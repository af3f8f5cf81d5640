/* record.c: reading, opening and writing the two copies of a record. See record.h. Generations are
 * compared only of copies that opened under the key, and only such a one is written anywhere.
 */
#include "record.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

/* One of the two copies. */
struct copy {
    const char *place;
    uint8_t *bytes;
    size_t len;
    coffre_record_info info;
    coffre_record_keys keys; /* once it was opened */
    coffre_challenge_report report;
    enum outcome outcome; /* OUT_OK: whole, and the record of this name; later: and it opens */
    bool whole;           /* structure and checksum hold, which proves nothing */
    char why[PROBLEM_SIZE];
};

static void refuse(struct app *app, struct copy *copy, enum outcome outcome)
{
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

static void read_copy(struct app *app, const char *name, bool beside, struct copy *copy)
{
    memset(copy, 0, sizeof *copy);
    copy->place = beside ? "beside the blocks" : "in the database";
    copy->outcome =
        beside ? store_get(&app->blocks, &app->problem, name, RECORD_MAX, &copy->bytes, &copy->len)
               : app->meta.get_record(app->meta.self, name, &copy->bytes, &copy->len);
    if (copy->outcome == OUT_OK) {
        coffre_status status = coffre_record_inspect(copy->bytes, copy->len, &copy->info);
        copy->whole = status == COFFRE_OK;
        copy->outcome = copy->whole
                            ? fits_name(app, name, copy)
                            : fail_status(&app->problem, status, "%s %s", name, copy->place);
    }
    if (copy->outcome != OUT_OK) refuse(app, copy, copy->outcome);
}

static bool same_bytes(const struct copy copies[2])
{
    return copies[0].whole && copies[1].whole && copies[0].len == copies[1].len &&
           memcmp(copies[0].bytes, copies[1].bytes, copies[0].len) == 0;
}

static void free_copies(struct copy copies[2])
{
    for (size_t i = 0; i < 2; i++) {
        coffre_record_keys_wipe(&copies[i].keys);
        free(copies[i].bytes);
    }
}

static void hand_over(struct copy *copy, struct record *record)
{
    record->bytes = copy->bytes;
    record->len = copy->len;
    record->info = copy->info;
    record->keys = copy->keys;
    copy->bytes = NULL;
}

/* Neither copy will do. The one beside the blocks is asked first, but a wrong key is what the
 * operator has to know before anything else. */
static enum outcome neither(struct app *app, const struct copy copies[2])
{
    const struct copy *beside = &copies[0], *row = &copies[1];
    bool key = beside->outcome == OUT_WRONG_KEY || beside->outcome == OUT_FOREIGN ||
               beside->outcome == OUT_UNSUPPORTED || beside->outcome == OUT_POLICY;

    if (same_bytes(copies) || (key && row->outcome == OUT_MISSING))
        return fail(&app->problem, beside->outcome, "%s", beside->why);
    return fail(&app->problem,
                beside->outcome == OUT_MISSING || row->outcome == OUT_WRONG_KEY ? row->outcome
                                                                                : beside->outcome,
                "%s; and the copy in the database: %s. Put the file back from a copy of the"
                " repository",
                beside->why, row->why);
}

/* A copy is replaced when it is gone, damaged, not authentic, another restore point's, or older.
 * One that claims to be newer, under another key or another installation's, may be the only one:
 * a rekey that was killed leaves such a pair.
 */
static bool may_replace(const struct copy *good, const struct copy *other)
{
    switch (other->outcome) {
    case OUT_OK:
    case OUT_MISSING:
    case OUT_CORRUPT:
        return true;
    case OUT_FOREIGN:
        return memcmp(other->info.instance_id, good->info.instance_id, ID_SIZE) == 0;
    default:
        return other->whole && other->info.generation < good->info.generation;
    }
}

/* Says what is the matter with the other copy. */
static void note_difference(struct app *app, const char *name, const struct copy *good,
                            const struct copy *bad)
{
    const char *then = !may_replace(good, bad) ? "; it is left alone, the other one is used"
                       : app->lock >= 0        ? "; written again"
                                               : "; the next backup writes it again";

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

/* The newer of those that will do, NULL if none will. */
static struct copy *choose(struct copy copies[2])
{
    if (copies[0].outcome != OUT_OK && copies[1].outcome != OUT_OK) return NULL;
    if (copies[0].outcome != OUT_OK) return &copies[1];
    if (copies[1].outcome != OUT_OK) return &copies[0];
    return &copies[copies[1].info.generation > copies[0].info.generation ? 1 : 0];
}

enum outcome record_read(struct app *app, const char *name, struct record *record)
{
    struct copy copies[2];
    enum outcome outcome = OUT_OK;

    memset(record, 0, sizeof *record);
    read_copy(app, name, true, &copies[0]);
    read_copy(app, name, false, &copies[1]);
    struct copy *good = choose(copies);
    if (good == NULL) outcome = neither(app, copies);
    if (good != NULL && !same_bytes(copies))
        note_difference(app, name, good, &copies[good == copies ? 1 : 0]);
    if (good != NULL) hand_over(good, record);
    free_copies(copies);
    return outcome;
}

enum outcome record_look(struct app *app, const char *name, bool beside)
{
    struct copy copies[2] = {{0}, {0}};

    read_copy(app, name, beside, &copies[0]);
    enum outcome outcome = copies[0].outcome;
    if (outcome == OUT_OK &&
        memcmp(copies[0].info.instance_id, app->installation.id, ID_SIZE) != 0) {
        outcome = fail(&app->problem, OUT_FOREIGN, "%s %s is another installation's", name,
                       copies[0].place);
    }
    free_copies(copies);
    return outcome;
}

/* What the record proves of itself has to be what its place demands: another restore point's opens
 * under the same key. */
static enum outcome open_proven(struct app *app, const struct key_dir *keys, const char *name,
                                struct copy *copy)
{
    uint8_t point_id[ID_SIZE], instance_id[ID_SIZE], scope_id[ID_SIZE];
    const uint8_t *expected = name_to_point(name, point_id) ? point_id : app->installation.id;
    coffre_status status = coffre_record_open(&app->context, NULL, &keys->identity, copy->bytes,
                                              copy->len, &copy->keys);

    if (status == COFFRE_OK) status = coffre_record_keys_scope(&copy->keys, instance_id, scope_id);
    if (status != COFFRE_OK) return fail_status(&app->problem, status, "%s", name);
    if (memcmp(instance_id, app->installation.id, ID_SIZE) == 0 &&
        memcmp(scope_id, expected, ID_SIZE) == 0)
        return OUT_OK;
    return fail(&app->problem, OUT_FOREIGN, "%s %s is another record, in the wrong place", name,
                copy->place);
}

static void open_copy(struct app *app, const struct key_dir *keys, const char *name,
                      struct copy *copy)
{
    if (copy->outcome != OUT_OK) return;
    enum outcome outcome = record_check(app, keys, name, 0, copy->bytes, copy->len, &copy->report);
    if (outcome == OUT_OK) outcome = open_proven(app, keys, name, copy);
    if (outcome != OUT_OK) refuse(app, copy, outcome);
}

/* Only a copy that was opened replaces another. Two that open and are of one generation are a
 * conflict that nobody but the operator can decide. */
static enum outcome settle(struct app *app, const char *name, const struct copy *good,
                           const struct copy *other)
{
    if (other->outcome == OUT_OK && other->info.generation == good->info.generation) {
        return fail(&app->problem, OUT_CORRUPT,
                    "%s: the copies beside the blocks and in the database differ, and both are of"
                    " generation %" PRIu64 ". Put one of them away",
                    name, good->info.generation);
    }
    note_difference(app, name, good, other);
    if (app->lock < 0 || !may_replace(good, other)) return OUT_OK;
    return record_write(app, name, good->bytes, good->len);
}

enum outcome record_open(struct app *app, const struct key_dir *keys, const char *name,
                         struct record *record, coffre_challenge_report *report)
{
    struct copy copies[2];
    enum outcome outcome = OUT_OK;

    memset(record, 0, sizeof *record);
    read_copy(app, name, true, &copies[0]);
    read_copy(app, name, false, &copies[1]);
    bool same = same_bytes(copies);
    open_copy(app, keys, name, &copies[0]);
    if (same)
        copies[1].outcome = copies[0].outcome;
    else
        open_copy(app, keys, name, &copies[1]);

    struct copy *good = same && copies[0].outcome == OUT_OK ? &copies[0] : choose(copies);
    if (report != NULL) *report = (good != NULL ? good : &copies[copies[0].whole ? 0 : 1])->report;
    if (good == NULL) {
        outcome = neither(app, copies);
    } else if (!same) {
        const struct copy *other = &copies[good == copies ? 1 : 0];
        outcome = settle(app, name, good, other);
        record->other_kept = !may_replace(good, other);
    }
    if (outcome == OUT_OK) hand_over(good, record);
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
