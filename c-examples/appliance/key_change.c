/* key_change.c: see key_change.h. */
#include "key_change.h"

#include <stdlib.h>
#include <string.h>

#include "text.h"

enum outcome key_change_begin(struct app *app, const char *what, struct key_change *change)
{
    memset(change, 0, sizeof *change);
    change->app = app;
    change->what = what;
    enum outcome outcome = app_open(app, APP_WRITES | APP_KEYS);
    if (outcome == OUT_OK) outcome = record_names(app, &change->names);
    if (outcome == OUT_OK && change->names.count == 0) {
        outcome = fail(&app->problem, OUT_MISSING,
                       "%s has no record; `appliance keygen` makes the first", app->options.repo);
    }
    return outcome;
}

void key_change_end(struct key_change *change)
{
    free(change->names.names);
    change->names.names = NULL;
}

static enum outcome run_step(struct key_change *change, record_step step, void *user,
                             const char *name)
{
    enum outcome outcome = step(user, name);

    if (outcome == OUT_OK) return OUT_OK;
    return fail(&change->app->problem, outcome,
                "%s. %s stopped at %s, one of %zu records; what was done is valid, and running it"
                " again goes on",
                change->app->problem.text, change->what, name, change->names.count);
}

enum outcome key_change_each(struct key_change *change, record_step step, void *user)
{
    enum outcome outcome = OUT_OK;

    for (size_t pass = 0; pass < 2; pass++) {
        for (size_t i = 0; outcome == OUT_OK && i < change->names.count; i++) {
            const char *name = change->names.names[i];
            if ((strcmp(name, REPOSITORY_RECORD) == 0) == (pass == 0))
                outcome = run_step(change, step, user, name);
        }
    }
    return outcome;
}

bool recipient_is_password(uint32_t type)
{
    return type == COFFRE_RECIPIENT_PBKDF2 || type == COFFRE_RECIPIENT_ARGON2ID;
}

enum outcome key_change_count(struct key_change *change, const uint8_t key_id[16], size_t *count)
{
    bool named;

    *count = 0;
    for (size_t i = 0; i < change->names.count; i++) {
        enum outcome outcome =
            record_names_key(change->app, change->names.names[i], key_id, &named);
        if (outcome != OUT_OK) return outcome;
        if (named) ++*count;
    }
    return OUT_OK;
}

/* What a token said, where a token was asked. */
static enum outcome fail_rewrite(struct app *app, const char *name, coffre_status status,
                                 const struct key_dir *keys)
{
    const char *said = status == COFFRE_ERR_CALLBACK ? key_dir_token_problem(keys) : "";

    return fail_status(&app->problem, status, "%s cannot be written again%s%s", name,
                       said[0] != '\0' ? ": " : "", said);
}

static size_t size_of_new(const struct rewrite *rewrite)
{
    size_t stanzas = 0;

    for (size_t i = 0; i < rewrite->add_count; i++)
        stanzas += coffre_recipient_stanza_size(&rewrite->add[i]->recipient);
    return rewrite->rotate ? coffre_record_size(stanzas, rewrite->from->info.entry_count)
                           : rewrite->from->len + stanzas;
}

/* `keys` is the one whose turn it was when it failed. */
static coffre_status edit(struct app *app, const struct rewrite *rewrite,
                          coffre_record_writer *writer, const struct key_dir **keys)
{
    bool replace = rewrite->remove != NULL && rewrite->add_count == 1;
    coffre_status status = COFFRE_OK;

    if (rewrite->remove != NULL && !replace)
        status = coffre_record_remove_recipient(writer, rewrite->remove);
    for (size_t i = 0; status == COFFRE_OK && i < rewrite->add_count; i++) {
        *keys = rewrite->add[i];
        status = replace ? coffre_record_replace_recipient(&app->context, writer, rewrite->remove,
                                                           &rewrite->add[i]->recipient)
                         : coffre_record_add_recipient(&app->context, writer,
                                                       &rewrite->add[i]->recipient);
    }
    return status;
}

static enum outcome make_new(struct app *app, const char *name, const struct rewrite *rewrite,
                             uint8_t *bytes, size_t cap, size_t *len)
{
    const struct record *from = rewrite->from;
    const struct key_dir *keys = &app->keys;
    coffre_record_writer writer = {0};
    coffre_status status =
        rewrite->rotate ? coffre_record_rotate(&app->context, &from->keys, &from->view,
                                               from->info.generation + 1, bytes, cap, &writer)
                        : coffre_record_edit(&app->context, &from->keys, &from->view,
                                             from->info.generation + 1, bytes, cap, &writer);

    if (status == COFFRE_OK) status = edit(app, rewrite, &writer, &keys);
    if (status == COFFRE_OK) status = coffre_record_finish(&writer, len, NULL);
    coffre_record_writer_wipe(&writer);
    return status == COFFRE_OK ? OUT_OK : fail_rewrite(app, name, status, keys);
}

static enum outcome prove_with(struct app *app, const char *name, const coffre_record *record,
                               const struct key_dir *keys)
{
    coffre_record_keys opened = {0};

    if (keys == NULL || keys->kind == KEY_PUBLIC) return OUT_OK;
    coffre_status status =
        coffre_record_open(&app->context, NULL, &keys->identity, record, &opened);
    coffre_record_keys_wipe(&opened);
    if (status == COFFRE_OK) return OUT_OK;
    enum outcome outcome = fail_rewrite(app, name, status, keys);
    return fail(&app->problem, outcome, "%s: what was made does not open with the key in %s",
                app->problem.text, keys->path);
}

static enum outcome prove(struct app *app, const char *name, const struct rewrite *rewrite,
                          const uint8_t *bytes, size_t len)
{
    coffre_record record = {0};
    coffre_status status = coffre_record_read(bytes, len, &record);
    enum outcome outcome = status == COFFRE_OK
                               ? prove_with(app, name, &record, rewrite->opener)
                               : fail_status(&app->problem, status, "%s, as it was made", name);

    for (size_t i = 0; outcome == OUT_OK && i < rewrite->add_count; i++)
        outcome = prove_with(app, name, &record, rewrite->add[i]);
    coffre_record_wipe(&record);
    return outcome;
}

enum outcome record_rewrite(struct app *app, const char *name, const struct rewrite *rewrite)
{
    size_t len = 0, cap = size_of_new(rewrite);

    if (rewrite->from->other_kept) {
        return fail(&app->problem, OUT_REFUSED,
                    "%s: one of its two copies opens, the other is under another key or another"
                    " installation's, and would be overwritten. Put it away",
                    name);
    }
    uint8_t *bytes = malloc(cap);
    if (bytes == NULL) return fail(&app->problem, OUT_ENVIRONMENT, "no memory for %s", name);
    enum outcome outcome = make_new(app, name, rewrite, bytes, cap, &len);
    if (outcome == OUT_OK) outcome = prove(app, name, rewrite, bytes, len);
    if (outcome == OUT_OK) outcome = record_write(app, name, bytes, len);
    free(bytes);
    return outcome;
}
