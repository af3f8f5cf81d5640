/* token_conf.h: the description of a key in a PKCS#11 token, a small text file of NAME=VALUE lines.
 * It holds no secret: the PIN is in a file of its own, or typed at the token. It knows no PKCS#11.
 *
 *     module=/usr/lib/softhsm/libsofthsm2.so
 *     token=backup                 the token's label
 *     key=appliance                the key's label
 *     kind=aes                     or p256
 *     pin-file=/etc/appliance/pin  left out: the token has a keypad, or wants no PIN
 */
#ifndef APPLIANCE_TOKEN_CONF_H
#define APPLIANCE_TOKEN_CONF_H

#include <stdbool.h>

#include "outcome.h"

#define TOKEN_CONF_MAX   4096
#define TOKEN_VALUE_SIZE 1024

struct token_conf {
    char module[TOKEN_VALUE_SIZE], token[TOKEN_VALUE_SIZE], key[TOKEN_VALUE_SIZE];
    char kind[TOKEN_VALUE_SIZE], pin_file[TOKEN_VALUE_SIZE];
    bool p256; /* what kind says */
};

enum outcome token_conf_read(struct problem *problem, const char *path, struct token_conf *conf);

#endif
