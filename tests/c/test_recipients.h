/* test_recipients.h: two recipients of every kind, each with the identity that opens for it, and a
 * key service and a token that tests can switch off. Read struct kind first.
 *
 * The token's private key is the scalar 1, the other token's is -1: their public keys are P-256's
 * generator and its negative, and both shared points have the peer's own x coordinate. So it takes
 * no arithmetic to be such a token, and the library still does everything else.
 */
#ifndef TEST_RECIPIENTS_H
#define TEST_RECIPIENTS_H

#include <pthread.h>

#include "world.h"

enum { KEK, P256, PBKDF2, ARGON2ID, EXTERNAL, TOKEN, KINDS };

/* A kind of recipient: the one, and another one that is a stranger to its records. */
struct kind {
    const char *name;
    uint32_t type;  /* COFFRE_RECIPIENT_* */
    uint32_t allow; /* COFFRE_ALLOW_* */
    coffre_identity identities[2];
    coffre_recipient recipients[2];
    uint8_t ids[2][16];
};

static struct kind kinds[KINDS] = {
    [KEK] = {.name = "KEK", .type = COFFRE_RECIPIENT_KEK, .allow = COFFRE_ALLOW_KEK},
    [P256] = {.name = "P-256", .type = COFFRE_RECIPIENT_P256, .allow = COFFRE_ALLOW_PUBLIC_KEY},
    [PBKDF2] = {.name = "password, PBKDF2",
                .type = COFFRE_RECIPIENT_PBKDF2,
                .allow = COFFRE_ALLOW_PASSWORD},
    [ARGON2ID] = {.name = "password, Argon2id",
                  .type = COFFRE_RECIPIENT_ARGON2ID,
                  .allow = COFFRE_ALLOW_PASSWORD},
    [EXTERNAL] = {.name = "key service",
                  .type = COFFRE_RECIPIENT_EXTERNAL,
                  .allow = COFFRE_ALLOW_EXTERNAL},
    [TOKEN] = {.name = "P-256 in a token",
               .type = COFFRE_RECIPIENT_P256,
               .allow = COFFRE_ALLOW_PUBLIC_KEY},
};

static const char *const passwords[2] = {"correct horse battery", "another horse's staple"};

/* --- a key service and a token --- */

#define SERVICE_SEALED 40 /* what it makes of a key */

/* What answers the callbacks, and how often it was asked, in which thread. */
struct answerer {
    int32_t answer; /* 0, or what it returns instead of doing it */
    uint8_t pad[32];
    unsigned wraps, unwraps, exchanges;
    pthread_t thread;
};

static struct answerer answerers[2];

static inline uint8_t service_sum(const uint8_t *key, size_t at)
{
    unsigned sum = (unsigned)at * 37;

    for (size_t i = 0; i < 32; i++)
        sum = sum * 33 + key[i];
    return (uint8_t)(sum >> 8);
}

/* The pad and 8 bytes of a sum: enough to see that bytes changed. It protects nothing. */
static inline int32_t service_wrap(void *user, const uint8_t *key, uint8_t *sealed,
                                   size_t sealed_cap, size_t *sealed_len)
{
    struct answerer *service = user;

    service->wraps++;
    service->thread = pthread_self();
    if (service->answer != 0) return service->answer;
    if (sealed_cap < SERVICE_SEALED) return -1;
    for (size_t i = 0; i < 32; i++)
        sealed[i] = key[i] ^ service->pad[i];
    for (size_t i = 0; i < 8; i++)
        sealed[32 + i] = service_sum(key, i);
    *sealed_len = SERVICE_SEALED;
    return 0;
}

static inline int32_t service_unwrap(void *user, const uint8_t *sealed, size_t sealed_len,
                                     uint8_t *key)
{
    struct answerer *service = user;

    service->unwraps++;
    service->thread = pthread_self();
    if (service->answer != 0) return service->answer;
    if (sealed_len != SERVICE_SEALED) return COFFRE_CALLBACK_REFUSED;
    for (size_t i = 0; i < 32; i++)
        key[i] = sealed[i] ^ service->pad[i];
    for (size_t i = 0; i < 8; i++)
        if (sealed[32 + i] != service_sum(key, i)) return COFFRE_CALLBACK_REFUSED;
    return 0;
}

static inline int32_t token_exchange(void *user, const uint8_t *peer, uint8_t *z)
{
    struct answerer *token = user;

    token->exchanges++;
    token->thread = pthread_self();
    if (token->answer != 0) return token->answer;
    memcpy(z, peer + 1, 32);
    return 0;
}

/* Nobody answers any more, or everybody again (0). */
static inline void answerers_say(int32_t answer)
{
    answerers[0].answer = answer;
    answerers[1].answer = answer;
}

static inline coffre_key_service service_of(const char *name, struct answerer *answerer)
{
    coffre_key_service service = COFFRE_KEY_SERVICE_INIT;

    service.name = name;
    service.wrap = service_wrap;
    service.unwrap = service_unwrap;
    service.user = answerer;
    return service;
}

/* Generator and negative generator of P-256, as SPKI. */
static inline void token_public_key(unsigned which, coffre_recipient *recipient)
{
    static const uint8_t spki[91] = {
        0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08,
        0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04,
        0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42, 0x47, 0xf8, 0xbc, 0xe6, 0xe5, 0x63, 0xa4, 0x40,
        0xf2, 0x77, 0x03, 0x7d, 0x81, 0x2d, 0xeb, 0x33, 0xa0, 0xf4, 0xa1, 0x39, 0x45, 0xd8, 0x98,
        0xc2, 0x96,
        0x4f, 0xe3, 0x42, 0xe2, 0xfe, 0x1a, 0x7f, 0x9b, 0x8e, 0xe7, 0xeb, 0x4a, 0x7c, 0x0f, 0x9e,
        0x16, 0x2b, 0xce, 0x33, 0x57, 0x6b, 0x31, 0x5e, 0xce, 0xcb, 0xb6, 0x40, 0x68, 0x37, 0xbf,
        0x51, 0xf5,
    };
    static const uint8_t prime[32] = {
        0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff,
    };
    uint8_t der[sizeof spki];
    int borrow = 0;

    memcpy(der, spki, sizeof der);
    for (int i = 31; which == 1 && i >= 0; i--) { /* y becomes p - y */
        int digit = prime[i] - der[59 + i] - borrow;

        borrow = digit < 0;
        der[59 + i] = (uint8_t)digit;
    }
    check_must(coffre_recipient_read(&world.context, der, sizeof der, recipient), "token's key");
}

/* --- making them --- */

static inline coffre_password_options cheap_password(int kind)
{
    coffre_password_options options = COFFRE_PASSWORD_OPTIONS_INIT;

    options.kdf = kind == PBKDF2 ? COFFRE_KDF_PBKDF2 : COFFRE_KDF_ARGON2ID;
    options.iterations = 1000;
    options.memory_kib = WORLD_ARGON2ID_KIB;
    options.passes = 1;
    return options;
}

static inline coffre_status make_identity(int kind, unsigned which, coffre_identity *identity)
{
    coffre_context *context = &world.context;
    struct answerer *answerer = &answerers[which];
    coffre_password_options options = cheap_password(kind);
    coffre_key_service service = service_of(which == 0 ? "kms:backup" : "kms:other", answerer);
    uint8_t kek[32] = {1, 2, 3, (uint8_t)which};
    coffre_recipient token;

    switch (kind) {
    case KEK: return coffre_identity_from_kek(context, kek, sizeof kek, identity);
    case P256: return coffre_identity_generate(context, identity);
    case EXTERNAL: return coffre_identity_external(context, &service, identity);
    case TOKEN:
        token_public_key(which, &token);
        return coffre_identity_token(context, &token, token_exchange, answerer, identity);
    default:
        return coffre_password_set(context, &options, (const uint8_t *)passwords[which],
                                   strlen(passwords[which]), world.scratch,
                                   sizeof world.scratch, identity);
    }
}

/* After world_make. */
static inline void kinds_make(void)
{
    for (unsigned which = 0; which < 2; which++) {
        test_random_bytes(&world.source.state, answerers[which].pad, 32);
        for (int i = 0; i < KINDS; i++) {
            struct kind *kind = &kinds[i];

            check_must(make_identity(i, which, &kind->identities[which]), kind->name);
            check_must(coffre_identity_recipient(&kind->identities[which],
                                                 &kind->recipients[which]),
                       kind->name);
            check_must(coffre_identity_id(&kind->identities[which], kind->ids[which]),
                       kind->name);
        }
    }
}

#endif
