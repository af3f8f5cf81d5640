/* hsm_commands.c: what the program does, and how a token's keys become coffre's recipients and
 * identities: external_key and p256_key are what an integration takes from here. */
#include "hsm.h"

#include <string.h>

/* A key that wraps in the token. Its recipient wraps when a record is sealed, its identity unwraps
 * when it is opened; `key` has to stay where it is as long as they live. */
static enum exit_code external_key(const coffre_context *context, struct token *token,
                                   const char *label, struct token_key *key,
                                   coffre_identity *identity)
{
    coffre_key_service service = COFFRE_KEY_SERVICE_INIT;
    char name[TOKEN_NAME_SIZE];
    enum token_result result = token_find(token, TOKEN_AES, label, key);

    if (result == TOKEN_OK) result = token_key_name(token, label, name);
    if (result != TOKEN_OK) return fail_token(result, token);
    service.name = name;
    service.sealed_max = TOKEN_SEALED_SIZE;
    service.wrap = token_wrap;
    service.unwrap = token_unwrap;
    service.user = key;
    coffre_status status = coffre_identity_external(context, &service, identity);
    return status == COFFRE_OK ? HSM_OK : fail_status(status, "cannot use the AES key");
}

/* To seal for a P-256 key its public half is enough, which may just as well come from a file. */
static enum exit_code p256_recipient(const coffre_context *context, struct token *token,
                                     const char *label, coffre_recipient *recipient)
{
    uint8_t spki[TOKEN_SPKI_SIZE];
    enum token_result result = token_public_key(token, label, spki);

    if (result != TOKEN_OK) return fail_token(result, token);
    coffre_status status = coffre_recipient_read(context, spki, sizeof spki, recipient);
    return status == COFFRE_OK ? HSM_OK : fail_status(status, "cannot use the public key");
}

static enum exit_code p256_key(const coffre_context *context, struct token *token,
                               const char *label, struct token_key *key, coffre_identity *identity)
{
    coffre_recipient recipient = {0};
    enum exit_code code = p256_recipient(context, token, label, &recipient);

    if (code == HSM_OK) {
        enum token_result result = token_find(token, TOKEN_P256, label, key);
        if (result != TOKEN_OK) code = fail_token(result, token);
    }
    if (code == HSM_OK) {
        coffre_status status =
            coffre_identity_token(context, &recipient, token_ecdh, key, identity);
        if (status != COFFRE_OK) code = fail_status(status, "cannot use the P-256 key");
    }
    coffre_recipient_wipe(&recipient);
    return code;
}

enum exit_code command_keygen(coffre_context *context, struct token *token,
                              const struct options *options)
{
    char name[TOKEN_NAME_SIZE];
    uint8_t pem[COFFRE_KEY_FILE_MAX];
    size_t len = 0;
    coffre_recipient recipient = {0};

    enum token_result result = token_key_name(token, options->label, name);
    if (result == TOKEN_OK) {
        result = options->p256 ? token_generate_p256(token, options->label)
                               : token_generate_aes(token, options->label);
    }
    if (result != TOKEN_OK) return fail_token(result, token);
    printf("made %s %s\n", options->p256 ? "a P-256 pair:" : "an AES-256 key:", name);
    if (!options->p256) return HSM_OK;
    enum exit_code code = p256_recipient(context, token, options->label, &recipient);
    if (code != HSM_OK) return code;
    coffre_status status =
        coffre_recipient_write(&recipient, COFFRE_KEY_FILE_PEM, pem, sizeof pem, &len);
    coffre_recipient_wipe(&recipient);
    if (status != COFFRE_OK) return fail_status(status, "cannot write the public key");
    fwrite(pem, 1, len, stdout); /* for machines that seal and have no token */
    return HSM_OK;
}

enum exit_code command_seal(coffre_context *context, struct token *token,
                            const struct options *options)
{
    struct token_key key;
    coffre_identity aes = {0};
    coffre_recipient recipients[2] = {0};
    enum exit_code code = external_key(context, token, options->label, &key, &aes);

    if (code == HSM_OK) {
        coffre_status status = coffre_identity_recipient(&aes, &recipients[0]);
        if (status != COFFRE_OK) code = fail_status(status, "cannot use the AES key");
    }
    if (code == HSM_OK) code = p256_recipient(context, token, options->label, &recipients[1]);
    if (code == HSM_OK)
        code = seal_file(context, recipients, 2, options->files[0], options->files[1]);
    coffre_recipient_wipe(&recipients[0]);
    coffre_recipient_wipe(&recipients[1]);
    coffre_identity_wipe(&aes);
    return code;
}

enum exit_code command_open(coffre_context *context, struct token *token,
                            const struct options *options)
{
    struct token_key key;
    coffre_identity identity = {0};
    bool aes = strcmp(options->with, "aes") == 0;
    enum exit_code code = aes ? external_key(context, token, options->label, &key, &identity)
                              : p256_key(context, token, options->label, &key, &identity);

    if (code == HSM_OK) code = open_file(context, &identity, options->files[0], options->files[1]);
    coffre_identity_wipe(&identity);
    return code;
}
