/* key_dir.c: finds out which key lies in a directory, and loads it. See key_dir.h. */
#include "key_dir.h"

#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "key_password.h"
#include "key_token.h"
#include "text.h"

#define KEY_FILE_MAX  65536
#define CHALLENGE_MAX 65536

static const struct {
    enum key_kind kind;
    const char *file;
} KEY_FILES[] = {
    {KEY_PAIR, PRIVATE_KEY_FILE},
    {KEY_KEK, KEK_FILE},
    {KEY_TOKEN, TOKEN_FILE},
};
#define KEY_FILE_COUNT (sizeof KEY_FILES / sizeof KEY_FILES[0])

const char *key_kind_name(enum key_kind kind)
{
    static const char *const names[] = {"none",     "P-256 pair",     "KEK",
                                        "password", "key in a token", "public key"};
    return names[kind];
}

static enum outcome look(struct problem *problem, const char *directory, const char *name,
                         bool *exists)
{
    char path[PATH_MAX];
    enum outcome outcome = path_join(problem, directory, name, path);

    *exists = false;
    return outcome == OUT_OK ? path_look(problem, path, exists) : outcome;
}

/* One that is damaged names no password, and neither does one that is gone. */
static enum outcome challenge_has_password(struct problem *problem, const char *path, bool *has)
{
    struct problem unused;
    uint8_t *bytes;
    size_t len;

    *has = false;
    enum outcome outcome = key_dir_challenge(&unused, path, &bytes, &len);
    if (outcome == OUT_ENVIRONMENT) *problem = unused;
    if (outcome == OUT_OK) *has = key_password_names(bytes, len);
    free(bytes);
    return outcome == OUT_ENVIRONMENT ? outcome : OUT_OK;
}

enum outcome key_dir_find(struct problem *problem, const char *path, enum key_kind *kind)
{
    enum outcome outcome = path_is_directory(problem, path);
    const char *first = NULL;
    bool exists;

    *kind = KEY_NONE;
    if (outcome == OUT_MISSING) return OUT_OK; /* then the keys are, and that says more */
    for (size_t i = 0; outcome == OUT_OK && i < KEY_FILE_COUNT; i++) {
        outcome = look(problem, path, KEY_FILES[i].file, &exists);
        if (outcome != OUT_OK || !exists) continue;
        if (first != NULL) {
            return fail(problem, OUT_USAGE,
                        "%s holds two keys, %s and %s. Move one of them to a directory of its own",
                        path, first, KEY_FILES[i].file);
        }
        first = KEY_FILES[i].file;
        *kind = KEY_FILES[i].kind;
    }
    if (outcome != OUT_OK || first != NULL) return outcome;
    outcome = challenge_has_password(problem, path, &exists);
    if (outcome == OUT_OK && exists) *kind = KEY_PASSWORD;
    if (outcome != OUT_OK || exists) return outcome;
    outcome = look(problem, path, PUBLIC_KEY_FILE, &exists);
    if (outcome == OUT_OK && exists) *kind = KEY_PUBLIC;
    return outcome;
}

static bool contains(const uint8_t *bytes, size_t len, const char *text)
{
    size_t wanted = strlen(text);

    for (size_t i = 0; i + wanted <= len; i++) {
        if (memcmp(bytes + i, text, wanted) == 0) return true;
    }
    return false;
}

/* What OpenSSL writes and the library does not read, and how to make it what is read. */
static const char *other_form(const uint8_t *bytes, size_t len)
{
    if (contains(bytes, len, "BEGIN ENCRYPTED PRIVATE KEY") || contains(bytes, len, ",ENCRYPTED")) {
        return "an encrypted one. `openssl pkcs8 -topk8 -nocrypt -in OLD -out NEW` takes the"
               " password away";
    }
    if (contains(bytes, len, "BEGIN EC PARAMETERS")) {
        return "the curve's parameters before the key, as `openssl ecparam -genkey` writes them."
               " `openssl pkey -in OLD -out NEW` writes the key alone";
    }
    return NULL;
}

enum outcome key_dir_describe(struct problem *problem, coffre_status status, const char *expected,
                              struct key_dir *keys)
{
    bool opens = keys->kind != KEY_PUBLIC;

    if (status == COFFRE_OK && opens)
        status = coffre_identity_recipient(&keys->identity, &keys->recipient);
    if (status == COFFRE_OK) status = coffre_recipient_id(&keys->recipient, keys->key_id);
    if (status == COFFRE_OK) return OUT_OK;
    return fail_status(
        problem, status,
        "%s: expected %s. Put the key back from its safe copy; what was found is refused",
        keys->key_file, expected);
}

/* A private key, a KEK or a public key: all of it stands in the file. */
static enum outcome load_file(struct problem *problem, const coffre_context *context,
                              struct key_dir *keys)
{
    uint8_t *bytes;
    size_t len;
    coffre_status status;
    const char *hint = NULL;
    enum outcome outcome = file_read(problem, keys->key_file, KEY_FILE_MAX, &bytes, &len);

    if (outcome != OUT_OK) return outcome;
    if (keys->kind == KEY_PAIR)
        status = coffre_identity_read(context, bytes, len, &keys->identity);
    else if (keys->kind == KEY_KEK)
        status = coffre_identity_from_kek(context, bytes, len, &keys->identity);
    else
        status = coffre_recipient_read(context, bytes, len, &keys->recipient);
    if (keys->kind == KEY_PAIR && status == COFFRE_ERR_BAD_KEY_FILE) hint = other_form(bytes, len);
    wipe_bytes(bytes, len);
    free(bytes);
    if (hint != NULL) {
        return fail(problem, OUT_CORRUPT, "%s: expected a P-256 private key in PKCS#8, found %s",
                    keys->key_file, hint);
    }
    return key_dir_describe(problem, status,
                            keys->kind == KEY_PAIR  ? "a P-256 private key in PKCS#8"
                            : keys->kind == KEY_KEK ? "a key of exactly 32 bytes"
                                                    : "a P-256 public key in SPKI",
                            keys);
}

static enum outcome load_password(struct problem *problem, const coffre_context *context,
                                  const char *password_file, struct key_dir *keys)
{
    struct password password = {.len = 0};
    char challenge[PATH_MAX];
    uint8_t *bytes;
    size_t len;
    enum outcome outcome = key_dir_challenge(problem, keys->path, &bytes, &len);

    memcpy(challenge, keys->key_file, sizeof challenge);
    if (outcome == OUT_OK)
        outcome = password_read(problem, password_file, keys->path, false, &password);
    if (outcome == OUT_OK) {
        outcome = key_password_derive(problem, context, keys->path, &password, bytes, len,
                                      challenge, keys);
    }
    password_wipe(&password);
    free(bytes);
    return outcome;
}

static enum outcome no_key(struct problem *problem, const char *path, bool public_key)
{
    return fail(problem, OUT_MISSING,
                "expected %s or %s in %s, found %s. Name the directory that holds the key with"
                " --keys, or put the key back from its safe copy; `appliance keygen` makes a new"
                " one. Where a password opens the repository, --password asks for it",
                PRIVATE_KEY_FILE, KEK_FILE, path, public_key ? "only " PUBLIC_KEY_FILE : "neither");
}

static const char *file_of(enum key_kind kind)
{
    for (size_t i = 0; i < KEY_FILE_COUNT; i++) {
        if (KEY_FILES[i].kind == kind) return KEY_FILES[i].file;
    }
    return kind == KEY_PASSWORD ? CHALLENGE_FILE : PUBLIC_KEY_FILE;
}

enum outcome key_dir_load(struct problem *problem, const coffre_context *context, const char *path,
                          const char *password_file, bool public_will_do, struct key_dir *keys)
{
    memset(keys, 0, sizeof *keys);
    keys->path = path;
    enum outcome outcome = key_dir_find(problem, path, &keys->kind);
    if (outcome != OUT_OK) return outcome;
    if (keys->kind == KEY_NONE || (keys->kind == KEY_PUBLIC && !public_will_do))
        return no_key(problem, path, keys->kind == KEY_PUBLIC);
    outcome = path_join(problem, path, file_of(keys->kind), keys->key_file);
    if (outcome != OUT_OK) return outcome;
    if (keys->kind == KEY_PASSWORD) return load_password(problem, context, password_file, keys);
    if (keys->kind == KEY_TOKEN) return key_token_load(problem, context, keys);
    return load_file(problem, context, keys);
}

enum outcome key_dir_challenge(struct problem *problem, const char *path, uint8_t **bytes,
                               size_t *len)
{
    char file[PATH_MAX];
    enum outcome outcome = path_join(problem, path, CHALLENGE_FILE, file);

    *bytes = NULL;
    if (outcome == OUT_OK) outcome = file_read(problem, file, CHALLENGE_MAX, bytes, len);
    if (outcome != OUT_MISSING) return outcome;
    return fail(problem, OUT_MISSING,
                "expected %s, found nothing. Put it back from its copy, or run `appliance"
                " keygen` on this directory, for a password with --password: it keeps the key and"
                " writes the challenge again",
                file);
}

const char *key_dir_token_problem(const struct key_dir *keys)
{
    return key_token_problem(keys->token);
}

void key_dir_wipe(struct key_dir *keys)
{
    coffre_identity_wipe(&keys->identity);
    coffre_recipient_wipe(&keys->recipient);
    key_token_close(keys->token);
    keys->token = NULL;
}
