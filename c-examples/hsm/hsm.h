/* hsm.h: what the files of the program share: exit codes, commands, the sealed file, a new file
 * that appears only when it is whole. The token is in token.h. */
#ifndef HSM_H
#define HSM_H

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>

#include "coffre.h"
#include "token.h"

/* The numbers are those of ../appliance. */
enum exit_code {
    HSM_OK = 0,
    HSM_INTERNAL = 1,    /* a bug, or a self-test of the library failed */
    HSM_USAGE = 2,       /* the command line makes no sense */
    HSM_ENVIRONMENT = 3, /* files, memory, a token that cannot be asked */
    HSM_REFUSED = 5,     /* something exists already; a PIN that the token refuses */
    HSM_MISSING = 10,    /* no such token, key or file */
    HSM_WRONG_KEY = 11,  /* sealed for another key */
    HSM_CORRUPT = 12,    /* damaged or altered, or another key of the same name */
    HSM_UNSUPPORTED = 15 /* another version of the format; a key that is not fit */
};

/* Print a message and return the code, so that a failure is one statement. */
enum exit_code fail(enum exit_code code, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
enum exit_code fail_status(coffre_status status, const char *what);
enum exit_code fail_token(enum token_result result, struct token *token);

struct options {
    const char *module, *token, *pin_file, *label, *with;
    bool p256;
    const char *files[2];
    int file_count;
};

enum exit_code command_keygen(coffre_context *context, struct token *token,
                              const struct options *options);
enum exit_code command_seal(coffre_context *context, struct token *token,
                            const struct options *options);
enum exit_code command_open(coffre_context *context, struct token *token,
                            const struct options *options);

/* Seals a file for all these recipients, each of which can open it. */
enum exit_code seal_file(coffre_context *context, const coffre_recipient *recipients, size_t count,
                         const char *from, const char *to);
enum exit_code open_file(const coffre_context *context, const coffre_identity *identity,
                         const char *from, const char *to);

/* A file under a temporary name, readable by its owner alone. Begin, write, and then finish, which
 * gives it its name, or drop it; drop after finish is fine. */
struct new_file {
    const char *path;
    FILE *stream;
    char temporary[PATH_MAX];
};
enum exit_code new_file_begin(struct new_file *file, const char *path);
enum exit_code new_file_write(struct new_file *file, const void *bytes, size_t len);
enum exit_code new_file_finish(struct new_file *file);
void new_file_drop(struct new_file *file);

#endif
