/* cmd_rebuild.c: makes a lost database again from what lies beside it: the repository record, the
 * key records, the manifests and the blocks. Everything that goes into it was authenticated with
 * the key. The new database is written beside the old one's place and renamed when it is complete;
 * an old one that is still there is kept under another name.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "files.h"
#include "meta_sqlite.h"
#include "recover.h"
#include "repository.h"
#include "text.h"

struct rebuild {
    struct app *app;
    char database[PATH_MAX], fresh[PATH_MAX], kept[PATH_MAX];
    struct recovery recovery;
};

/* SQLite's journal belongs to one database: it must neither survive it nor be found beside another.
 */
static enum outcome remove_database(struct app *app, const char *path)
{
    static const char *const suffixes[] = {"", "-journal", "-wal", "-shm"};
    char name[PATH_MAX];

    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        int len = snprintf(name, sizeof name, "%s%s", path, suffixes[i]);
        if (len < 0 || (size_t)len >= sizeof name)
            return fail(&app->problem, OUT_USAGE, "path too long: %s", path);
        if (unlink(name) != 0 && errno != ENOENT) return fail_errno(&app->problem, "remove", name);
    }
    return OUT_OK;
}

static enum outcome visit_first_record(void *user, const char *name)
{
    char *found = user;
    size_t len = strlen(name);

    if (len > 4 && strcmp(name + len - 4, ".rec") == 0 && found[0] == '\0')
        snprintf(found, OBJECT_NAME_SIZE, "%s", name);
    return OUT_OK;
}

/* The installation's id is in every record; the repository's own is asked first. */
static enum outcome find_installation(struct rebuild *rebuild)
{
    struct app *app = rebuild->app;
    char name[OBJECT_NAME_SIZE] = "";
    struct record record;
    uint64_t size;
    enum outcome outcome = OUT_OK;

    if (app->blocks.size(app->blocks.self, REPOSITORY_RECORD, &size) == OUT_OK) {
        snprintf(name, sizeof name, "%s", REPOSITORY_RECORD);
    } else {
        outcome = app->blocks.list(app->blocks.self, "points/", visit_first_record, name);
        out_note(&app->out,
                 "%s is missing: the restore points can be restored. `appliance keygen` makes a "
                 "new record, with which"
                 " the next backup stores every block again",
                 REPOSITORY_RECORD);
    }
    if (outcome != OUT_OK) return outcome;
    if (name[0] == '\0') {
        return fail(&app->problem, OUT_MISSING,
                    "%s has no record to rebuild from; expected %s or points/*/%s",
                    app->options.repo, REPOSITORY_RECORD, POINT_RECORD);
    }
    outcome = record_read(app, name, &record);
    if (outcome != OUT_OK) return outcome;
    memcpy(app->installation.id, record.info.instance_id,
           ID_SIZE); /* record_check below proves it */
    outcome = record_check(app, &app->keys, name, 0, record.bytes, record.len, NULL);
    record_close(&record);
    return outcome;
}

/* A challenge that fits tells which generation to demand; without one, older ones cannot be told
 * apart any more. */
static void find_generation(struct app *app)
{
    coffre_challenge_report report;
    uint8_t *bytes;
    size_t len;

    app->installation.challenge_generation = 1;
    if (key_dir_challenge(&app->problem, app->keys.path, &bytes, &len) == OUT_OK &&
        record_check(app, &app->keys, CHALLENGE_FILE, 0, bytes, len, &report) == OUT_OK) {
        app->installation.challenge_generation = report.generation;
    } else {
        out_note(&app->out, "%s; a challenge from before a rekey will not be noticed",
                 app->problem.text);
    }
    free(bytes);
}

static enum outcome refuse_database(struct rebuild *rebuild)
{
    struct app *app = rebuild->app;

    bool exists;
    enum outcome outcome = path_look(&app->problem, rebuild->database, &exists);

    if (outcome != OUT_OK || !exists || app->options.force) return outcome;
    return fail(&app->problem, OUT_REFUSED,
                "%s exists; nothing was changed. With --force it is replaced, and kept as %s",
                rebuild->database, rebuild->kept);
}

static enum outcome fill(struct rebuild *rebuild)
{
    struct app *app = rebuild->app;
    enum outcome outcome = find_installation(rebuild);

    if (outcome != OUT_OK) return outcome;
    find_generation(app);
    outcome = app->meta.set_installation(app->meta.self, &app->installation);
    return outcome == OUT_OK ? recover_points(app, &rebuild->recovery) : outcome;
}

static enum outcome make_database(struct rebuild *rebuild)
{
    struct app *app = rebuild->app;
    enum outcome outcome = meta_sqlite_open(&app->problem, rebuild->fresh, true, &app->meta);

    app->rebuilding = true;
    if (outcome == OUT_OK) outcome = fill(rebuild);
    if (app->meta.self != NULL) {
        app->meta.rollback(app->meta.self);
        app->meta.close(app->meta.self);
        memset(&app->meta, 0, sizeof app->meta);
    }
    struct problem problem = app->problem;
    if (outcome != OUT_OK && remove_database(app, rebuild->fresh) != OUT_OK) return outcome;
    app->problem = problem;
    return outcome;
}

/* What an earlier rebuild kept stays: coffre.sqlite.old, then coffre.sqlite.old.2 and so on. */
static enum outcome choose_kept(struct rebuild *rebuild)
{
    struct app *app = rebuild->app;
    char name[64] = DATABASE_FILE ".old";
    bool taken = true;
    enum outcome outcome = OUT_OK;

    for (unsigned number = 2; outcome == OUT_OK && taken && number < 10000; number++) {
        outcome = path_join(&app->problem, app->options.repo, name, rebuild->kept);
        if (outcome == OUT_OK) outcome = path_look(&app->problem, rebuild->kept, &taken);
        snprintf(name, sizeof name, DATABASE_FILE ".old.%u", number);
    }
    if (outcome != OUT_OK || !taken) return outcome;
    return fail(&app->problem, OUT_REFUSED, "%s and all before it exist; remove some",
                rebuild->kept);
}

/* The old database steps aside whole; its journal would otherwise be played into the new one. */
static enum outcome keep_old(struct rebuild *rebuild)
{
    struct app *app = rebuild->app;
    char journal[PATH_MAX], kept[PATH_MAX];
    int one = snprintf(journal, sizeof journal, "%s-journal", rebuild->database);
    int two = snprintf(kept, sizeof kept, "%s-journal", rebuild->kept);

    if (one < 0 || one >= PATH_MAX || two < 0 || two >= PATH_MAX)
        return fail(&app->problem, OUT_USAGE, "path too long: %s", rebuild->kept);
    if (path_exists(journal) && rename(journal, kept) != 0)
        return fail_errno(&app->problem, "rename to", kept);
    if (rename(rebuild->database, rebuild->kept) != 0)
        return fail_errno(&app->problem, "rename to", rebuild->kept);
    out_note(&app->out, "the database that was there is kept as %s", rebuild->kept);
    return OUT_OK;
}

static enum outcome replace_database(struct rebuild *rebuild)
{
    struct app *app = rebuild->app;
    enum outcome outcome = path_exists(rebuild->database) ? keep_old(rebuild) : OUT_OK;

    if (outcome == OUT_OK) outcome = remove_database(app, rebuild->database);
    if (outcome == OUT_OK && rename(rebuild->fresh, rebuild->database) != 0) {
        outcome = fail_errno(&app->problem, "rename to", rebuild->database);
    }
    return outcome == OUT_OK ? sync_directory(&app->problem, app->options.repo) : outcome;
}

static enum outcome rebuild_run(struct rebuild *rebuild)
{
    struct app *app = rebuild->app;
    enum outcome outcome =
        path_join(&app->problem, app->options.repo, DATABASE_FILE, rebuild->database);

    if (outcome == OUT_OK)
        outcome = path_join(&app->problem, app->options.repo, DATABASE_FILE ".new", rebuild->fresh);
    if (outcome == OUT_OK) outcome = app_open(app, APP_WRITES | APP_KEYS | APP_NO_META);
    if (outcome == OUT_OK) outcome = choose_kept(rebuild);
    if (outcome == OUT_OK) outcome = refuse_database(rebuild);
    if (outcome == OUT_OK)
        outcome = remove_database(app, rebuild->fresh); /* of a run that was killed */
    if (outcome == OUT_OK) outcome = make_database(rebuild);
    return outcome == OUT_OK ? replace_database(rebuild) : outcome;
}

enum outcome command_rebuild(struct app *app)
{
    struct rebuild rebuild = {.app = app};
    enum outcome outcome = rebuild_run(&rebuild);

    if (outcome == OUT_OK) {
        out_number(&app->out, "restore_points", rebuild.recovery.adopted);
        out_number(&app->out, "unfinished", rebuild.recovery.unfinished_count);
        out_number(&app->out, "left_out", rebuild.recovery.left);
        if (rebuild.recovery.worst != OUT_OK) {
            outcome = fail(&app->problem, rebuild.recovery.worst,
                           "%" PRIu64 " restore points were left out; the notes name"
                           " them. The others are in the new database",
                           rebuild.recovery.left);
        }
    }
    recover_close(&rebuild.recovery);
    return outcome;
}
