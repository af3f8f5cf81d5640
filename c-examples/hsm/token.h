/* token.h: a PKCS#11 token as coffre's key service: an AES key that wraps, a P-256 key that agrees,
 * neither of which leaves the token. Read token.c next, then token_calls.c (the callbacks), then
 * token_keys.c (making keys). It knows nothing of records, files and command lines, and prints
 * nothing.
 *
 * A token and its keys belong to one thread at a time. After fork() the child opens its own.
 */
#ifndef HSM_TOKEN_H
#define HSM_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "coffre.h"

/* How a call ended. The first three are also what the callbacks give to coffre. */
enum token_result {
    TOKEN_OK = 0,
    TOKEN_REFUSED = COFFRE_CALLBACK_REFUSED, /* the token looked at the bytes; asking again is no
                                                use */
    TOKEN_UNAVAILABLE = 2,                   /* it could not be asked, or cannot do it */
    TOKEN_NOT_FOUND = 3,                     /* no such token or key */
    TOKEN_AMBIGUOUS = 4,                     /* two of that label: the wrong one must not be picked
                                                silently */
    TOKEN_PIN_REFUSED = 5,
    TOKEN_KEY_EXISTS = 6,
    TOKEN_UNFIT = 7 /* a key of another size or curve, or a label that will not do */
};

#define TOKEN_PROBLEM_SIZE 512
#define TOKEN_LABEL_MAX    32  /* of a token, by PKCS#11; of a key, by us: it becomes its name */
#define TOKEN_NAME_SIZE    129 /* what coffre takes as a key service's name, and the NUL */
#define TOKEN_SEALED_SIZE  40  /* AES key wrap of 32 bytes */
#define TOKEN_POINT_SIZE   65
#define TOKEN_SPKI_SIZE    91 /* a P-256 public key in DER, which ends with the point */

/* An open token with a session. Keep it where it is: its keys point to it. */
struct token {
    void *module;          /* what dlopen gave */
    const void *functions; /* CK_FUNCTION_LIST; so that users need no pkcs11.h */
    unsigned long session;
    bool has_session, must_finalize;
    char label[TOKEN_LABEL_MAX + 1];
    char problem[TOKEN_PROBLEM_SIZE]; /* why the last call failed; of a callback too */
};

/* A key in a token: the `user` of the callbacks. */
struct token_key {
    struct token *token;
    unsigned long handle;
};

enum token_kind { TOKEN_AES, TOKEN_P256 };

struct token_login {
    const char *module; /* path of the PKCS#11 module */
    const char *label;  /* of the token */
    const uint8_t *pin; /* NULL: the token has a keypad of its own, or wants no login */
    size_t pin_len;
    bool may_change; /* for making keys; otherwise the session only reads */
};

/* Loads the module, finds the token, logs in. On a failure nothing stays open, and token->problem
 * says why. token_close is fine with a zeroed or failed one. */
enum token_result token_open(const struct token_login *login, struct token *token);
void token_close(struct token *token);

/* Finds the AES key or the P-256 private key of that label. */
enum token_result token_find(struct token *token, enum token_kind kind, const char *label,
                             struct token_key *key);

/* The callbacks: `user` is a struct token_key, of the kind that the call needs. */
int32_t token_wrap(void *user, const uint8_t *key, uint8_t *sealed, size_t sealed_cap,
                   size_t *sealed_len);
int32_t token_unwrap(void *user, const uint8_t *sealed, size_t sealed_len, uint8_t *key);
int32_t token_ecdh(void *user, const uint8_t *peer, uint8_t *z);

/* Make a key that stays in the token and can do the one thing that it is for. Refused when the
 * token has a key of that kind and label. */
enum token_result token_generate_aes(struct token *token, const char *label);
enum token_result token_generate_p256(struct token *token, const char *label);

/* The public half of a pair, as coffre_recipient_read takes it. */
enum token_result token_public_key(struct token *token, const char *label,
                                   uint8_t spki[TOKEN_SPKI_SIZE]);

/* The key's name for people and for coffre_key_service: a PKCS#11 URI (RFC 7512) of the two labels.
 * Fails when that is longer than a name may be. Not the token's serial number: a key that moves to
 * the replacement of a broken token keeps its name. */
enum token_result token_key_name(struct token *token, const char *label,
                                 char name[TOKEN_NAME_SIZE]);

/* Overwrites a secret; not optimised away. */
void token_wipe(void *bytes, size_t len);

#endif
