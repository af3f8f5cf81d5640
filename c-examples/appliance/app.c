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

static enum outcome open_meta(struct app *app)
{
    char path[PATH_MAX], record[PATH_MAX];
    enum outcome outcome = path_join(&app->problem, app->options.repo, DATABASE_FILE, path);

    if (outcome == OUT_OK)
        outcome = path_join(&app->problem, app->options.repo, REPOSITORY_RECORD, record);
    if (outcome == OUT_OK) outcome = meta_sqlite_open(&app->problem, path, false, &app->meta);
    if (outcome == OUT_MISSING && path_exists(record)) {
        return fail(&app->problem, OUT_MISSING,
                    "the database %s is gone, the backups are not. Run `appliance"
                    " rebuild`: it makes a new one from the key records and manifests",
                    path);
    }
    if (outcome == OUT_OK) outcome = app->meta.installation(app->meta.self, &app->installation);
    return outcome;
}

enum outcome app_open(struct app *app, unsigned needs)
{
    char path[PATH_MAX];
    enum outcome outcome = path_join(&app->problem, app->options.repo, "blocks", path);

    if (outcome != OUT_OK) return outcome;
    if (!path_exists(path)) {
        return fail(&app->problem, OUT_MISSING,
                    "%s is no repository. Name it with --repo, or make one with"
                    " `appliance init`",
                    app->options.repo);
    }
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
        outcome = key_dir_load(&app->problem, &app->context, app->options.keys, &app->keys);
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

struct point_search {
    const char *text;
    bool latest;
    size_t found;
    struct meta_point point;
};

static enum outcome match_point(void *user, const struct meta_point *point)
{
    struct point_search *search = user;
    char id[ID_TEXT_SIZE];

    hex_encode(point->id, ID_SIZE, id);
    if (point->state != POINT_COMPLETE) return OUT_OK;
    if (!search->latest && strncmp(id, search->text, strlen(search->text)) != 0) return OUT_OK;
    search->found++;
    search->point = *point; /* they come oldest first */
    return OUT_OK;
}

enum outcome app_find_point(struct app *app, const char *argument, struct meta_point *point)
{
    struct point_search search = {.text = argument, .latest = strcmp(argument, "latest") == 0};
    enum outcome outcome = app->meta.each_point(app->meta.self, match_point, &search);

    if (outcome != OUT_OK) return outcome;
    if (search.found == 0) {
        return fail(&app->problem, OUT_NOT_FOUND,
                    "no complete restore point \"%s\" in %s; `appliance ls` lists them", argument,
                    app->options.repo);
    }
    if (search.found > 1 && !search.latest) {
        return fail(&app->problem, OUT_NOT_FOUND,
                    "\"%s\" is the beginning of %zu restore points; give more of the id", argument,
                    search.found);
    }
    *point = search.point;
    return OUT_OK;
}
