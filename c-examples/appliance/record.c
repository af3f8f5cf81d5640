/* record.c: reading, opening and writing the two copies of a record. See record.h. The copies are
 * the two slots of docs/FORMAT.md 4.3: the library opens the newer one that is genuine, and only
 * such a one is written anywhere.
 */
#include "record.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "record_copies.h"
#include "text.h"

/* The view was made of the copy's bytes. */
static void hand_over(struct copy *copy, const coffre_record *view, struct record *record)
{
    record->bytes = copy->bytes;
    record->len = copy->len;
    record->view = *view;
    record->info = copy->info;
    copy->bytes = NULL;
}

/* The newer of those that are whole, by their own word; NULL if none is. */
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
    copies_read(app, name, copies);
    struct copy *good = choose(copies);
    if (good == NULL) outcome = copies_neither(app, copies);
    record->conflict = copies_conflict(&copies[0], &copies[1]);
    if (good != NULL && !copies_same(copies))
        copy_note(app, name, good, &copies[good == copies ? 1 : 0]);
    if (good != NULL) hand_over(good, &good->view, record);
    copies_free(copies);
    return outcome;
}

enum outcome record_look(struct app *app, const char *name, bool beside)
{
    struct copy copies[2] = {{0}, {0}};

    copy_read(app, name, beside, &copies[0]);
    enum outcome outcome = copies[0].outcome;
    if (outcome == OUT_OK &&
        memcmp(copies[0].info.instance_id, app->installation.id, ID_SIZE) != 0) {
        outcome = fail(&app->problem, OUT_FOREIGN, "%s %s is another installation's", name,
                       copies[0].place);
    }
    copies_free(copies);
    return outcome;
}

static bool view_has(const coffre_record *view, const uint8_t key_id[16])
{
    coffre_record_recipient recipient;

    for (size_t i = 0; coffre_record_recipient_at(view, i, &recipient) == COFFRE_OK; i++) {
        if (memcmp(recipient.id, key_id, sizeof recipient.id) == 0) return true;
    }
    return false;
}

bool record_has(const struct record *record, const uint8_t key_id[16])
{
    return view_has(&record->view, key_id);
}

enum outcome record_names_key(struct app *app, const char *name, const uint8_t key_id[16],
                              bool *named)
{
    struct copy copies[2];

    copies_read(app, name, copies);
    *named = (copies[0].whole && view_has(&copies[0].view, key_id)) ||
             (copies[1].whole && view_has(&copies[1].view, key_id));
    enum outcome outcome =
        copies[0].whole || copies[1].whole ? OUT_OK : copies_neither(app, copies);
    copies_free(copies);
    return outcome;
}

/* What the record proves of itself has to be what its place demands: another restore point's opens
 * under the same key. */
static coffre_status open_slots(struct app *app, const struct key_dir *keys, const char *name,
                                const struct copy copies[2], uint64_t lowest, coffre_record *view,
                                coffre_record_keys *opened, coffre_slots_report *slots)
{
    uint8_t point_id[ID_SIZE];
    bool of_point = name_to_point(name, point_id);
    bool use[2] = {copies[0].outcome == OUT_OK, copies[1].outcome == OUT_OK};
    coffre_policy policy = COFFRE_POLICY_INIT;

    policy.lowest_generation = lowest;
    return coffre_slots_open(
        &app->context, &policy, &keys->identity,
        of_point ? COFFRE_KEY_RECORD : COFFRE_REPOSITORY_RECORD, app->installation.id,
        of_point ? point_id : NULL, use[0] ? copies[0].bytes : NULL, use[0] ? copies[0].len : 0,
        use[1] ? copies[1].bytes : NULL, use[1] ? copies[1].len : 0, view, opened, slots);
}

/* What the library found, as each copy's own outcome. */
static void judge_copies(struct app *app, const struct key_dir *keys, const char *name,
                         const coffre_slots_report *slots, struct copy copies[2])
{
    coffre_challenge_report report;

    for (size_t i = 0; i < 2; i++) {
        coffre_status status = slots->status[slots->settled != 0 ? 0 : i];
        if (copies[i].outcome != OUT_OK || status == COFFRE_OK) continue;
        record_describe(&copies[i].view, keys, &report);
        copy_refuse(app, &copies[i], record_explain(app, status, keys, name, 0, &report));
    }
}

/* Neither copy was opened, or it may not be used. */
static enum outcome refuse_copies(struct app *app, const char *name, coffre_status status,
                                  const struct copy copies[2], const coffre_slots_report *slots,
                                  uint64_t lowest)
{
    if (status == COFFRE_ERR_CONFLICT) { /* nobody but the operator can decide */
        return fail(&app->problem, OUT_CORRUPT,
                    "%s: the copies beside the blocks and in the database differ, and both are of"
                    " generation %" PRIu64 ". Put one of them away",
                    name, slots->generation[0]);
    }
    if (status == COFFRE_ERR_ROLLBACK) {
        return fail(&app->problem, OUT_STALE,
                    "%s: the only copy that opens, %s, has generation %" PRIu64
                    ", and the database knows of %" PRIu64 ". Put the newer one back from a copy of"
                    " the repository; `appliance rebuild --force` accepts what is there",
                    name, copies[slots->used].place, slots->generation[slots->used], lowest);
    }
    if (copies[0].outcome == OUT_OK && copies[1].outcome == OUT_OK)
        return fail_status(&app->problem, status, "%s", name); /* not asked at all */
    return copies_neither(app, copies);
}

/* Nothing that a reader gets from an older record is wrong: it may name keys that were removed. */
static void note_rollback(struct app *app, const char *name, struct record *record, uint64_t lowest)
{
    record->rolled_back = record->info.generation < lowest;
    if (!record->rolled_back) return;
    out_note(&app->out,
             "%s has generation %" PRIu64 ", and the database knows of %" PRIu64
             ": the newer one was lost. Put it back from a copy of the repository",
             name, record->info.generation, lowest);
}

static enum outcome settle(struct app *app, const char *name, const struct copy *good,
                           const struct copy *other)
{
    copy_note(app, name, good, other);
    if (app->lock < 0 || !copy_may_replace(good, other)) return OUT_OK;
    return record_write(app, name, good->bytes, good->len);
}

enum outcome record_open(struct app *app, const struct key_dir *keys, const char *name,
                         struct record *record, coffre_challenge_report *report)
{
    struct copy copies[2];
    coffre_slots_report slots = {0};
    coffre_record view = {0};
    uint64_t lowest = 0;
    enum outcome outcome = OUT_OK;

    memset(record, 0, sizeof *record);
    copies_read(app, name, copies);
    if (app->meta.record_generation(app->meta.self, name, &lowest) != OUT_OK) lowest = 0;
    coffre_status status = open_slots(app, keys, name, copies, app->lock >= 0 ? lowest : 0, &view,
                                      &record->keys, &slots);
    judge_copies(app, keys, name, &slots, copies);
    struct copy *good = status == COFFRE_OK ? &copies[slots.used] : NULL;
    if (report != NULL) {
        record_describe(&(good != NULL ? good : &copies[copies[0].whole ? 0 : 1])->view, keys,
                        report);
        if (good != NULL) memcpy(report->expected_key_id, keys->key_id, COFFRE_KEY_ID_SIZE);
    }
    if (good == NULL) {
        outcome = refuse_copies(app, name, status, copies, &slots, lowest);
    } else if (slots.settled == 0) {
        const struct copy *other = &copies[1 - slots.used];
        outcome = settle(app, name, good, other);
        record->other_kept = !copy_may_replace(good, other);
    }
    if (outcome == OUT_OK) {
        hand_over(good, &view, record);
        note_rollback(app, name, record, lowest);
    } else {
        coffre_record_keys_wipe(&record->keys);
    }
    coffre_record_wipe(&view);
    copies_free(copies);
    return outcome;
}

enum outcome record_write(struct app *app, const char *name, const uint8_t *bytes, size_t len)
{
    coffre_record view = {0};
    coffre_record_info info;
    coffre_status status = coffre_record_read(bytes, len, &view);

    if (status == COFFRE_OK) status = coffre_record_inspect(&view, &info);
    coffre_record_wipe(&view);
    if (status != COFFRE_OK)
        return fail_status(&app->problem, status, "%s: it is not written", name);
    enum outcome outcome = store_put(&app->blocks, name, bytes, len);
    if (outcome == OUT_OK) outcome = app->blocks.sync(app->blocks.self);
    if (outcome != OUT_OK) return outcome;
    return app->meta.put_record(app->meta.self, name, bytes, len, info.generation);
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
    coffre_record_wipe(&record->view);
    free(record->bytes);
    record->bytes = NULL;
    record->len = 0;
}
