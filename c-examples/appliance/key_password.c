/* key_password.c: see key_password.h. */
#include "key_password.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"

#define LEAST_LEN 15u /* NIST SP 800-63B-4: a password that stands alone */

static bool find_password(const coffre_record *record, coffre_record_recipient *found)
{
    for (size_t i = 0; coffre_record_recipient_at(record, i, found) == COFFRE_OK; i++) {
        if (found->type == COFFRE_RECIPIENT_PBKDF2 || found->type == COFFRE_RECIPIENT_ARGON2ID)
            return true;
    }
    return false;
}

bool key_password_names(const uint8_t *record, size_t len)
{
    coffre_record read = {0};
    coffre_record_recipient recipient;
    bool has =
        coffre_record_read(record, len, &read) == COFFRE_OK && find_password(&read, &recipient);

    coffre_record_wipe(&read);
    return has;
}

static enum outcome explain_set(struct problem *problem, coffre_status status)
{
    switch (status) {
    case COFFRE_ERR_WEAK_PASSWORD:
        return fail(problem, OUT_POLICY,
                    "the password is too weak: expected at least %u bytes, and 5 different ones"
                    " among them. Several random words make a good one; nothing was changed",
                    LEAST_LEN);
    case COFFRE_ERR_TOO_LARGE:
        return fail(problem, OUT_USAGE, "--hint: expected at most 64 bytes");
    case COFFRE_ERR_INVALID_ARGUMENT:
        return fail(problem, OUT_USAGE, "--hint: expected printable text in UTF-8");
    default:
        return fail_status(problem, status, "cannot set a password");
    }
}

static void begin(const char *path, const char *key_file, const char *hint, struct key_dir *keys)
{
    memset(keys, 0, sizeof *keys);
    keys->path = path;
    keys->kind = KEY_PASSWORD;
    snprintf(keys->key_file, sizeof keys->key_file, "%s", key_file);
    snprintf(keys->hint, sizeof keys->hint, "%s", hint);
}

enum outcome key_password_set(struct problem *problem, coffre_context *context, const char *path,
                              const struct password *password,
                              const struct password_setting *setting, struct key_dir *keys)
{
    coffre_password_options options = COFFRE_PASSWORD_OPTIONS_INIT;
    const char *hint = setting->hint != NULL ? setting->hint : "";
    char challenge[PATH_MAX];
    uint8_t *workspace = NULL;
    size_t workspace_len = 0, hint_len = strlen(hint);
    enum outcome outcome = path_join(problem, path, CHALLENGE_FILE, challenge);

    if (outcome != OUT_OK) return outcome;
    begin(path, challenge, hint, keys);
    options.least_len = LEAST_LEN;
    options.hint = (const uint8_t *)hint;
    options.hint_len = hint_len < UINT32_MAX ? (uint32_t)hint_len : UINT32_MAX;
    if (setting->argon2id) {
        options.kdf = COFFRE_KDF_ARGON2ID;
        outcome = password_lend(problem, "the password", options.memory_kib,
                                &workspace, &workspace_len);
    }
    if (outcome != OUT_OK) return outcome;
    coffre_status status = coffre_password_set(context, &options, password->bytes, password->len,
                                               workspace, workspace_len, &keys->identity);
    free(workspace); /* the library has zeroed it */
    return status == COFFRE_OK ? key_dir_describe(problem, status, "a password", keys)
                               : explain_set(problem, status);
}

static enum outcome explain_derive(struct problem *problem, coffre_status status, const char *where,
                                   const coffre_record_recipient *recipient)
{
    if (status != COFFRE_ERR_OVER_COST)
        return fail_status(problem, status, "%s: cannot derive the password's key", where);
    return fail(
        problem, OUT_POLICY,
        "%s: its password would cost %u %s and %u KiB of memory, more than the policy"
        " allows. It was altered, or set by a program that allows more; nothing was derived",
        where, (unsigned)recipient->iterations,
        recipient->type == COFFRE_RECIPIENT_PBKDF2 ? "iterations of PBKDF2" : "passes of Argon2id",
        (unsigned)recipient->memory_kib);
}

static enum outcome derive(struct problem *problem, const coffre_context *context,
                           const struct password *password, const coffre_record *record,
                           const char *where, struct key_dir *keys)
{
    coffre_record_recipient recipient;
    uint8_t *workspace;
    size_t workspace_len;

    if (!find_password(record, &recipient))
        return fail(problem, OUT_MISSING, "%s: no password opens it", where);
    memcpy(keys->hint, recipient.text, sizeof keys->hint);
    enum outcome outcome = password_lend(problem, "the password", recipient.memory_kib,
                                         &workspace, &workspace_len);
    if (outcome != OUT_OK) return outcome;
    coffre_status status =
        coffre_password_derive(context, NULL, record, password->bytes, password->len, workspace,
                               workspace_len, &keys->identity);
    free(workspace);
    return status == COFFRE_OK ? key_dir_describe(problem, status, "a password", keys)
                               : explain_derive(problem, status, where, &recipient);
}

enum outcome key_password_derive(struct problem *problem, const coffre_context *context,
                                 const char *path, const struct password *password,
                                 const uint8_t *record, size_t len, const char *where,
                                 struct key_dir *keys)
{
    coffre_record read = {0};
    coffre_status status = coffre_record_read(record, len, &read);

    begin(path, where, "", keys);
    enum outcome outcome = status == COFFRE_OK
                               ? derive(problem, context, password, &read, where, keys)
                               : fail_status(problem, status, "%s", where);
    coffre_record_wipe(&read);
    return outcome;
}
