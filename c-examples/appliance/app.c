/* app.c: see app.h. */
#include "app.h"

#include <stdio.h>
#include <string.h>

#include "block_files.h"
#include "files.h"
#include "lock.h"
#include "meta_sqlite.h"
#include "text.h"

enum outcome app_start(struct app *app)
{
    app->lock = -1;
    if (coffre_abi_version() != COFFRE_ABI_VERSION) {
        return fail(&app->problem, OUT_INTERNAL,
                    "this program was built for version %u of the library's interface, and"
                    " runs with version %u",
                    (unsigned)COFFRE_ABI_VERSION, (unsigned)coffre_abi_version());
    }
    coffre_status status = coffre_context_init(&app->context, NULL);
    return status == COFFRE_OK ? OUT_OK
                               : fail_status(&app->problem, status, "the library's self-tests");
}

static enum outcome look_for(struct app *app, const char *name, bool *exists)
{
    char path[PATH_MAX];
    enum outcome outcome = path_join(&app->problem, app->options.repo, name, path);

    *exists = false;
    return outcome == OUT_OK ? path_look(&app->problem, path, exists) : outcome;
}

static enum outcome open_meta(struct app *app)
{
    char path[PATH_MAX];
    bool record;
    enum outcome outcome = look_for(app, REPOSITORY_RECORD, &record);

    if (outcome == OUT_OK)
        outcome = path_join(&app->problem, app->options.repo, DATABASE_FILE, path);
    if (outcome == OUT_OK) outcome = meta_sqlite_open(&app->problem, path, false, &app->meta);
    if (outcome == OUT_MISSING && record) {
        return fail(&app->problem, OUT_MISSING,
                    "the database %s is gone, the backups are not. Run `appliance"
                    " rebuild`: it makes a new one from the key records and manifests",
                    path);
    }
    if (outcome == OUT_OK) outcome = app->meta.installation(app->meta.self, &app->installation);
    return outcome;
}

/* A directory that is no repository is told from one that has lost a part, or that cannot be looked
 * into. */
static enum outcome find_repository(struct app *app)
{
    bool blocks, points, record, database;
    const char *repo = app->options.repo;
    enum outcome outcome = path_is_directory(&app->problem, repo);

    if (outcome == OUT_MISSING || outcome == OUT_USAGE) {
        return fail(&app->problem, outcome,
                    "%s, and so is no repository. Name it with --repo, or make one with"
                    " `appliance init`",
                    app->problem.text);
    }
    if (outcome == OUT_OK) outcome = look_for(app, "blocks", &blocks);
    if (outcome == OUT_OK) outcome = look_for(app, "points", &points);
    if (outcome == OUT_OK) outcome = look_for(app, REPOSITORY_RECORD, &record);
    if (outcome == OUT_OK) outcome = look_for(app, DATABASE_FILE, &database);
    if (outcome != OUT_OK || (blocks && points)) return outcome;
    if (record || database) {
        return fail(&app->problem, OUT_MISSING,
                    "%s has %s but no directory %s. Is the file system mounted that belongs there?"
                    " Nothing was changed",
                    repo, record ? REPOSITORY_RECORD : DATABASE_FILE, blocks ? "points" : "blocks");
    }
    return fail(&app->problem, OUT_MISSING,
                "%s is no repository. Name it with --repo, or make one with `appliance init`",
                repo);
}

enum outcome app_open(struct app *app, unsigned needs)
{
    char path[PATH_MAX];
    enum outcome outcome = find_repository(app);

    if (outcome != OUT_OK) return outcome;
    if ((needs & APP_WRITES) != 0) {
        outcome = path_join(&app->problem, app->options.repo, "lock", path);
        if (outcome == OUT_OK) outcome = lock_take(&app->problem, path, &app->lock);
    }
    if (outcome == OUT_OK) {
        outcome = block_files_open(&app->problem, app->options.repo, (needs & APP_WRITES) != 0,
                                   &app->blocks);
    }
    if (outcome == OUT_OK && (needs & APP_NO_META) == 0) outcome = open_meta(app);
    if (outcome == OUT_OK && (needs & APP_KEYS) != 0) {
        outcome = app_load_keys(app);
    }
    return outcome;
}

void app_stop(struct app *app)
{
    if (app->meta.self != NULL) {
        app->meta.rollback(app->meta.self);
        app->meta.close(app->meta.self);
    }
    if (app->blocks.self != NULL) app->blocks.close(app->blocks.self);
    key_dir_wipe(&app->keys);
    coffre_context_wipe(&app->context);
    lock_drop(app->lock);
}
