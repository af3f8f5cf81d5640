/* cmd_init.c: makes an empty repository: directories, database, a random installation id. It makes
 * no key. */
#include <stdio.h>
#include <string.h>

#include "block_files.h"
#include "commands.h"
#include "files.h"
#include "lock.h"
#include "meta_sqlite.h"
#include "text.h"

static enum outcome visit_any(void *user, const char *name)
{
    (void)name;
    *(bool *)user = true;
    return OUT_REFUSED; /* one is enough */
}

/* An empty file, or one whose installation is not named, is what a killed init leaves. */
static enum outcome refuse_installation(struct app *app, const char *path)
{
    struct meta_store meta = {0};
    bool exists;
    enum outcome outcome = path_look(&app->problem, path, &exists);

    if (outcome != OUT_OK || !exists) return outcome;
    outcome = meta_sqlite_open(&app->problem, path, false, &meta);
    if (outcome == OUT_OK) outcome = meta.installation(meta.self, &app->installation);
    if (meta.self != NULL) meta.close(meta.self);
    if (outcome == OUT_MISSING) return OUT_OK;
    if (outcome != OUT_OK) return outcome;
    return fail(&app->problem, OUT_REFUSED, "%s is a repository already; nothing was changed",
                app->options.repo);
}

/* Backups without an installation's row are a repository that has lost its database: a new
 * installation id would make them foreign. */
static enum outcome refuse_backups(struct app *app)
{
    static const char *const parts[] = {"points/", "unfinished/", "blocks/"};
    bool found = false, record;
    char path[PATH_MAX];
    enum outcome outcome = path_join(&app->problem, app->options.repo, REPOSITORY_RECORD, path);

    if (outcome == OUT_OK) outcome = path_look(&app->problem, path, &record);
    for (size_t i = 0; outcome == OUT_OK && i < sizeof parts / sizeof parts[0]; i++)
        outcome = app->blocks.list(app->blocks.self, parts[i], visit_any, &found);
    if (outcome != OUT_OK && !found) return outcome;
    if (!found && !record) return OUT_OK;
    return fail(&app->problem, OUT_REFUSED,
                "%s holds backups, but no database that names their installation. Run `appliance"
                " rebuild`, not init; nothing was changed",
                app->options.repo);
}

enum outcome command_init(struct app *app)
{
    char path[PATH_MAX], text[ID_TEXT_SIZE];
    enum outcome outcome = make_directory(&app->problem, app->options.repo);

    if (outcome == OUT_OK) outcome = path_join(&app->problem, app->options.repo, "lock", path);
    if (outcome == OUT_OK) outcome = lock_take(&app->problem, path, &app->lock);
    if (outcome == OUT_OK)
        outcome = block_files_open(&app->problem, app->options.repo, false, &app->blocks);
    if (outcome == OUT_OK)
        outcome = path_join(&app->problem, app->options.repo, DATABASE_FILE, path);
    if (outcome == OUT_OK) outcome = refuse_installation(app, path);
    if (outcome == OUT_OK) outcome = refuse_backups(app);
    if (outcome == OUT_OK) outcome = block_files_create(&app->problem, app->options.repo);
    if (outcome == OUT_OK) outcome = meta_sqlite_open(&app->problem, path, true, &app->meta);
    if (outcome != OUT_OK) return outcome;

    coffre_status status = coffre_random_bytes(&app->context, app->installation.id, ID_SIZE);
    if (status != COFFRE_OK)
        return fail_status(&app->problem, status, "cannot make an installation id");
    app->installation.challenge_generation = 1;
    outcome = app->meta.set_installation(app->meta.self, &app->installation);
    if (outcome == OUT_OK) outcome = sync_directory(&app->problem, app->options.repo);
    if (outcome != OUT_OK) return outcome;
    hex_encode(app->installation.id, ID_SIZE, text);
    out_text(&app->out, "repository", app->options.repo);
    out_text(&app->out, "instance_id", text);
    return OUT_OK;
}
