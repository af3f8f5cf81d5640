/* cmd_keygen.c: makes the operator's key, its challenge, and, for the first key of a repository,
 * the repository record. Run again it keeps what is there and makes what is missing; a key is never
 * overwritten.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "files.h"
#include "repository.h"
#include "text.h"

struct made {
    bool key, public_key, challenge, record;
};

static enum outcome make_key(struct app *app, struct made *made)
{
    char path[PATH_MAX];
    enum outcome outcome =
        key_dir_load(&app->problem, &app->context, app->options.keys, &app->keys);

    if (outcome == OUT_MISSING) {
        outcome = make_directory(&app->problem, app->options.keys);
        if (outcome == OUT_OK) {
            outcome =
                key_dir_generate(&app->problem, &app->context, app->options.keys, app->options.kek);
        }
        if (outcome == OUT_OK)
            outcome = key_dir_load(&app->problem, &app->context, app->options.keys, &app->keys);
        made->key = outcome == OUT_OK;
    }
    if (outcome == OUT_OK)
        outcome = path_join(&app->problem, app->keys.path, PUBLIC_KEY_FILE, path);
    if (outcome != OUT_OK || path_exists(path)) return outcome;
    outcome = key_dir_write_public(&app->problem, &app->keys);
    made->public_key = outcome == OUT_OK && path_exists(path);
    return outcome;
}

static enum outcome make_challenge(struct app *app, struct made *made)
{
    uint8_t *bytes;
    size_t len;
    enum outcome outcome = key_dir_challenge(&app->problem, app->options.keys, &bytes, &len);

    if (outcome == OUT_OK) /* one that is there has to fit: these may be another machine's keys */
        outcome = record_check(app, &app->keys, CHALLENGE_FILE, 0, bytes, len, NULL);
    free(bytes);
    if (outcome != OUT_MISSING) return outcome;
    outcome = key_dir_write_challenge(&app->problem, &app->context, &app->keys,
                                      app->installation.id, app->installation.challenge_generation);
    made->challenge = outcome == OUT_OK;
    return outcome;
}

static enum outcome make_record(struct app *app, struct made *made)
{
    struct record record;
    enum outcome outcome = record_read(app, REPOSITORY_RECORD, &record);

    if (outcome == OUT_OK) {
        if (record_check(app, &app->keys, REPOSITORY_RECORD, 0, record.bytes, record.len, NULL) !=
            OUT_OK) {
            out_note(&app->out,
                     "this key does not open the repository yet: `appliance rekey --new-keys %s` "
                     "makes it do so",
                     app->options.keys);
        }
        record_close(&record);
    } else if (outcome == OUT_MISSING) {
        outcome = repository_create_record(app);
        made->record = outcome == OUT_OK;
    }
    return outcome;
}

enum outcome command_keygen(struct app *app)
{
    struct made made = {0};
    char id[COFFRE_KEY_ID_TEXT_SIZE], digest_text[65] = "";
    coffre_recipient recipient = {0};
    uint8_t digest[32];
    enum outcome outcome = app_open(app, APP_WRITES);

    if (outcome == OUT_OK) outcome = make_key(app, &made);
    if (outcome == OUT_OK) outcome = make_challenge(app, &made);
    if (outcome == OUT_OK) outcome = make_record(app, &made);
    if (outcome != OUT_OK) return outcome;
    if (!made.key && !made.public_key && !made.challenge && !made.record) {
        return fail(&app->problem, OUT_REFUSED,
                    "%s has a key and a challenge already; nothing was changed. Name another"
                    " directory with --keys to make another key",
                    app->options.keys);
    }
    coffre_key_id_text(app->keys.key_id, id);
    if (coffre_identity_recipient(&app->keys.identity, &recipient) == COFFRE_OK) {
        if (coffre_recipient_digest(&recipient, digest) == COFFRE_OK)
            hex_encode(digest, sizeof digest, digest_text);
        coffre_recipient_wipe(&recipient);
    }
    out_text(&app->out, "key_file", app->keys.key_file);
    out_text(&app->out, "key_id", id);
    if (digest_text[0] != '\0') out_text(&app->out, "public_key_sha256", digest_text);
    out_flag(&app->out, "new_key", made.key);
    out_flag(&app->out, "new_challenge", made.challenge);
    out_flag(&app->out, "new_repository_record", made.record);
    return OUT_OK;
}
