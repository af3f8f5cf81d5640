/* password.h: reads a password from a file or from the terminal. It does not know what the password
 * is for, and never puts it into a message.
 */
#ifndef APPLIANCE_PASSWORD_H
#define APPLIANCE_PASSWORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "outcome.h"

#define PASSWORD_MAX 1024

struct password {
    uint8_t bytes[PASSWORD_MAX + 1]; /* room for the newline that ends it */
    size_t len;
};

/* From the file, without a newline at its end; with NULL from the terminal, without echo, and twice
 * when it is `set`. `whose` is for the prompt. The caller wipes it, also after a failure. */
enum outcome password_read(struct problem *problem, const char *file, const char *whose, bool set,
                           struct password *password);
void password_wipe(struct password *password);

/* The memory that deriving a key will take, for free(); none if it takes none, or costs more than
 * the library's policy allows: a file's claim is not worth a gigabyte yet. */
enum outcome password_lend(struct problem *problem, const char *what, uint32_t memory_kib,
                           uint8_t **workspace, size_t *len);

#endif
