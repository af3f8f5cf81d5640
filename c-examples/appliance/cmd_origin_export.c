/* cmd_origin_export.c: takes an origin signature apart, for somebody who trusts openssl and not
 * this program. Needs no key: nothing in it is secret, and nothing is proven here.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "files.h"
#include "origin.h"
#include "text.h"

struct export_files {
    uint8_t message[COFFRE_ORIGIN_MESSAGE_SIZE];
    uint8_t der[COFFRE_ORIGIN_DER_MAX];
    size_t der_len;
    char message_path[PATH_MAX], der_path[PATH_MAX];
};

static enum outcome take_apart(struct app *app, const uint8_t id[16], struct export_files *files)
{
    char name[OBJECT_NAME_SIZE];
    uint8_t *bytes;
    size_t len;

    name_of_point(id, POINT_ORIGIN, name);
    enum outcome outcome =
        store_get(&app->blocks, &app->problem, name, COFFRE_ORIGIN_SIGNATURE_SIZE, &bytes, &len);
    if (outcome != OUT_OK) return outcome;
    coffre_status status = coffre_origin_export(bytes, len, files->message, files->der,
                                                sizeof files->der, &files->der_len);
    free(bytes);
    return status == COFFRE_OK ? OUT_OK : fail_status(&app->problem, status, "%s", name);
}

static enum outcome name_file(struct app *app, const char *id, const char *ending,
                              char path[PATH_MAX])
{
    int len = snprintf(path, PATH_MAX, "%s/%s.%s", app->options.out, id, ending);

    if (len < 0 || len >= PATH_MAX)
        return fail(&app->problem, OUT_USAGE, "path too long: %s", app->options.out);
    return file_must_be_new(&app->problem, path);
}

static enum outcome write_files(struct app *app, const struct export_files *files)
{
    enum outcome outcome = make_directory(&app->problem, app->options.out);

    if (outcome == OUT_OK) {
        outcome = file_new(&app->problem, files->message_path, 0644, files->message,
                           sizeof files->message);
    }
    if (outcome != OUT_OK) return outcome;
    return file_new(&app->problem, files->der_path, 0644, files->der, files->der_len);
}

enum outcome command_origin_export(struct app *app)
{
    struct export_files files = {.der_len = 0};
    coffre_origin_info info;
    uint8_t id[ID_SIZE];
    char id_text[ID_TEXT_SIZE], key_id[COFFRE_KEY_ID_TEXT_SIZE], digest[65];
    bool latest =
        strcmp(app->options.arguments[0], "latest") == 0; /* which one that is, is sealed */

    if (app->options.out == NULL)
        return fail(&app->problem, OUT_USAGE, "origin-export needs --out DIR");
    enum outcome outcome = app_open(app, latest ? APP_KEYS : 0);
    if (outcome == OUT_OK) outcome = point_find(app, app->options.arguments[0], id);
    if (outcome == OUT_OK) outcome = origin_look(app, id, &info);
    if (outcome == OUT_MISSING) {
        return fail(&app->problem, OUT_MISSING, "%s: the restore point is not signed",
                    app->problem.text);
    }
    if (outcome == OUT_OK) outcome = take_apart(app, id, &files);
    if (outcome != OUT_OK) return outcome;
    hex_encode(id, ID_SIZE, id_text);
    outcome = name_file(app, id_text, "message", files.message_path);
    if (outcome == OUT_OK) outcome = name_file(app, id_text, "signature.der", files.der_path);
    if (outcome == OUT_OK) outcome = write_files(app, &files);
    if (outcome != OUT_OK) return outcome;
    coffre_key_id_text(info.key_id, key_id);
    hex_encode(info.manifest_digest, sizeof info.manifest_digest, digest);
    out_text(&app->out, "restore_point", id_text);
    out_text(&app->out, "origin_key_id", key_id);
    out_text(&app->out, "manifest_sha256", digest);
    out_text(&app->out, "message_file", files.message_path);
    out_text(&app->out, "signature_file", files.der_path);
    out_note(&app->out,
             "`openssl dgst -sha256 -verify FILE.pub -signature %s %s` verifies it, and"
             " %s/points/%s/manifest has to have that SHA-256",
             files.der_path, files.message_path, app->options.repo, id_text);
    return OUT_OK;
}
