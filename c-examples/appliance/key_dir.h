/* key_dir.h: the directory with the operator's key and its challenge. It knows the files' names and
 * modes, which kind of key they make, and nothing of the repository.
 */
#ifndef APPLIANCE_KEY_DIR_H
#define APPLIANCE_KEY_DIR_H

#include <limits.h>
#include <stdbool.h>

#include "outcome.h"

#define PRIVATE_KEY_FILE "private.pem" /* mode 0600: PKCS#8, `openssl pkey` reads it */
#define PUBLIC_KEY_FILE  "public.pem"  /* SPKI */
#define KEK_FILE         "kek.bin"     /* mode 0600: 32 bytes; instead of the pair */
#define TOKEN_FILE       "token.conf"  /* which key in which token; token_conf.h */
#define CHALLENGE_FILE   "challenge.rec"
/* A password has no file: its setting stands in the challenge. */

enum key_kind { KEY_NONE, KEY_PAIR, KEY_KEK, KEY_PASSWORD, KEY_TOKEN, KEY_PUBLIC };

struct key_token; /* key_token.h */

struct key_dir {
    const char *path;
    enum key_kind kind;
    char key_file[PATH_MAX];  /* the file that the key, or a password's setting, came from */
    coffre_identity identity; /* zeroed of KEY_PUBLIC, which opens nothing */
    coffre_recipient recipient;
    uint8_t key_id[COFFRE_KEY_ID_SIZE];
    char hint[COFFRE_RECIPIENT_TEXT_SIZE]; /* of a password; or empty */
    struct key_token *token;               /* or NULL */
};

/* Which kind of key lies there: KEY_NONE when there is none, also without the directory;
 * KEY_PUBLIC: a public key and nothing that opens. */
enum outcome key_dir_find(struct problem *problem, const char *path, enum key_kind *kind);
const char *key_kind_name(enum key_kind kind);

/* Makes identity and recipient of what lies there. A password is read from that file, or with NULL
 * from the terminal. OUT_MISSING: there is no key; OUT_CORRUPT, OUT_UNSUPPORTED: not one that can
 * be used. KEY_PUBLIC is OUT_MISSING unless `public_will_do`. key_dir_wipe always. */
enum outcome key_dir_load(struct problem *problem, const coffre_context *context, const char *path,
                          const char *password_file, bool public_will_do, struct key_dir *keys);

/* Make a key in a directory that has none, and write its file. Passwords: key_password.h. */
enum outcome key_dir_generate(struct problem *problem, coffre_context *context, const char *path,
                              bool kek);
/* Copies the description of a key in a token; makes that key if the token has none. */
enum outcome key_dir_take_token(struct problem *problem, const char *path, const char *description,
                                bool *made_key);

/* public.pem, for whoever wants to seal to it. Nothing for keys that have no public half. */
enum outcome key_dir_write_public(struct problem *problem, const struct key_dir *keys);

/* The challenge: malloc'd, OUT_MISSING when it is not there. */
enum outcome key_dir_challenge(struct problem *problem, const char *path, uint8_t **bytes,
                               size_t *len);
enum outcome key_dir_write_challenge(struct problem *problem, coffre_context *context,
                                     const struct key_dir *keys, const uint8_t instance_id[16],
                                     uint64_t generation);

/* Why the token last failed; never NULL. */
const char *key_dir_token_problem(const struct key_dir *keys);

/* Takes over what a key file's identity or recipient says of itself; `status` is how it was made.
 * For the key_dir_*.c files. */
enum outcome key_dir_describe(struct problem *problem, coffre_status status, const char *expected,
                              struct key_dir *keys);

void key_dir_wipe(struct key_dir *keys);

#endif
