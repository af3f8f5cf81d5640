/* options.h: the options of the command line. They may stand anywhere, and every command takes all
 * of them; which it heeds is its own matter. */
#ifndef APPLIANCE_OPTIONS_H
#define APPLIANCE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "outcome.h"

#define KEEP_MAX 8 /* directories that may be named with --keep */

struct options {
    const char *repo, *keys, *new_keys, *name;
    const char *password_file, *new_password_file; /* NULL: the terminal */
    const char *token, *hint;
    const char *origin_key, *origin, *out; /* who made a restore point */
    const char *kit_password_file, *svg;   /* recovery kits */
    const char *keep[KEEP_MAX];
    size_t keep_count;
    const char *arguments[2];
    int argument_count;
    uint32_t block_size;
    unsigned threads; /* 0: one for each processor */
    bool force, kek, password, argon2id, prepare, json, quiet;
    bool digests, text, qr, store, stored;
};

/* Takes environment and options; the words that are none come behind argv[optind]. Goes on after a
 * failure, so that a --json behind it counts. */
enum outcome options_parse(struct problem *problem, int argc, char **argv, struct options *options);

void options_help(void); /* on standard output */

#endif
