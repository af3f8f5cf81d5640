/* origin_key.c: see origin_key.h. */
#include "origin_key.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "text.h"

static enum outcome read_file(struct app *app, const char *path, uint8_t **bytes, size_t *len)
{
    enum outcome outcome = app_before_any_key(app);
    if (outcome == OUT_OK)
        outcome = file_read(&app->problem, path, 16 * COFFRE_KEY_FILE_MAX, bytes, len);
    if (outcome != OUT_MISSING) return outcome;
    return fail(&app->problem, OUT_MISSING,
                "expected an origin key in %s, found nothing; `appliance origin-key` makes one",
                path);
}

static enum outcome read_key(struct app *app, const char *path, coffre_origin_key *key)
{
    uint8_t *bytes = NULL;
    size_t len = 0;
    enum outcome outcome = read_file(app, path, &bytes, &len);

    if (outcome != OUT_OK) return outcome;
    coffre_status status = coffre_origin_key_read(&app->context, bytes, len, key);
    wipe_bytes(bytes, len);
    free(bytes);
    return status == COFFRE_OK
               ? OUT_OK
               : fail_status(&app->problem, status,
                             "%s: expected the private half of an origin key, P-256 in PKCS#8"
                             " and without a password",
                             path);
}

enum outcome origin_signer_read(struct app *app, const char *path, struct origin_signer *signer)
{
    coffre_origin origin = {0};
    enum outcome outcome = read_key(app, path, &signer->key);

    if (outcome != OUT_OK) return outcome;
    coffre_status status = coffre_origin_key_public(&signer->key, &origin);
    if (status == COFFRE_OK) status = coffre_origin_id(&origin, signer->key_id);
    coffre_origin_wipe(&origin);
    return status == COFFRE_OK ? OUT_OK : fail_status(&app->problem, status, "%s", path);
}

void origin_signer_wipe(struct origin_signer *signer)
{
    coffre_origin_key_wipe(&signer->key);
}

enum outcome origin_read(struct app *app, const char *path, coffre_origin *origin)
{
    uint8_t *bytes = NULL;
    size_t len = 0;
    enum outcome outcome = read_file(app, path, &bytes, &len);

    if (outcome != OUT_OK) return outcome;
    coffre_status status = coffre_origin_read(&app->context, bytes, len, origin);
    wipe_bytes(bytes, len); /* it may be the private half, by mistake */
    free(bytes);
    return status == COFFRE_OK
               ? OUT_OK
               : fail_status(&app->problem, status,
                             "%s: expected the public half of an origin key, FILE%s", path,
                             ORIGIN_PUBLIC_SUFFIX);
}

static enum outcome write_private(struct app *app, const char *path, const coffre_origin_key *key)
{
    uint8_t file[COFFRE_KEY_FILE_MAX];
    size_t len = 0;
    coffre_status status =
        coffre_origin_key_write(key, COFFRE_KEY_FILE_PEM, file, sizeof file, &len);
    enum outcome outcome = status == COFFRE_OK
                               ? file_new(&app->problem, path, 0600, file, len)
                               : fail_status(&app->problem, status, "cannot write an origin key");

    wipe_bytes(file, sizeof file);
    return outcome;
}

static enum outcome write_public(struct app *app, const char *path, const coffre_origin *origin)
{
    uint8_t file[COFFRE_KEY_FILE_MAX];
    size_t len = 0;
    coffre_status status =
        coffre_origin_write(origin, COFFRE_KEY_FILE_PEM, file, sizeof file, &len);

    return status == COFFRE_OK ? file_new(&app->problem, path, 0644, file, len)
                               : fail_status(&app->problem, status, "cannot write the public half");
}

/* FILE is there: it is read, not made. */
static enum outcome make_key(struct app *app, const char *path, bool exists, coffre_origin *origin)
{
    coffre_origin_key key = {0};
    coffre_status status = COFFRE_OK;
    enum outcome outcome = exists ? read_key(app, path, &key) : OUT_OK;

    if (!exists) {
        status = coffre_origin_key_generate(&app->context, &key);
        outcome = status == COFFRE_OK
                      ? write_private(app, path, &key)
                      : fail_status(&app->problem, status, "cannot make an origin key");
    }
    if (outcome == OUT_OK) {
        status = coffre_origin_key_public(&key, origin);
        if (status != COFFRE_OK) outcome = fail_status(&app->problem, status, "%s", path);
    }
    coffre_origin_key_wipe(&key);
    return outcome;
}

enum outcome origin_key_make(struct app *app, const char *path, coffre_origin *origin)
{
    char public_path[PATH_MAX];
    bool has_private, has_public;
    int len = snprintf(public_path, sizeof public_path, "%s%s", path, ORIGIN_PUBLIC_SUFFIX);

    if (len < 0 || len >= PATH_MAX)
        return fail(&app->problem, OUT_USAGE, "path too long: %s", path);
    enum outcome outcome = app_before_any_key(app);
    if (outcome == OUT_OK) outcome = path_look(&app->problem, path, &has_private);
    if (outcome == OUT_OK) outcome = path_look(&app->problem, public_path, &has_public);
    if (outcome != OUT_OK) return outcome;
    if (has_public) {
        return fail(&app->problem, OUT_REFUSED,
                    "%s exists; nothing was changed. Name another file to make another key",
                    public_path);
    }
    outcome = make_key(app, path, has_private, origin);
    return outcome == OUT_OK ? write_public(app, public_path, origin) : outcome;
}
