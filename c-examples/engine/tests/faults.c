/* faults.c: what the library does when a caller's engine is absent, incomplete, wrong, or fails.
 * Around OpenSSL's engine, so that everything but the fault is real.
 */
#include "../engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(what)                                                                                \
    do {                                                                                           \
        checks++;                                                                                  \
        if (!(what)) {                                                                             \
            printf("%s:%d: %s\n", __FILE__, __LINE__, #what);                                      \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

enum { LEN = 40000, CHUNKS = 3 }; /* 40,000 bytes are three chunks of at most 16,384 */

static coffre_engine real;
static unsigned checks, seals, opens, good_seals, good_opens, lies, spoils;

static int32_t seal(void *user, const uint8_t *key, const uint8_t *nonce, uint8_t *data, size_t len,
                    uint8_t *tag)
{
    int32_t done;

    CHECK(len <= 16384);
    if (spoils && len > 0) data[len / 2] ^= 1;
    if (seals++ >= good_seals) return 9;
    done = real.seal(user, key, nonce, data, len, tag);
    return done;
}

static int32_t open_message(void *user, const uint8_t *key, const uint8_t *nonce, uint8_t *data,
                            size_t len, const uint8_t *tag)
{
    int32_t done;

    CHECK(len <= 16384);
    if (opens++ >= good_opens) return 9;
    done = real.open(user, key, nonce, data, len, tag);
    return lies ? 0 : done;
}

static coffre_engine engine(void)
{
    coffre_engine made = {(uint32_t)sizeof made, 0, seal, open_message, real.user};

    seals = opens = lies = spoils = 0;
    good_seals = good_opens = 1000;
    return made;
}

static coffre_status init(coffre_context *context, const char *name, const coffre_engine *caller)
{
    coffre_context_options options = COFFRE_CONTEXT_OPTIONS_INIT;

    options.engine = name;
    options.caller_engine = caller;
    return coffre_context_init(context, &options);
}

static int is_zeroed(const void *at, size_t len)
{
    const uint8_t *bytes = at;

    for (size_t i = 0; i < len; i++)
        if (bytes[i] != 0) return 0;
    return 1;
}

static void options_are_checked(void)
{
    static const char *const names[] = {"", "x86", "x86-vaes512 ", "caller", "PORTABLE",
                                        "a name of more than thirty-one bytes", "\xff"};
    coffre_context context;
    coffre_engine made;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        CHECK(init(&context, names[i], NULL) == COFFRE_ERR_INVALID_ARGUMENT);
        CHECK(is_zeroed(&context, sizeof context));
        CHECK(coffre_context_engine(&context) == NULL);
    }
    for (int fault = 0; fault < 4; fault++) {
        made = engine();
        switch (fault) {
        case 0: made.size--; break;
        case 1: made.reserved = 1; break;
        case 2: made.seal = NULL; break;
        default: made.open = NULL; break;
        }
        CHECK(init(&context, NULL, &made) == COFFRE_ERR_INVALID_ARGUMENT);
    }
    CHECK(coffre_context_engine(NULL) == NULL);
    CHECK(coffre_engine_name(1000) == NULL);
}

static void a_wrong_engine_is_refused_at_start(void)
{
    coffre_context context;
    coffre_engine made = engine();

    lies = 1; /* takes every tag for good */
    CHECK(init(&context, NULL, &made) == COFFRE_ERR_SELF_TEST);
    made = engine(), spoils = 1; /* other bytes than it was given */
    CHECK(init(&context, NULL, &made) == COFFRE_ERR_SELF_TEST);
    made = engine(), good_seals = 0;
    CHECK(init(&context, NULL, &made) == COFFRE_ERR_SELF_TEST);
    made = engine(), good_opens = 0;
    CHECK(init(&context, NULL, &made) == COFFRE_ERR_SELF_TEST);
    CHECK(is_zeroed(&context, sizeof context));
    made = engine();
    CHECK(init(&context, "portable", &made) == COFFRE_OK && seals > 0 && opens > 0);
    CHECK(strcmp(coffre_context_engine(&context), "caller") == 0);
    coffre_context_wipe(&context);
}

static void failures_leave_nothing(coffre_context *context, coffre_session *session)
{
    static uint8_t plain[LEN], out[COFFRE_BLOCK_SEALED_MAX(LEN)], back[LEN];
    coffre_seal_options stored = COFFRE_SEAL_OPTIONS_INIT;
    coffre_policy policy = COFFRE_POLICY_INIT;
    coffre_block_id id = {COFFRE_BLOCK_ID_POSITION, 8, {7}};
    size_t len, back_len;

    memset(plain, 'p', sizeof plain);
    stored.flags = COFFRE_SEAL_STORE;
    for (unsigned n = 0; n < CHUNKS; n++) {
        seals = 0, good_seals = n;
        memset(out, 0xA5, sizeof out);
        CHECK(coffre_block_seal(context, session, &id, &stored, plain, LEN, NULL, out,
                                sizeof out, &len, NULL) == COFFRE_ERR_CALLBACK);
        CHECK(seals == n + 1 && len == 0 && is_zeroed(out, sizeof out));
    }
    seals = 0, good_seals = CHUNKS;
    CHECK(coffre_block_seal(context, session, &id, &stored, plain, LEN, NULL, out, sizeof out,
                            &len, NULL) == COFFRE_OK);
    CHECK(seals == CHUNKS);
    for (unsigned n = 0; n < CHUNKS; n++) {
        opens = 0, good_opens = n;
        memset(back, 0xA5, sizeof back);
        CHECK(coffre_block_open(context, &policy, session, NULL, out, len, NULL, back,
                                sizeof back, &back_len) == COFFRE_ERR_CALLBACK);
        CHECK(opens == n + 1 && back_len == 0 && is_zeroed(back, sizeof back));
    }
    opens = 0, good_opens = CHUNKS;
    CHECK(coffre_block_open(context, &policy, session, NULL, out, len, NULL, back, sizeof back,
                            &back_len) == COFFRE_OK);
    CHECK(opens == CHUNKS && back_len == LEN && memcmp(back, plain, LEN) == 0);
}

int main(void)
{
    coffre_context context;
    coffre_session session;
    coffre_engine made;

    CHECK(engine_openssl(&real) == 0);
    options_are_checked();
    a_wrong_engine_is_refused_at_start();
    made = engine();
    CHECK(init(&context, NULL, &made) == COFFRE_OK);
    CHECK(coffre_session_generate(&context, &session) == COFFRE_OK);
    failures_leave_nothing(&context, &session);
    coffre_session_wipe(&session);
    coffre_context_wipe(&context);
    printf("%u checks\n", checks);
    return 0;
}
