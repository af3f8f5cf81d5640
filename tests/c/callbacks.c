/* callbacks.c: when a key service and a token are asked: once by each call that wraps or opens with
 * their key, in the thread of that call, and never by a call that can do without, or that refuses.
 * A callback may use the library with objects of its own.
 */
#include "test_recipients.h"

static uint8_t bytes[4096], changed[4096];
static size_t len, changed_len;
static coffre_record read;
static coffre_record_keys keys;
static coffre_record_writer writer;

/* How often anybody was asked since the last time. */
static unsigned asked(void)
{
    static unsigned before;
    unsigned now = 0, since;

    for (int i = 0; i < 2; i++)
        now += answerers[i].wraps + answerers[i].unwraps + answerers[i].exchanges;
    since = now - before;
    before = now;
    return since;
}

#define ASKED(times, call)                                                                        \
    do {                                                                                          \
        (void)asked();                                                                            \
        EXPECT(COFFRE_OK, call);                                                                  \
        CHECK(asked() == (times));                                                                \
    } while (0)
#define UNASKED(status, call)                                                                     \
    do {                                                                                          \
        (void)asked();                                                                            \
        EXPECT(status, call);                                                                     \
        CHECK(asked() == 0);                                                                      \
    } while (0)

static coffre_status create(size_t cap)
{
    return coffre_record_create(&world.context, COFFRE_KEY_RECORD, world.instance, world.point, 1,
                                bytes, cap, &writer);
}

static coffre_status add(const coffre_recipient *recipient)
{
    return coffre_record_add_recipient(&world.context, &writer, recipient);
}

/* Who wraps: a key service each time, a token's public key never. */
static void writing(struct kind *kind, unsigned wraps)
{
    const coffre_recipient *recipient = &kind->recipients[0];
    size_t size = coffre_record_size(coffre_recipient_stanza_size(recipient), 0);
    uint8_t challenge[512];

    check_about(kind->name);
    UNASKED(COFFRE_OK, create(size - 1));
    UNASKED(COFFRE_ERR_BUFFER_TOO_SMALL, add(recipient));
    UNASKED(COFFRE_OK, create(sizeof bytes));
    ASKED(wraps, add(recipient));
    UNASKED(COFFRE_ERR_DUPLICATE, add(recipient));
    ASKED(wraps, coffre_record_replace_recipient(&world.context, &writer, kind->ids[0],
                                                 recipient));
    UNASKED(COFFRE_ERR_NOT_FOUND, coffre_record_replace_recipient(&world.context, &writer,
                                                                  kind->ids[1], recipient));
    UNASKED(COFFRE_OK, coffre_record_add_session(&writer, &world.session));
    UNASKED(COFFRE_OK, coffre_record_finish(&writer, &len, &keys));
    UNASKED(COFFRE_OK, coffre_record_read(bytes, len, &read));
    UNASKED(COFFRE_OK, coffre_record_edit(&world.context, &keys, &read, 2, changed, sizeof changed,
                                          &writer));
    UNASKED(COFFRE_OK, coffre_record_remove_recipient(&writer, kind->ids[0]));
    UNASKED(COFFRE_OK, coffre_record_rotate(&world.context, &keys, &read, 2, changed,
                                            sizeof changed, &writer));
    ASKED(wraps, add(recipient));
    UNASKED(COFFRE_OK, coffre_record_finish(&writer, &changed_len, NULL));
    ASKED(wraps, coffre_challenge_create(&world.context, recipient, world.instance, 1, challenge,
                                         sizeof challenge, &len));
    UNASKED(COFFRE_ERR_BUFFER_TOO_SMALL,
            coffre_challenge_create(&world.context, recipient, world.instance, 1, challenge,
                                    len - 1, &len));
}

static coffre_status open_under(const coffre_policy *policy, const coffre_identity *identity)
{
    return coffre_record_open(&world.context, policy, identity, &read, &keys);
}

static coffre_status slots(const uint8_t *slot_0, size_t slot_0_len, const uint8_t *slot_1,
                           size_t slot_1_len, const coffre_identity *identity)
{
    coffre_record used;

    return coffre_slots_open(&world.context, NULL, identity, COFFRE_KEY_RECORD, world.instance,
                             world.point, slot_0, slot_0_len, slot_1, slot_1_len, &used, &keys,
                             NULL);
}

/* Who opens: both, once. `bytes` holds the record of writing(), `changed` a later one. */
static void opening(struct kind *kind)
{
    const coffre_identity *identity = &kind->identities[0];
    coffre_policy policy = COFFRE_POLICY_INIT;
    coffre_record_info info;
    coffre_session session;
    uint8_t elsewhere[16] = {9};

    UNASKED(COFFRE_OK, coffre_record_read(bytes, len, &read));
    UNASKED(COFFRE_OK, coffre_record_inspect(&read, &info));
    ASKED(1, open_under(NULL, identity));
    ASKED(1, open_under(NULL, identity));
    UNASKED(COFFRE_OK, coffre_record_session(&world.context, &keys, &read, world.session_id,
                                             &session));
    ASKED(1, coffre_challenge_check(&world.context, identity, world.instance, 0, bytes, len, NULL));
    UNASKED(COFFRE_ERR_FOREIGN, coffre_challenge_check(&world.context, identity, elsewhere, 0,
                                                       bytes, len, NULL));
    UNASKED(COFFRE_ERR_WRONG_KEY, open_under(NULL, &kind->identities[1]));
    policy.lowest_generation = 2;
    UNASKED(COFFRE_ERR_STALE, open_under(&policy, identity));
    policy.lowest_generation = 0, policy.recipients &= ~kind->allow;
    UNASKED(COFFRE_ERR_POLICY_RECIPIENT, open_under(&policy, identity));
    ASKED(1, slots(bytes, len, NULL, 0, identity));
    ASKED(1, slots(bytes, len, bytes, len, identity));
    ASKED(1, slots(bytes, len, changed, changed_len, identity));
    changed[changed_len - 1] ^= 1;
    ASKED(1, slots(bytes, len, changed, changed_len, identity));
    changed[changed_len - 1] ^= 1;
}

/* The record of writing(), made again after its changes. */
static void record_for(const struct kind *kind)
{
    check_must(create(sizeof bytes), "record");
    check_must(add(&kind->recipients[0]), kind->name);
    check_must(coffre_record_add_session(&writer, &world.session), "session");
    check_must(coffre_record_finish(&writer, &len, NULL), "record's end");
}

/* --- threads --- */

static void *open_in_thread(void *user)
{
    struct kind *kind = user;
    coffre_record_keys own;
    int good = coffre_record_open(&world.context, NULL, &kind->identities[0], &read, &own) ==
                   COFFRE_OK &&
               pthread_equal(answerers[0].thread, pthread_self());

    return good ? NULL : user;
}

static void threads(struct kind *kind)
{
    pthread_t thread;
    void *failed = kind;

    check_about("the caller's thread");
    check_must(coffre_record_read(bytes, len, &read), "record, read");
    memset(&answerers[0].thread, 0, sizeof answerers[0].thread);
    EXPECT(COFFRE_OK, open_under(NULL, &kind->identities[0]));
    CHECK(pthread_equal(answerers[0].thread, pthread_self()));
    CHECK(pthread_create(&thread, NULL, open_in_thread, kind) == 0);
    CHECK(pthread_join(thread, &failed) == 0 && failed == NULL);
    CHECK(!pthread_equal(answerers[0].thread, pthread_self()));
}

/* --- a key service that is made of this library --- */

struct vault {
    coffre_context context;
    coffre_session session;
    struct test_random source;
    uint8_t memory[COFFRE_SEAL_WORKSPACE];
    coffre_workspace workspace;
    size_t cap; /* what wrap was given */
};

static int32_t vault_wrap(void *user, const uint8_t *key, uint8_t *sealed, size_t cap,
                          size_t *sealed_len)
{
    struct vault *vault = user;
    coffre_block_id id;

    vault->cap = cap;
    coffre_block_id_position(1, &id);
    return coffre_block_seal(&vault->context, &vault->session, &id, NULL, key, 32,
                             &vault->workspace, sealed, cap, sealed_len, NULL);
}

static int32_t vault_unwrap(void *user, const uint8_t *sealed, size_t sealed_len, uint8_t *key)
{
    struct vault *vault = user;
    size_t key_len;
    coffre_status status =
        coffre_block_open(&vault->context, NULL, &vault->session, NULL, sealed, sealed_len,
                          &vault->workspace, key, 32, &key_len);

    return status == COFFRE_OK ? 0 : COFFRE_CALLBACK_REFUSED;
}

static void re_entry(void)
{
    static struct vault vault;
    coffre_key_service service = COFFRE_KEY_SERVICE_INIT;
    coffre_identity identity;
    coffre_recipient recipient;
    coffre_session session;

    check_about("a callback that uses the library");
    vault.source.state = 99;
    check_must(test_random_context(&vault.source, &vault.context), "context");
    lend(&vault.workspace, vault.memory, sizeof vault.memory);
    check_must(coffre_session_generate(&vault.context, &vault.session), "session");
    service.name = "vault", service.user = &vault;
    service.wrap = vault_wrap, service.unwrap = vault_unwrap;
    service.sealed_max = (uint32_t)COFFRE_BLOCK_SEALED_MAX(32);
    EXPECT(COFFRE_OK, coffre_identity_external(&world.context, &service, &identity));
    memset(&service, 0, sizeof service); /* it was read, and is not needed any more */
    EXPECT(COFFRE_OK, coffre_identity_recipient(&identity, &recipient));
    check_must(create(sizeof bytes), "record");
    EXPECT(COFFRE_OK, add(&recipient));
    CHECK(vault.cap == COFFRE_BLOCK_SEALED_MAX(32));
    check_must(coffre_record_add_session(&writer, &world.session), "session");
    check_must(coffre_record_finish(&writer, &len, NULL), "record's end");
    check_must(coffre_record_read(bytes, len, &read), "record, read");
    EXPECT(COFFRE_OK, open_under(NULL, &identity));
    EXPECT(COFFRE_OK, coffre_record_session(&world.context, &keys, &read, world.session_id,
                                            &session));
    check_must(coffre_session_generate(&vault.context, &vault.session), "another session");
    EXPECT(COFFRE_ERR_NOT_AUTHENTIC, open_under(NULL, &identity));
}

int main(void)
{
    world_make();
    kinds_make();
    writing(&kinds[EXTERNAL], 1);
    record_for(&kinds[EXTERNAL]);
    opening(&kinds[EXTERNAL]);
    threads(&kinds[EXTERNAL]);
    writing(&kinds[TOKEN], 0);
    record_for(&kinds[TOKEN]);
    opening(&kinds[TOKEN]);
    threads(&kinds[TOKEN]);
    re_entry();
    return check_end();
}
