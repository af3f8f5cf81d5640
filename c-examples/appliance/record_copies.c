/* record_copies.c: see record_copies.h. Nothing here has a key: what a copy says of itself may be
 * forged until record.c has opened it.
 */
#include "record_copies.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

void copy_refuse(struct app *app, struct copy *copy, enum outcome outcome)
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

void copy_read(struct app *app, const char *name, bool beside, struct copy *copy)
{
    memset(copy, 0, sizeof *copy);
    copy->place = beside ? "beside the blocks" : "in the database";
    copy->outcome =
        beside ? store_get(&app->blocks, &app->problem, name, RECORD_MAX, &copy->bytes, &copy->len)
               : app->meta.get_record(app->meta.self, name, &copy->bytes, &copy->len);
    if (copy->outcome == OUT_OK) {
        /* All of it: unlike an area of flash, a file or row has nothing behind its record. */
        coffre_status status = coffre_record_read(copy->bytes, copy->len, &copy->view);
        if (status == COFFRE_OK) status = coffre_record_inspect(&copy->view, &copy->info);
        copy->whole = status == COFFRE_OK;
        copy->outcome = copy->whole
                            ? fits_name(app, name, copy)
                            : fail_status(&app->problem, status, "%s %s", name, copy->place);
    }
    if (copy->outcome != OUT_OK) copy_refuse(app, copy, copy->outcome);
}

void copies_read(struct app *app, const char *name, struct copy copies[2])
{
    copy_read(app, name, true, &copies[0]);
    copy_read(app, name, false, &copies[1]);
}

bool copies_same(const struct copy copies[2])
{
    return copies[0].whole && copies[1].whole && copies[0].len == copies[1].len &&
           memcmp(copies[0].bytes, copies[1].bytes, copies[0].len) == 0;
}

bool copies_conflict(const struct copy *a, const struct copy *b)
{
    return a->outcome == OUT_OK && b->outcome == OUT_OK &&
           a->info.generation == b->info.generation &&
           (a->len != b->len || memcmp(a->bytes, b->bytes, a->len) != 0);
}

void copies_free(struct copy copies[2])
{
    for (size_t i = 0; i < 2; i++) {
        coffre_record_wipe(&copies[i].view);
        free(copies[i].bytes);
    }
}

/* The one beside the blocks is asked first, but a wrong key is what the operator has to know before
 * anything else. */
enum outcome copies_neither(struct app *app, const struct copy copies[2])
{
    const struct copy *beside = &copies[0], *row = &copies[1];
    bool key = beside->outcome == OUT_WRONG_KEY || beside->outcome == OUT_FOREIGN ||
               beside->outcome == OUT_UNSUPPORTED || beside->outcome == OUT_POLICY;

    if (copies_same(copies) || (key && row->outcome == OUT_MISSING))
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
bool copy_may_replace(const struct copy *good, const struct copy *other)
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

void copy_note(struct app *app, const char *name, const struct copy *good, const struct copy *bad)
{
    const char *then = !copy_may_replace(good, bad) ? "; it is left alone, the other one is used"
                       : app->lock >= 0             ? "; written again"
                                                    : "; the next backup writes it again";

    if (app->rebuilding && bad->outcome == OUT_MISSING) return; /* the database is new */
    if (copies_conflict(good, bad)) {
        out_note(&app->out,
                 "%s: the copy %s differs from the other, and both are of generation %" PRIu64
                 "; `appliance verify` tells whether both are genuine",
                 name, bad->place, good->info.generation);
    } else if (bad->outcome == OUT_OK) {
        out_note(&app->out,
                 "%s: the copy %s is older (generation %" PRIu64
                 ") than the other (generation %" PRIu64 ")%s",
                 name, bad->place, bad->info.generation, good->info.generation, then);
    } else {
        out_note(&app->out, "%s: the copy %s is %s (%s)%s", name, bad->place,
                 outcome_name(bad->outcome), bad->why, then);
    }
}
