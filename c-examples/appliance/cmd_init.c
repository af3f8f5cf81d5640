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
    return OUT_OK;
}

/* Key records without a database are a repository that has lost it: a new installation id would
 * make them foreign. */
static enum outcome refuse_records(struct app *app)
{
    bool records = false;
    uint64_t size;
    enum outcome outcome = app->blocks.list(app->blocks.self, "points/", visit_any, &records);
    if (app->blocks.size(app->blocks.self, REPOSITORY_RECORD, &size) == OUT_OK) records = true;
    if (outcome == OUT_OK && records) {
        return fail(&app->problem, OUT_REFUSED,
                    "%s holds backups but no database. Run `appliance rebuild`, not init;"
                    " nothing was changed",
                    app->options.repo);
    }
    return outcome;
}

enum outcome command_init(struct app *app)
{
    char path[PATH_MAX], text[ID_TEXT_SIZE];
    enum outcome outcome = block_files_create(&app->problem, app->options.repo);

    if (outcome == OUT_OK) outcome = path_join(&app->problem, app->options.repo, "lock", path);
    if (outcome == OUT_OK) outcome = lock_take(&app->problem, path, &app->lock);
    if (outcome == OUT_OK)
        outcome = block_files_open(&app->problem, app->options.repo, true, &app->blocks);
    if (outcome == OUT_OK)
        outcome = path_join(&app->problem, app->options.repo, DATABASE_FILE, path);
    if (outcome == OUT_OK && !path_exists(path)) outcome = refuse_records(app);
    if (outcome == OUT_OK) outcome = meta_sqlite_open(&app->problem, path, true, &app->meta);
    if (outcome != OUT_OK) return outcome;
    if (app->meta.installation(app->meta.self, &app->installation) == OUT_OK) {
        return fail(&app->problem, OUT_REFUSED, "%s is a repository already; nothing was changed",
                    app->options.repo);
    }

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
