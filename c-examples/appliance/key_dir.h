/* key_dir.h: the directory with the operator's key and its challenge. It knows the files' names and
 * modes, and nothing of the repository.
 */
#ifndef APPLIANCE_KEY_DIR_H
#define APPLIANCE_KEY_DIR_H

#include <limits.h>
#include <stdbool.h>

#include "outcome.h"

#define PRIVATE_KEY_FILE "private.pem" /* mode 0600: PKCS#8, `openssl pkey` reads it */
#define PUBLIC_KEY_FILE  "public.pem"  /* SPKI */
#define KEK_FILE         "kek.bin"     /* mode 0600: 32 bytes; instead of the pair */
#define CHALLENGE_FILE   "challenge.rec"

struct key_dir {
    const char *path;
    char key_file[PATH_MAX]; /* the file that the identity came from */
    coffre_identity identity;
    uint8_t key_id[COFFRE_KEY_ID_SIZE];
};

/* Reads the private key or KEK. OUT_MISSING: there is none; OUT_CORRUPT, OUT_UNSUPPORTED: not one
 * that can be used. */
enum outcome key_dir_load(struct problem *problem, const coffre_context *context, const char *path,
                          struct key_dir *keys);

/* Makes a key and writes its files; the caller has made sure that there is none. */
enum outcome key_dir_generate(struct problem *problem, coffre_context *context, const char *path,
                              bool kek);

/* public.pem, for whoever wants to seal to it. Nothing for a KEK. */
enum outcome key_dir_write_public(struct problem *problem, const struct key_dir *keys);

/* The challenge: malloc'd, OUT_MISSING when it is not there. */
enum outcome key_dir_challenge(struct problem *problem, const char *path, uint8_t **bytes,
                               size_t *len);
enum outcome key_dir_write_challenge(struct problem *problem, coffre_context *context,
                                     const struct key_dir *keys, const uint8_t instance_id[16],
                                     uint64_t generation);

void key_dir_wipe(struct key_dir *keys);

#endif
