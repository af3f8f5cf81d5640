/* app_keys.c: loads keys for the commands: what a keys directory does not hold, which is a
 * password, and where a lost challenge's setting is found instead. See app.h.
 */
#include <stdlib.h>
#include <string.h>

#include "key_password.h"
#include "record.h"

/* Every key passes through here. The self-tests that need no memory ran when the context was made.
 */
enum outcome app_before_any_key(struct app *app)
{
    size_t len = coffre_self_test_workspace();

    if (app->tested) return OUT_OK;
    uint8_t *workspace = malloc(len);
    if (workspace == NULL)
        return fail(&app->problem, OUT_ENVIRONMENT, "no memory for the library's self-tests");
    coffre_status status = coffre_self_test(&app->context, workspace, len);
    free(workspace);
    app->tested = status == COFFRE_OK;
    return app->tested ? OUT_OK : fail_status(&app->problem, status, "the library's self-tests");
}

/* Otherwise a directory that holds nothing is a mistake, and not a password's whose challenge was
 * lost. */
static bool password_is_meant(const struct app *app)
{
    return app->options.password || app->options.password_file != NULL;
}

static enum outcome visit_record(void *user, const char *name)
{
    size_t len = strlen(name);

    if (len < 4 || len >= OBJECT_NAME_SIZE || strcmp(name + len - 4, ".rec") != 0) return OUT_OK;
    memcpy(user, name, len + 1);
    return OUT_REFUSED; /* one is enough */
}

/* A record that a password opens, if there is one: the repository's own, or any restore point's. */
static enum outcome find_setting(struct app *app, char name[OBJECT_NAME_SIZE], uint8_t **bytes,
                                 size_t *len)
{
    const struct block_store *blocks = &app->blocks;
    struct problem *problem = &app->problem;

    memcpy(name, REPOSITORY_RECORD, sizeof REPOSITORY_RECORD);
    enum outcome outcome = store_get(blocks, problem, name, RECORD_MAX, bytes, len);
    if (outcome == OUT_OK && key_password_names(*bytes, *len)) return OUT_OK;
    free(*bytes);
    *bytes = NULL;
    if (outcome != OUT_OK && outcome != OUT_MISSING) return outcome;
    if (app->meta.self != NULL &&
        app->meta.get_record(app->meta.self, name, bytes, len) == OUT_OK) {
        if (key_password_names(*bytes, *len)) return OUT_OK;
        free(*bytes);
        *bytes = NULL;
    }
    name[0] = '\0';
    blocks->list(blocks->self, "points/", visit_record, name);
    if (name[0] != '\0') outcome = store_get(blocks, problem, name, RECORD_MAX, bytes, len);
    if (outcome == OUT_OK && *bytes != NULL && key_password_names(*bytes, *len)) return OUT_OK;
    return fail(problem, OUT_MISSING, "no password opens a record of %s", app->options.repo);
}

/* The setting is anybody's claim: the record has to open, so that a wrong password is never given a
 * challenge of its own. */
static enum outcome prove(struct app *app, const char *name, const uint8_t *bytes, size_t len)
{
    coffre_record record = {0};
    coffre_record_keys opened = {0};
    coffre_challenge_report report;
    coffre_status status = coffre_record_read(bytes, len, &record);
    enum outcome outcome = OUT_OK;

    if (status == COFFRE_OK)
        status = coffre_record_open(&app->context, NULL, &app->keys.identity, &record, &opened);
    if (status != COFFRE_OK) {
        record_describe(&record, &app->keys, &report);
        outcome = record_explain(app, status, &app->keys, name, 0, &report);
    }
    coffre_record_keys_wipe(&opened);
    coffre_record_wipe(&record);
    return outcome;
}

enum outcome app_derive_keys(struct app *app, const struct password *password)
{
    char name[OBJECT_NAME_SIZE];
    uint8_t *bytes = NULL;
    size_t len = 0;
    enum outcome outcome = find_setting(app, name, &bytes, &len);

    if (outcome == OUT_OK) {
        outcome = key_password_derive(&app->problem, &app->context, app->options.keys, password,
                                      bytes, len, name, &app->keys);
    }
    if (outcome == OUT_OK) outcome = prove(app, name, bytes, len);
    free(bytes);
    return outcome;
}

static enum outcome load_without_challenge(struct app *app)
{
    struct password password;
    struct problem said = app->problem;
    enum outcome outcome = password_read(&app->problem, app->options.password_file,
                                         app->options.keys, false, &password);

    if (outcome == OUT_OK) outcome = app_derive_keys(app, &password);
    password_wipe(&password);
    if (outcome == OUT_MISSING) app->problem = said; /* no password was meant after all */
    return outcome;
}

enum outcome app_load_keys(struct app *app)
{
    const struct options *options = &app->options;
    enum outcome outcome = app_before_any_key(app);

    if (outcome != OUT_OK) return outcome;
    outcome = key_dir_load(&app->problem, &app->context, options->keys, options->password_file,
                           false, &app->keys);
    bool nothing = app->keys.kind == KEY_NONE || app->keys.kind == KEY_PUBLIC;
    if (outcome != OUT_MISSING || !nothing || !password_is_meant(app)) return outcome;
    return load_without_challenge(app);
}

enum outcome app_load_other(struct app *app, const char *path, bool public_will_do,
                            struct key_dir *keys)
{
    enum outcome outcome = app_before_any_key(app);

    memset(keys, 0, sizeof *keys);
    return outcome == OUT_OK ? key_dir_load(&app->problem, &app->context, path,
                                            app->options.new_password_file, public_will_do, keys)
                             : outcome;
}
