/* key_dir_write.c: makes keys, and writes the files of a keys directory. See key_dir.h. */
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "key_dir.h"
#include "key_token.h"
#include "text.h"
#include "token_conf.h"

#define KEK_SIZE 32

static enum outcome write_pair(struct problem *problem, const char *path,
                               const coffre_identity *identity)
{
    uint8_t file[COFFRE_KEY_FILE_MAX];
    size_t len = 0;
    coffre_status status =
        coffre_identity_write(identity, COFFRE_KEY_FILE_PEM, file, sizeof file, &len);

    if (status != COFFRE_OK) return fail_status(problem, status, "cannot write the private key");
    enum outcome outcome = file_replace(problem, path, PRIVATE_KEY_FILE, 0600, file, len);
    wipe_bytes(file, sizeof file);
    return outcome;
}

enum outcome key_dir_generate(struct problem *problem, coffre_context *context, const char *path,
                              bool kek)
{
    coffre_identity identity = {0};
    uint8_t bytes[KEK_SIZE];
    coffre_status status;
    enum outcome outcome = OUT_OK;

    if (kek) {
        status = coffre_random_bytes(context, bytes, sizeof bytes);
        if (status == COFFRE_OK)
            outcome = file_replace(problem, path, KEK_FILE, 0600, bytes, sizeof bytes);
        wipe_bytes(bytes, sizeof bytes);
    } else {
        status = coffre_identity_generate(context, &identity);
        if (status == COFFRE_OK) outcome = write_pair(problem, path, &identity);
        coffre_identity_wipe(&identity);
    }
    return status == COFFRE_OK ? outcome : fail_status(problem, status, "cannot make a key");
}

enum outcome key_dir_take_token(struct problem *problem, const char *path, const char *description,
                                bool *made_key)
{
    struct token_conf conf;
    uint8_t *bytes;
    size_t len;
    enum outcome outcome = token_conf_read(problem, description, &conf);

    if (outcome == OUT_OK) outcome = key_token_make(problem, &conf, made_key);
    if (outcome == OUT_OK) outcome = file_read(problem, description, TOKEN_CONF_MAX, &bytes, &len);
    if (outcome != OUT_OK) return outcome;
    outcome = file_replace(problem, path, TOKEN_FILE, 0600, bytes, len);
    free(bytes);
    return outcome;
}

enum outcome key_dir_write_public(struct problem *problem, const struct key_dir *keys)
{
    uint8_t file[COFFRE_KEY_FILE_MAX], digest[32];
    size_t len = 0;

    if (coffre_recipient_digest(&keys->recipient, digest) != COFFRE_OK)
        return OUT_OK; /* it has no public half */
    coffre_status status =
        coffre_recipient_write(&keys->recipient, COFFRE_KEY_FILE_PEM, file, sizeof file, &len);
    if (status != COFFRE_OK) return fail_status(problem, status, "cannot write the public key");
    return file_replace(problem, keys->path, PUBLIC_KEY_FILE, 0644, file, len);
}

enum outcome key_dir_write_challenge(struct problem *problem, coffre_context *context,
                                     const struct key_dir *keys, const uint8_t instance_id[16],
                                     uint64_t generation)
{
    size_t len = 0, cap = coffre_record_size(coffre_recipient_stanza_size(&keys->recipient), 0);
    uint8_t *challenge = malloc(cap);

    if (challenge == NULL) return fail(problem, OUT_ENVIRONMENT, "no memory for a challenge");
    coffre_status status = coffre_challenge_create(context, &keys->recipient, instance_id,
                                                   generation, challenge, cap, &len);
    enum outcome outcome =
        status == COFFRE_OK
            ? file_replace(problem, keys->path, CHALLENGE_FILE, 0644, challenge, len)
            : fail_status(problem, status, "cannot make a challenge for %s%s%s", keys->path,
                          status == COFFRE_ERR_CALLBACK ? ", " : "",
                          status == COFFRE_ERR_CALLBACK ? key_dir_token_problem(keys) : "");
    free(challenge);
    return outcome;
}
