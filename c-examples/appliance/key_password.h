/* key_password.h: passwords as keys. One derivation opens every record of that setting. It does not
 * know where passwords come from. */
#ifndef APPLIANCE_KEY_PASSWORD_H
#define APPLIANCE_KEY_PASSWORD_H

#include "key_dir.h"
#include "password.h"

/* Is it a record that a password opens? Nothing is proven. */
bool key_password_names(const uint8_t *record, size_t len);

/* What a password is set with. */
struct password_setting {
    bool argon2id;    /* instead of PBKDF2 */
    const char *hint; /* or NULL */
};

/* A new setting for the directory at `path`. It is stored nowhere until key_dir_write_challenge. */
enum outcome key_password_set(struct problem *problem, coffre_context *context, const char *path,
                              const struct password *password,
                              const struct password_setting *setting, struct key_dir *keys);

/* The setting of that record, whose name is `where`. Whether it is the right password shows when
 * the record is opened. OUT_MISSING: no password opens it. */
enum outcome key_password_derive(struct problem *problem, const coffre_context *context,
                                 const char *path, const struct password *password,
                                 const uint8_t *record, size_t len, const char *where,
                                 struct key_dir *keys);

#endif
