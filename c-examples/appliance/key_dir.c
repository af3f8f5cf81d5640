/* key_dir.c: see key_dir.h. */
#include "key_dir.h"

#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "text.h"

#define KEK_SIZE      32
#define CHALLENGE_MAX 65536

static enum outcome look_for_keys(struct problem *problem, const char *path, const char *pair_path,
                                  const char *kek_path, bool *pair, bool *kek)
{
    enum outcome outcome = path_is_directory(problem, path);

    if (outcome == OUT_MISSING) return OUT_OK; /* then the keys are, and that says more */
    if (outcome == OUT_OK) outcome = path_look(problem, pair_path, pair);
    return outcome == OUT_OK ? path_look(problem, kek_path, kek) : outcome;
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

enum outcome key_dir_load(struct problem *problem, const coffre_context *context, const char *path,
                          struct key_dir *keys)
{
    char pair_path[PATH_MAX], kek_path[PATH_MAX], public_path[PATH_MAX];
    uint8_t *bytes;
    size_t len;
    bool pair = false, kek = false;

    memset(keys, 0, sizeof *keys);
    keys->path = path;
    enum outcome outcome = path_join(problem, path, PRIVATE_KEY_FILE, pair_path);
    if (outcome == OUT_OK) outcome = path_join(problem, path, KEK_FILE, kek_path);
    if (outcome == OUT_OK) outcome = path_join(problem, path, PUBLIC_KEY_FILE, public_path);
    if (outcome != OUT_OK) return outcome;
    outcome = look_for_keys(problem, path, pair_path, kek_path, &pair, &kek);
    if (outcome != OUT_OK) return outcome;
    if (pair && kek) {
        return fail(problem, OUT_USAGE,
                    "%s holds two keys, %s and %s. Move one of them to a directory of its own",
                    path, PRIVATE_KEY_FILE, KEK_FILE);
    }
    if (!pair && !kek) {
        return fail(problem, OUT_MISSING,
                    "expected %s or %s in %s, found %s. Name the directory that holds the"
                    " key with --keys, or put the key back from its safe copy; `appliance keygen` "
                    "makes a new one",
                    PRIVATE_KEY_FILE, KEK_FILE, path,
                    path_exists(public_path) ? "only " PUBLIC_KEY_FILE : "neither");
    }
    memcpy(keys->key_file, pair ? pair_path : kek_path, sizeof keys->key_file);
    outcome = file_read(problem, keys->key_file, 65536, &bytes, &len);
    if (outcome != OUT_OK) return outcome;
    coffre_status status = pair ? coffre_identity_read(context, bytes, len, &keys->identity)
                                : coffre_identity_from_kek(context, bytes, len, &keys->identity);
    const char *hint = pair && status == COFFRE_ERR_BAD_KEY_FILE ? other_form(bytes, len) : NULL;
    wipe_bytes(bytes, len);
    free(bytes);
    if (hint != NULL) {
        return fail(problem, OUT_CORRUPT, "%s: expected a P-256 private key in PKCS#8, found %s",
                    keys->key_file, hint);
    }
    if (status == COFFRE_OK) status = coffre_identity_id(&keys->identity, keys->key_id);
    if (status == COFFRE_OK) return OUT_OK;
    return fail_status(
        problem, status,
        "%s: expected %s. Put the key back from its safe copy; what was found is refused",
        keys->key_file, pair ? "a P-256 private key in PKCS#8" : "a key of exactly 32 bytes");
}

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

enum outcome key_dir_write_public(struct problem *problem, const struct key_dir *keys)
{
    coffre_recipient recipient = {0};
    uint8_t file[COFFRE_KEY_FILE_MAX], digest[32];
    size_t len = 0;
    coffre_status status = coffre_identity_recipient(&keys->identity, &recipient);

    if (status == COFFRE_OK &&
        coffre_recipient_digest(&recipient, digest) != COFFRE_OK) { /* a KEK has no public half */
        coffre_recipient_wipe(&recipient);
        return OUT_OK;
    }
    if (status == COFFRE_OK)
        status = coffre_recipient_write(&recipient, COFFRE_KEY_FILE_PEM, file, sizeof file, &len);
    coffre_recipient_wipe(&recipient);
    if (status != COFFRE_OK) return fail_status(problem, status, "cannot write the public key");
    return file_replace(problem, keys->path, PUBLIC_KEY_FILE, 0644, file, len);
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
                " keygen` on this directory: it keeps the key and writes the challenge again",
                file);
}

enum outcome key_dir_write_challenge(struct problem *problem, coffre_context *context,
                                     const struct key_dir *keys, const uint8_t instance_id[16],
                                     uint64_t generation)
{
    uint8_t challenge[1024];
    size_t len = 0;
    coffre_recipient recipient = {0};
    coffre_status status = coffre_identity_recipient(&keys->identity, &recipient);

    if (status == COFFRE_OK) {
        status = coffre_challenge_create(context, &recipient, instance_id, generation, challenge,
                                         sizeof challenge, &len);
    }
    coffre_recipient_wipe(&recipient);
    if (status != COFFRE_OK)
        return fail_status(problem, status, "cannot make a challenge for %s", keys->path);
    return file_replace(problem, keys->path, CHALLENGE_FILE, 0644, challenge, len);
}

void key_dir_wipe(struct key_dir *keys)
{
    coffre_identity_wipe(&keys->identity);
}
