/* key_token.c: see key_token.h. Compiled with WITH_TOKENS where p11-kit's header is installed; the
 * Makefile looks. */
#include "key_token.h"

#ifndef WITH_TOKENS

static enum outcome refuse(struct problem *problem, const char *what)
{
    return fail(problem, OUT_UNSUPPORTED,
                "%s: this program was built without support for tokens. Install libp11-kit-dev and"
                " build it again",
                what);
}

enum outcome key_token_load(struct problem *problem, const coffre_context *context,
                            struct key_dir *keys)
{
    (void)context;
    return refuse(problem, keys->key_file);
}

enum outcome key_token_make(struct problem *problem, const struct token_conf *conf, bool *made)
{
    *made = false;
    return refuse(problem, conf->token);
}

const char *key_token_problem(const struct key_token *token)
{
    (void)token;
    return "";
}

void key_token_close(struct key_token *token)
{
    (void)token;
}

#else

#include <stdlib.h>
#include <string.h>

#include "../hsm/token.h"
#include "password.h"

struct key_token {
    struct token token;
    struct token_key key;
};

static enum outcome fail_token(struct problem *problem, enum token_result result,
                               const struct token *token)
{
    enum outcome outcome = result == TOKEN_UNFIT         ? OUT_UNSUPPORTED
                           : result == TOKEN_NOT_FOUND   ? OUT_MISSING
                           : result == TOKEN_UNAVAILABLE ? OUT_ENVIRONMENT
                                                         : OUT_REFUSED;
    return fail(problem, outcome, "%s", token->problem);
}

/* The PIN's file is read as a password's. */
static enum outcome open_token(struct problem *problem, const struct token_conf *conf,
                               bool may_change, struct token *token)
{
    struct password pin = {.len = 0};
    struct token_login login = {
        .module = conf->module, .label = conf->token, .may_change = may_change};
    enum outcome outcome = OUT_OK;

    if (conf->pin_file[0] != '\0') {
        outcome = password_read(problem, conf->pin_file, conf->token, false, &pin);
        login.pin = pin.bytes;
        login.pin_len = pin.len;
    }
    if (outcome == OUT_OK) {
        enum token_result result = token_open(&login, token);
        if (result != TOKEN_OK) outcome = fail_token(problem, result, token);
    }
    password_wipe(&pin);
    return outcome;
}

static enum token_kind kind_of(const struct token_conf *conf)
{
    return conf->p256 ? TOKEN_P256 : TOKEN_AES;
}

static enum outcome use_aes(struct problem *problem, const coffre_context *context,
                            const struct token_conf *conf, struct key_dir *keys)
{
    coffre_key_service service = COFFRE_KEY_SERVICE_INIT;
    char name[TOKEN_NAME_SIZE];
    enum token_result result = token_key_name(&keys->token->token, conf->key, name);

    if (result != TOKEN_OK) return fail_token(problem, result, &keys->token->token);
    service.name = name;
    service.wrap = token_wrap;
    service.unwrap = token_unwrap;
    service.user = &keys->token->key;
    return key_dir_describe(problem, coffre_identity_external(context, &service, &keys->identity),
                            "a key in a token", keys);
}

static enum outcome use_p256(struct problem *problem, const coffre_context *context,
                             const struct token_conf *conf, struct key_dir *keys)
{
    uint8_t spki[TOKEN_SPKI_SIZE];
    coffre_recipient public_key = {0};
    enum token_result result = token_public_key(&keys->token->token, conf->key, spki);

    if (result != TOKEN_OK) return fail_token(problem, result, &keys->token->token);
    coffre_status status = coffre_recipient_read(context, spki, sizeof spki, &public_key);
    if (status == COFFRE_OK) {
        status = coffre_identity_token(context, &public_key, token_ecdh, &keys->token->key,
                                       &keys->identity);
    }
    coffre_recipient_wipe(&public_key);
    return key_dir_describe(problem, status, "a P-256 key in a token", keys);
}

enum outcome key_token_load(struct problem *problem, const coffre_context *context,
                            struct key_dir *keys)
{
    struct token_conf conf;
    enum outcome outcome = token_conf_read(problem, keys->key_file, &conf);

    if (outcome != OUT_OK) return outcome;
    keys->token = calloc(1, sizeof *keys->token); /* the identity points to it */
    if (keys->token == NULL) return fail(problem, OUT_ENVIRONMENT, "no memory for a token");
    outcome = open_token(problem, &conf, false, &keys->token->token);
    if (outcome != OUT_OK) return outcome;
    enum token_result result =
        token_find(&keys->token->token, kind_of(&conf), conf.key, &keys->token->key);
    if (result != TOKEN_OK) return fail_token(problem, result, &keys->token->token);
    return conf.p256 ? use_p256(problem, context, &conf, keys)
                     : use_aes(problem, context, &conf, keys);
}

enum outcome key_token_make(struct problem *problem, const struct token_conf *conf, bool *made)
{
    struct token token;
    struct token_key key;

    *made = false;
    enum outcome outcome = open_token(problem, conf, true, &token);
    if (outcome != OUT_OK) return outcome;
    enum token_result result = token_find(&token, kind_of(conf), conf->key, &key);
    if (result == TOKEN_NOT_FOUND) {
        result = conf->p256 ? token_generate_p256(&token, conf->key)
                            : token_generate_aes(&token, conf->key);
        *made = result == TOKEN_OK;
    }
    if (result != TOKEN_OK) outcome = fail_token(problem, result, &token);
    token_close(&token);
    return outcome;
}

const char *key_token_problem(const struct key_token *token)
{
    return token != NULL ? token->token.problem : "";
}

void key_token_close(struct key_token *token)
{
    if (token != NULL) token_close(&token->token);
    free(token);
}

#endif
