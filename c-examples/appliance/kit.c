/* kit.c: recovery kits under their password. See kit.h; kit_text.c reads and writes them. */
#include "kit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *kit_kind_name(const coffre_kit_info *info)
{
    return key_kind_name(info->key_kind == COFFRE_KIT_KEK ? KEY_KEK : KEY_PAIR);
}

const char *kit_cost_text(const coffre_kit_info *info, char text[KIT_COST_SIZE])
{
    if (info->kdf == COFFRE_KDF_PBKDF2)
        snprintf(text, KIT_COST_SIZE, "PBKDF2, %u iterations", (unsigned)info->iterations);
    else
        snprintf(text, KIT_COST_SIZE, "Argon2id, %u passes over %u KiB", (unsigned)info->iterations,
                 (unsigned)info->memory_kib);
    return text;
}

static enum outcome explain_make(struct problem *problem, coffre_status status, uint32_t least_len)
{
    switch (status) {
    case COFFRE_ERR_WEAK_PASSWORD:
        return fail(problem, OUT_POLICY,
                    "the kit's password is too weak: expected at least %u bytes, and 5 different"
                    " ones among them. Several random words make a good one; nothing was written",
                    (unsigned)least_len);
    case COFFRE_ERR_UNSUPPORTED_KEY:
        return fail(problem, OUT_UNSUPPORTED,
                    "a kit holds a P-256 pair or a KEK, and this key is neither: a password is its"
                    " own kit, and a token does not give its key out");
    default:
        return fail_status(problem, status, "cannot make a recovery kit");
    }
}

/* A kit that does not open would be noticed on the day it is needed. */
static enum outcome prove(struct app *app, const coffre_identity *identity,
                          const struct password *password, const struct kit *kit)
{
    coffre_identity opened = {0};
    uint8_t expected[COFFRE_KEY_ID_SIZE], found[COFFRE_KEY_ID_SIZE];
    enum outcome outcome = kit_open(app, kit, password, &opened);

    if (outcome != OUT_OK) return outcome;
    coffre_status status = coffre_identity_id(identity, expected);
    if (status == COFFRE_OK) status = coffre_identity_id(&opened, found);
    coffre_identity_wipe(&opened);
    if (status != COFFRE_OK) return fail_status(&app->problem, status, "the new kit");
    if (memcmp(expected, found, sizeof found) == 0) return OUT_OK;
    return fail(&app->problem, OUT_INTERNAL, "the new kit holds another key");
}

enum outcome kit_make(struct app *app, const coffre_identity *identity,
                      const struct password *password, bool argon2id, struct kit *kit)
{
    coffre_password_options options = COFFRE_PASSWORD_OPTIONS_INIT;
    uint8_t *workspace = NULL;
    size_t workspace_len = 0, len = 0;
    enum outcome outcome = OUT_OK;

    if (argon2id) {
        options.kdf = COFFRE_KDF_ARGON2ID;
        outcome = password_lend(&app->problem, "the kit's password", options.memory_kib,
                                &workspace, &workspace_len);
    }
    if (outcome != OUT_OK) return outcome;
    coffre_status status =
        coffre_kit_create(&app->context, identity, &options, password->bytes, password->len,
                          workspace, workspace_len, kit->bytes, sizeof kit->bytes, &len);
    free(workspace); /* the library has zeroed it */
    if (status == COFFRE_OK) status = coffre_kit_inspect(kit->bytes, len, &kit->info);
    return status == COFFRE_OK ? prove(app, identity, password, kit)
                               : explain_make(&app->problem, status, options.least_len);
}

static enum outcome explain_open(struct problem *problem, coffre_status status,
                                 const coffre_kit_info *info)
{
    char id[COFFRE_KEY_ID_TEXT_SIZE], cost[KIT_COST_SIZE];

    coffre_key_id_text(info->key_id, id);
    switch (status) {
    case COFFRE_ERR_WRONG_PASSWORD:
        return fail(problem, OUT_WRONG_KEY,
                    "this is not the password of the recovery kit of %s; nothing was changed", id);
    case COFFRE_ERR_OVER_COST:
        return fail(problem, OUT_POLICY,
                    "the recovery kit of %s would cost more than the policy allows (%s). It was"
                    " altered, or made by a program that allows more; nothing was derived",
                    id, kit_cost_text(info, cost));
    default:
        return fail_status(problem, status, "the recovery kit of %s", id);
    }
}

enum outcome kit_open(struct app *app, const struct kit *kit, const struct password *password,
                      coffre_identity *identity)
{
    uint8_t *workspace;
    size_t workspace_len;
    enum outcome outcome = password_lend(&app->problem, "the kit's password", kit->info.memory_kib,
                                         &workspace, &workspace_len);

    if (outcome != OUT_OK) return outcome;
    coffre_status status =
        coffre_kit_open(&app->context, NULL, kit->bytes, sizeof kit->bytes, password->bytes,
                        password->len, workspace, workspace_len, identity);
    free(workspace);
    return status == COFFRE_OK ? OUT_OK : explain_open(&app->problem, status, &kit->info);
}
