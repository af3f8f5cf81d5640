/* cmd_rotate.c: gives every record a new storage key, for the key at hand and every --keep
 * directory; nobody else opens the new records. No block, manifest or session key is touched.
 *
 * It is proven before it is written: each new record has to open with every key at hand. A run that
 * was killed is run again and rotates everything, what was rotated before once more: that costs
 * little, and no note has to be kept of how far it came. In between each record opens with every
 * key that is kept.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "key_change.h"
#include "recipients.h"

#define LOST_MAX 64 /* keys that are named when they would be dropped */

struct rotation {
    struct app *app;
    struct key_change change;
    struct kept_keys kept;
    coffre_record_recipient lost[LOST_MAX];
    size_t lost_count;
    uint64_t rotated;
};

static void remember_lost(struct rotation *rotation, const coffre_record_recipient *recipient)
{
    for (size_t i = 0; i < rotation->lost_count; i++) {
        if (memcmp(rotation->lost[i].id, recipient->id, sizeof recipient->id) == 0) return;
    }
    if (rotation->lost_count < LOST_MAX) rotation->lost[rotation->lost_count++] = *recipient;
}

static enum outcome find_lost(void *user, const char *name)
{
    struct rotation *rotation = user;
    coffre_record_recipient recipient;
    struct record record;
    enum outcome outcome = record_open(rotation->app, &rotation->app->keys, name, &record, NULL);

    if (outcome != OUT_OK) return outcome;
    for (size_t i = 0; coffre_record_recipient_at(&record.view, i, &recipient) == COFFRE_OK; i++) {
        if (!kept_keys_have(&rotation->kept, recipient.id)) remember_lost(rotation, &recipient);
    }
    record_close(&record);
    return OUT_OK;
}

/* Whom it would lock out, one after the other. */
static void name_lost(const struct rotation *rotation, char *text, size_t cap)
{
    char one[RECIPIENT_LINE_SIZE];
    size_t used = 0;

    text[0] = '\0';
    for (size_t i = 0; i < rotation->lost_count && used + 1 < cap; i++) {
        recipient_line(&rotation->lost[i], one);
        int len = snprintf(text + used, cap - used, "%s%s", i == 0 ? "" : "; ", one);
        used += len > 0 ? (size_t)len : 0;
    }
}

static enum outcome check_lost(struct rotation *rotation)
{
    struct app *app = rotation->app;
    char text[PROBLEM_SIZE / 2];
    enum outcome outcome = key_change_each(&rotation->change, find_lost, rotation);

    if (outcome != OUT_OK || rotation->lost_count == 0) return outcome;
    name_lost(rotation, text, sizeof text);
    if (app->options.force) {
        out_note(&app->out, "dropped: %s", text);
        return OUT_OK;
    }
    return fail(&app->problem, OUT_REFUSED,
                "%zu key%s would open nothing any more: %s. Name the directory of each with --keep,"
                " or drop them with --force; nothing was changed",
                rotation->lost_count, rotation->lost_count == 1 ? "" : "s", text);
}

static enum outcome rotate_one(void *user, const char *name)
{
    struct rotation *rotation = user;
    struct app *app = rotation->app;
    struct record record;
    struct rewrite rewrite = {.from = &record, .rotate = true, .add_count = rotation->kept.count};
    enum outcome outcome = record_open(app, &app->keys, name, &record, NULL);

    if (outcome != OUT_OK) return outcome;
    memcpy(rewrite.add, rotation->kept.keys, sizeof rewrite.add);
    outcome = record_rewrite(app, name, &rewrite);
    record_close(&record);
    rotation->rotated++;
    return outcome;
}

static void print_rotation(const struct rotation *rotation)
{
    struct output *out = &rotation->app->out;
    char id[COFFRE_KEY_ID_TEXT_SIZE];

    out_number(out, "records", rotation->rotated);
    out_number(out, "dropped_keys", rotation->lost_count);
    out_list(out, "keys");
    for (size_t i = 0; i < rotation->kept.count; i++) {
        const struct key_dir *keys = rotation->kept.keys[i];
        coffre_key_id_text(keys->key_id, id);
        out_row(out, "key %s (%s) opens all of them%s", id, key_kind_name(keys->kind),
                keys->kind == KEY_PUBLIC ? ", which was not tried" : "");
        out_text(out, "key_id", id);
        out_text(out, "kind", key_kind_name(keys->kind));
        out_flag(out, "was_tried", keys->kind != KEY_PUBLIC);
        out_row_end(out);
    }
    out_list_end(out);
    out_note(out, "older copies of the records, and storage keys that somebody kept of them, open"
                  " what was backed up until now: rotating is not revoking");
}

static enum outcome rotation_run(struct rotation *rotation)
{
    struct app *app = rotation->app;
    enum outcome outcome = key_change_begin(app, "rotate", &rotation->change);

    if (outcome == OUT_OK) outcome = kept_keys_load(app, &rotation->kept);
    if (outcome == OUT_OK) outcome = check_lost(rotation);
    if (outcome == OUT_OK) outcome = key_change_each(&rotation->change, rotate_one, rotation);
    if (outcome == OUT_OK) print_rotation(rotation);
    return outcome;
}

enum outcome command_rotate(struct app *app)
{
    struct rotation *rotation = calloc(1, sizeof *rotation);

    if (rotation == NULL) return fail(&app->problem, OUT_ENVIRONMENT, "no memory");
    rotation->app = app;
    enum outcome outcome = rotation_run(rotation);
    kept_keys_wipe(&rotation->kept);
    key_change_end(&rotation->change);
    free(rotation);
    return outcome;
}
