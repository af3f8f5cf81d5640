/* cmd_kit_import.c: takes the key out of a recovery kit and makes a keys directory of it. Nothing
 * that is there is overwritten. Where the repository is at hand the key gets its challenge, as
 * keygen gives it.
 */
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "files.h"
#include "kit_password.h"
#include "kit_store.h"
#include "record.h"
#include "text.h"

struct kit_import {
    struct app *app;
    struct kit kit;
    coffre_identity identity;
    enum outcome repository; /* with --stored: how opening it ended, and why */
    struct problem said;
    bool made_challenge;
};

static enum outcome read_stored(struct kit_import *job)
{
    struct app *app = job->app;
    const char *key_id = app->options.argument_count > 0 ? app->options.arguments[0] : NULL;
    struct stored_kit stored;

    job->repository = app_open(app, 0);
    job->said = app->problem;
    if (app->blocks.self == NULL) return job->repository; /* the database may be lost as well */
    enum outcome outcome = kit_store_find(app, key_id, &stored);
    if (outcome == OUT_OK) job->kit = stored.kit;
    return outcome;
}

static enum outcome find_kit(struct kit_import *job)
{
    struct app *app = job->app;

    if (app->options.stored) return read_stored(job);
    if (app->options.argument_count > 0)
        return kit_read(&app->problem, app->options.arguments[0], &job->kit);
    return fail(&app->problem, OUT_USAGE,
                "kit-import needs a kit: FILE, - for standard input, or --stored for the one in the"
                " repository");
}

/* What lies there may be this key's own public half, and nothing else. */
static enum outcome check_directory(struct kit_import *job)
{
    struct app *app = job->app;
    const char *path = app->options.keys;
    struct key_dir keys = {.path = path};
    enum key_kind kind;
    enum outcome outcome = key_dir_find(&app->problem, path, &kind);

    if (outcome != OUT_OK || kind == KEY_NONE) return outcome;
    bool own = kind == KEY_PUBLIC &&
               key_dir_load(&app->problem, &app->context, path, NULL, true, &keys) == OUT_OK &&
               memcmp(keys.key_id, job->kit.info.key_id, sizeof keys.key_id) == 0;
    if (kind == KEY_PUBLIC) key_dir_wipe(&keys);
    if (own) return OUT_OK;
    return fail(&app->problem, OUT_REFUSED,
                "%s holds a key already (%s); nothing was changed. Name a directory that holds none"
                " with --keys; `appliance keygen` makes what is missing beside a key",
                path, key_kind_name(kind));
}

static enum outcome open_kit(struct kit_import *job)
{
    struct app *app = job->app;
    struct password password;
    enum outcome outcome = kit_password_read(app, job->kit.info.key_id, false, &password);

    if (outcome == OUT_OK) outcome = kit_open(app, &job->kit, &password, &job->identity);
    password_wipe(&password);
    return outcome;
}

static enum outcome write_key(struct kit_import *job)
{
    struct app *app = job->app;
    const char *path = app->options.keys;
    uint8_t file[COFFRE_KEY_FILE_MAX];
    size_t len = 32;
    bool kek = job->kit.info.key_kind == COFFRE_KIT_KEK;
    coffre_status status =
        kek ? coffre_identity_kek(&job->identity, file)
            : coffre_identity_write(&job->identity, COFFRE_KEY_FILE_PEM, file, sizeof file, &len);
    enum outcome outcome =
        status == COFFRE_OK ? make_directory(&app->problem, path)
                            : fail_status(&app->problem, status, "cannot write the key of the kit");

    if (outcome == OUT_OK)
        outcome =
            file_replace(&app->problem, path, kek ? KEK_FILE : PRIVATE_KEY_FILE, 0600, file, len);
    wipe_bytes(file, sizeof file);
    return outcome;
}

static enum outcome write_public(struct app *app)
{
    char path[PATH_MAX];
    enum outcome outcome = path_join(&app->problem, app->keys.path, PUBLIC_KEY_FILE, path);

    if (outcome != OUT_OK || path_exists(path)) return outcome;
    return key_dir_write_public(&app->problem, &app->keys);
}

static enum outcome write_keys(struct kit_import *job)
{
    struct app *app = job->app;
    enum outcome outcome = write_key(job);

    if (outcome == OUT_OK) {
        outcome =
            key_dir_load(&app->problem, &app->context, app->options.keys, NULL, false, &app->keys);
    }
    if (outcome == OUT_OK &&
        memcmp(app->keys.key_id, job->kit.info.key_id, sizeof app->keys.key_id) != 0)
        outcome = fail(&app->problem, OUT_INTERNAL, "%s is another key", app->keys.key_file);
    return outcome == OUT_OK ? write_public(app) : outcome;
}

/* The key is back already: what goes wrong here is a note, and `check` tells the rest. */
static enum outcome make_challenge(struct kit_import *job)
{
    struct app *app = job->app;
    struct record record;
    uint8_t *bytes;
    size_t len;

    enum outcome outcome = app->options.stored ? job->repository : app_open(app, 0);
    if (outcome == OUT_OK) outcome = record_open(app, &app->keys, REPOSITORY_RECORD, &record, NULL);
    if (outcome != OUT_OK) return outcome;
    record_close(&record);
    outcome = key_dir_challenge(&app->problem, app->options.keys, &bytes, &len);
    free(bytes);
    if (outcome != OUT_MISSING) return outcome; /* one that was there is left to `check` */
    outcome = key_dir_write_challenge(&app->problem, &app->context, &app->keys,
                                      app->installation.id, app->installation.challenge_generation);
    job->made_challenge = outcome == OUT_OK;
    return outcome;
}

static void note_challenge(const struct kit_import *job, enum outcome outcome)
{
    struct app *app = job->app;

    if (outcome == OUT_WRONG_KEY || outcome == OUT_FOREIGN) {
        out_note(&app->out, "the key is back, and does not open %s: %s", app->options.repo,
                 app->problem.text);
    } else if (outcome != OUT_OK) {
        out_note(&app->out, "no challenge was written: %s. `appliance keygen` writes it",
                 app->problem.text);
    }
}

static void print_import(const struct kit_import *job)
{
    struct app *app = job->app;
    char id[COFFRE_KEY_ID_TEXT_SIZE];

    coffre_key_id_text(app->keys.key_id, id);
    out_text(&app->out, "key_file", app->keys.key_file);
    out_text(&app->out, "key_kind", key_kind_name(app->keys.kind));
    out_text(&app->out, "key_id", id);
    out_flag(&app->out, "new_challenge", job->made_challenge);
}

enum outcome command_kit_import(struct app *app)
{
    struct kit_import job = {.app = app};
    enum outcome outcome = app_before_any_key(app);

    if (outcome == OUT_OK) outcome = find_kit(&job);
    if (outcome == OUT_OK) outcome = check_directory(&job);
    if (outcome == OUT_OK) outcome = open_kit(&job);
    if (outcome == OUT_OK) outcome = write_keys(&job);
    coffre_identity_wipe(&job.identity);
    if (outcome != OUT_OK) return outcome;
    app->problem = job.said;
    note_challenge(&job, make_challenge(&job));
    print_import(&job);
    return OUT_OK;
}
