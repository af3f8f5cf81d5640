/* cmd_keygen.c: makes the operator's key, its challenge, and, for the first key of a repository,
 * the repository record. Run again it keeps what is there and makes what is missing; a key is never
 * overwritten.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "files.h"
#include "key_password.h"
#include "repository.h"
#include "text.h"

struct made {
    bool key, public_key, challenge, record;
};

/* Taken for a new password a mistyped one would open nothing that there is. */
static enum outcome refuse_mistyped(struct app *app)
{
    struct problem said = app->problem;

    return fail(&app->problem, OUT_WRONG_KEY,
                "%s. Nothing was changed. Another password takes the place of that one on purpose"
                " only: after `appliance remove-key ID` of the old one (`appliance report` lists"
                " its id), in an empty repository, or with a setting of its own (--hint or"
                " --argon2id) for `appliance rekey`",
                said.text);
}

/* The password that opens the repository already has lost its challenge: it keeps its setting. It
 * is a new one where no password opens a record, and so is what was asked for with a setting of its
 * own. */
static enum outcome take_password(struct app *app, const struct password *password,
                                  struct made *made)
{
    const struct options *options = &app->options;
    struct password_setting setting = {options->argon2id, options->hint};
    enum outcome outcome = OUT_MISSING;

    if (!options->argon2id && options->hint == NULL) outcome = app_derive_keys(app, password);
    if (outcome == OUT_WRONG_KEY) return refuse_mistyped(app);
    if (outcome != OUT_MISSING) return outcome;
    key_dir_wipe(&app->keys);
    outcome = key_password_set(&app->problem, &app->context, options->keys, password, &setting,
                               &app->keys);
    made->key = outcome == OUT_OK;
    return outcome;
}

static enum outcome make_password(struct app *app, struct made *made)
{
    struct password password;
    enum outcome outcome = password_read(&app->problem, app->options.password_file,
                                         app->options.keys, true, &password);

    if (outcome == OUT_OK) outcome = take_password(app, &password, made);
    if (outcome == OUT_OK) outcome = make_directory(&app->problem, app->options.keys);
    password_wipe(&password);
    return outcome;
}

static enum outcome make_file(struct app *app, struct made *made)
{
    const struct options *options = &app->options;
    enum outcome outcome = make_directory(&app->problem, options->keys);

    if (outcome == OUT_OK && options->token != NULL) {
        outcome = key_dir_take_token(&app->problem, options->keys, options->token, &made->key);
    } else if (outcome == OUT_OK) {
        outcome = key_dir_generate(&app->problem, &app->context, options->keys, options->kek);
        made->key = outcome == OUT_OK;
    }
    return outcome == OUT_OK ? app_load_keys(app) : outcome;
}

static enum outcome make_key(struct app *app, struct made *made)
{
    const char *path = app->options.keys;
    enum key_kind kind;
    enum outcome outcome = app_before_any_key(app);

    if (outcome == OUT_OK) outcome = key_dir_find(&app->problem, path, &kind);
    if (outcome != OUT_OK) return outcome;
    if (kind == KEY_PUBLIC) {
        return fail(&app->problem, OUT_REFUSED,
                    "%s holds %s alone: the private key belongs to somebody else, or was lost."
                    " Name another directory with --keys to make another key",
                    path, PUBLIC_KEY_FILE);
    }
    if (kind != KEY_NONE) return app_load_keys(app);
    return app->options.password ? make_password(app, made) : make_file(app, made);
}

static enum outcome make_public(struct app *app, struct made *made)
{
    char path[PATH_MAX];
    enum outcome outcome = path_join(&app->problem, app->keys.path, PUBLIC_KEY_FILE, path);

    if (outcome != OUT_OK || path_exists(path)) return outcome;
    outcome = key_dir_write_public(&app->problem, &app->keys);
    made->public_key = outcome == OUT_OK && path_exists(path);
    return outcome;
}

/* After a rekey the challenges of the other keys are stale; those that still open the repository
 * get a new one here. */
static bool is_still_a_key(struct app *app)
{
    struct record record;
    struct problem problem = app->problem;
    bool opens = record_open(app, &app->keys, REPOSITORY_RECORD, &record, NULL) == OUT_OK;

    if (opens) record_close(&record);
    app->problem = problem;
    return opens;
}

static enum outcome make_challenge(struct app *app, struct made *made)
{
    uint64_t lowest = app->installation.challenge_generation;
    uint8_t *bytes;
    size_t len;
    enum outcome outcome = key_dir_challenge(&app->problem, app->options.keys, &bytes, &len);

    if (outcome == OUT_OK) { /* one that is there has to fit: these may be another machine's keys */
        outcome = record_check(app, &app->keys, CHALLENGE_FILE, lowest, bytes, len, NULL);
        if (outcome == OUT_STALE) outcome = is_still_a_key(app) ? OUT_MISSING : OUT_OK;
    }
    free(bytes);
    if (outcome != OUT_MISSING) return outcome;
    outcome = key_dir_write_challenge(&app->problem, &app->context, &app->keys,
                                      app->installation.id, lowest);
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
                     "this key does not open the repository yet: `appliance add-key --new-keys %s`"
                     " makes it do so beside the key that opens it now; `appliance rekey --new-keys"
                     " %s` puts it in that key's place",
                     app->options.keys, app->options.keys);
        }
        record_close(&record);
    } else if (outcome == OUT_MISSING) {
        outcome = repository_create_record(app);
        made->record = outcome == OUT_OK;
    }
    return outcome;
}

static void print_keygen(struct app *app, const struct made *made)
{
    char id[COFFRE_KEY_ID_TEXT_SIZE], digest_text[65] = "";
    uint8_t digest[32];

    coffre_key_id_text(app->keys.key_id, id);
    if (coffre_recipient_digest(&app->keys.recipient, digest) == COFFRE_OK)
        hex_encode(digest, sizeof digest, digest_text);
    out_text(&app->out, "key_file", app->keys.key_file);
    out_text(&app->out, "key_kind", key_kind_name(app->keys.kind));
    out_text(&app->out, "key_id", id);
    if (digest_text[0] != '\0') out_text(&app->out, "public_key_sha256", digest_text);
    out_flag(&app->out, "new_key", made->key);
    out_flag(&app->out, "new_challenge", made->challenge);
    out_flag(&app->out, "new_repository_record", made->record);
}

enum outcome command_keygen(struct app *app)
{
    struct made made = {0};
    enum outcome outcome = app_open(app, APP_WRITES);

    if (outcome == OUT_OK) outcome = make_key(app, &made);
    if (outcome == OUT_OK) outcome = make_public(app, &made);
    if (outcome == OUT_OK) outcome = make_challenge(app, &made);
    if (outcome == OUT_OK) outcome = make_record(app, &made);
    if (outcome != OUT_OK) return outcome;
    if (!made.key && !made.public_key && !made.challenge && !made.record) {
        return fail(&app->problem, OUT_REFUSED,
                    "%s has a key and a challenge already; nothing was changed. Name another"
                    " directory with --keys to make another key",
                    app->options.keys);
    }
    print_keygen(app, &made);
    return OUT_OK;
}
