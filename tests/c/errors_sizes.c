/* errors_sizes.c: buffers and workspaces that are too small, lengths that are too large, keys that
 * are not 32 bytes. COFFRE_ERR_BUFFER_TOO_SMALL says what is needed, writes nothing else, and the
 * same call with that much succeeds.
 */
#include "world.h"

/* One call with an output triplet; everything but out and its size is fixed. */
struct sizing {
    const char *name;
    coffre_status (*run)(uint8_t *out, size_t out_cap, size_t *out_len);
    size_t needed; /* 0: any */
};

#define KEK_STANZA coffre_recipient_stanza_size(&world.kek_recipient)
#define PASSWORD_STANZA (28 + 12 + 16 + 1 + 0 + 40) /* Argon2id, no hint: FORMAT.md 4.1 */
#define PAIR_STANZA coffre_recipient_stanza_size(&world.pair_recipient)

static uint8_t digest[32], wrapped[40];
static coffre_policy old_policy;

static coffre_status private_pem(uint8_t *out, size_t cap, size_t *len)
{
    return coffre_identity_write(&world.pair, COFFRE_KEY_FILE_PEM, out, cap, len);
}
static coffre_status private_der(uint8_t *out, size_t cap, size_t *len)
{
    return coffre_identity_write(&world.pair, COFFRE_KEY_FILE_DER, out, cap, len);
}
static coffre_status public_pem(uint8_t *out, size_t cap, size_t *len)
{
    return coffre_recipient_write(&world.pair_recipient, COFFRE_KEY_FILE_PEM, out, cap, len);
}
static coffre_status public_der(uint8_t *out, size_t cap, size_t *len)
{
    return coffre_recipient_write(&world.pair_recipient, COFFRE_KEY_FILE_DER, out, cap, len);
}
static coffre_status seal(uint8_t *out, size_t cap, size_t *len)
{
    return coffre_block_seal(&world.context, &world.session, &world.id, NULL, world.plain, 1000,
                             &world.workspace, out, cap, len, NULL);
}
static coffre_status open_block(uint8_t *out, size_t cap, size_t *len)
{
    return coffre_block_open(&world.context, NULL, &world.session, NULL, world.block,
                             world.block_len, &world.workspace, out, cap, len);
}
static coffre_status v1_seal(uint8_t *out, size_t cap, size_t *len)
{
    return coffre_v1_seal(&world.context, &old_policy, &world.master, world.plain, 1000,
                          &world.workspace, out, cap, len, wrapped);
}
static coffre_status v1_open(uint8_t *out, size_t cap, size_t *len)
{
    return coffre_v1_open(&world.context, &old_policy, &world.master, world.wrapped,
                          sizeof world.wrapped, world.blob, world.blob_len, &world.workspace, out,
                          cap, len);
}
static coffre_status v0_seal(uint8_t *out, size_t cap, size_t *len)
{
    return coffre_v0_seal(&old_policy, world.plain, 1000, out, cap, len);
}
static coffre_status v0_open(uint8_t *out, size_t cap, size_t *len)
{
    return coffre_v0_open(&old_policy, world.plain, 1000, out, cap, len);
}
static coffre_status metadata_seal(uint8_t *out, size_t cap, size_t *len)
{
    return coffre_metadata_seal(&world.context, &world.keys, world.plain, 300, &world.workspace,
                                out, cap, len, digest);
}
static coffre_status metadata_open(uint8_t *out, size_t cap, size_t *len)
{
    return coffre_metadata_open(&world.context, NULL, &world.keys, world.metadata,
                                world.metadata_len, &world.workspace, out, cap, len, digest);
}
static coffre_status kek_challenge(uint8_t *out, size_t cap, size_t *len)
{
    return coffre_challenge_create(&world.context, &world.kek_recipient, world.instance, 1, out,
                                   cap, len);
}
static coffre_status password_challenge(uint8_t *out, size_t cap, size_t *len)
{
    coffre_recipient recipient;

    check_must(coffre_identity_recipient(&world.password, &recipient), "password's recipient");
    return coffre_challenge_create(&world.context, &recipient, world.instance, 1, out, cap, len);
}
static coffre_status pair_challenge(uint8_t *out, size_t cap, size_t *len)
{
    return coffre_challenge_create(&world.context, &world.pair_recipient, world.instance, 1, out,
                                   cap, len);
}

/* Every capacity below what is needed, then exactly that. */
static void too_small(const struct sizing *call)
{
    uint8_t out[8192];
    size_t needed, len;

    check_about(call->name);
    EXPECT(COFFRE_ERR_BUFFER_TOO_SMALL, call->run(NULL, 0, &needed));
    CHECK(needed > 0 && needed < sizeof out);
    CHECK(call->needed == 0 || needed == call->needed);
    for (size_t cap = 0; cap < needed && cap < sizeof out; cap++) {
        poison(out, sizeof out);
        len = 0;
        EXPECT(COFFRE_ERR_BUFFER_TOO_SMALL, call->run(out, cap, &len));
        CHECK(len == needed && is_poisoned(out, sizeof out));
    }
    poison(out, sizeof out);
    EXPECT(COFFRE_OK, call->run(out, needed, &len));
    CHECK(len > 0 && len <= needed && is_poisoned(out + needed, sizeof out - needed));
}

static void buffers(void)
{
    const struct sizing calls[] = {
        {"identity_write PEM", private_pem, 241},
        {"identity_write DER", private_der, 138},
        {"recipient_write PEM", public_pem, 178},
        {"recipient_write DER", public_der, 91},
        {"block_seal", seal, coffre_block_sealed_max(1000)},
        {"block_open", open_block, WORLD_PLAIN},
        {"v1_seal", v1_seal, coffre_v1_sealed_max(1000)},
        {"v1_open", v1_open, WORLD_PLAIN},
        {"v0_seal", v0_seal, 1000},
        {"v0_open", v0_open, 1000},
        {"metadata_seal", metadata_seal, coffre_block_sealed_max(300)},
        {"metadata_open", metadata_open, 700},
        {"challenge_create KEK", kek_challenge, coffre_record_size(KEK_STANZA, 0)},
        {"challenge_create password", password_challenge,
         coffre_record_size(PASSWORD_STANZA, 0)},
        {"challenge_create P-256", pair_challenge, coffre_record_size(PAIR_STANZA, 0)},
    };

    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        too_small(&calls[i]);
}

/* Records grow in a buffer that was lent at the beginning: at each size some step does not fit. */
static void record_buffers(void)
{
    uint8_t buffer[1024];
    size_t needed = coffre_record_size(KEK_STANZA + PAIR_STANZA, 2), len;
    coffre_record_writer writer;

    for (size_t cap = 0; cap <= needed; cap++) {
        coffre_status status;

        check_about("record writer");
        poison(buffer, sizeof buffer);
        status = coffre_record_create(&world.context, COFFRE_KEY_RECORD, world.instance,
                                      world.point, 1, buffer, cap, &writer);
        if (status == COFFRE_OK)
            status = coffre_record_add_recipient(&world.context, &writer, &world.kek_recipient);
        if (status == COFFRE_OK)
            status = coffre_record_add_recipient(&world.context, &writer, &world.pair_recipient);
        if (status == COFFRE_OK) status = coffre_record_add_session(&writer, &world.session);
        if (status == COFFRE_OK) status = coffre_record_add_id_key(&writer, &world.id_key);
        EXPECT(cap < needed ? COFFRE_ERR_BUFFER_TOO_SMALL : COFFRE_OK, status);
        CHECK(is_poisoned(buffer + cap, sizeof buffer - cap));
        if (cap == needed) {
            EXPECT(COFFRE_OK, coffre_record_finish(&writer, &len, NULL));
            CHECK(len == needed);
        }
        coffre_record_writer_wipe(&writer);
    }
    for (size_t cap = 0; cap < world.record_len; cap++) {
        poison(buffer, sizeof buffer);
        EXPECT(COFFRE_ERR_BUFFER_TOO_SMALL,
               coffre_record_edit(&world.context, &world.keys, &world.read, 9, buffer, cap,
                                  &writer));
        CHECK(is_poisoned(buffer, sizeof buffer) && is_zeroed(&writer, sizeof writer));
    }
}

/* A rotated record begins with the entries; both stanzas have to fit while one is replaced. */
static void rotated_buffers(void)
{
    uint8_t buffer[1024];
    size_t head = coffre_record_size(0, 1), len;
    coffre_record_writer writer;
    coffre_recipient stranger;

    check_about("coffre_record_rotate");
    for (size_t cap = 0; cap < head; cap++) {
        poison(buffer, sizeof buffer);
        EXPECT(COFFRE_ERR_BUFFER_TOO_SMALL,
               coffre_record_rotate(&world.context, &world.keys, &world.read, 9, buffer, cap,
                                    &writer));
        CHECK(is_poisoned(buffer + cap, sizeof buffer - cap) && is_zeroed(&writer, sizeof writer));
    }
    check_about("coffre_record_replace_recipient");
    EXPECT(COFFRE_OK, coffre_identity_recipient(&world.stranger, &stranger));
    for (size_t cap = head + PAIR_STANZA; cap <= head + 2 * PAIR_STANZA; cap++) {
        int both_fit = cap == head + 2 * PAIR_STANZA;

        poison(buffer, sizeof buffer);
        EXPECT(COFFRE_OK, coffre_record_rotate(&world.context, &world.keys, &world.read, 9, buffer,
                                               cap, &writer));
        EXPECT(COFFRE_OK,
               coffre_record_add_recipient(&world.context, &writer, &world.pair_recipient));
        EXPECT(both_fit ? COFFRE_OK : COFFRE_ERR_BUFFER_TOO_SMALL,
               coffre_record_replace_recipient(&world.context, &writer, world.pair_id, &stranger));
        EXPECT(COFFRE_OK, coffre_record_finish(&writer, &len, NULL));
        CHECK(len == head + PAIR_STANZA && is_poisoned(buffer + cap, sizeof buffer - cap));
        coffre_record record;
        coffre_record_keys keys;
        EXPECT(COFFRE_OK, coffre_record_read(buffer, len, &record));
        EXPECT(COFFRE_OK,
               coffre_record_open(&world.context, NULL, both_fit ? &world.stranger : &world.pair,
                                  &record, &keys));
    }
}

/* What did not fit changes nothing: the record can still be finished, and opens. */
static void record_goes_on(void)
{
    uint8_t buffer[1024];
    size_t cap = coffre_record_size(KEK_STANZA, 1), len;
    coffre_record_writer writer;
    coffre_record record;
    coffre_record_keys keys;
    coffre_record_info info;

    check_about("record writer after COFFRE_ERR_BUFFER_TOO_SMALL");
    check_must(coffre_record_create(&world.context, COFFRE_KEY_RECORD, world.instance, world.point,
                                    1, buffer, cap, &writer),
               "record");
    check_must(coffre_record_add_recipient(&world.context, &writer, &world.kek_recipient), "KEK");
    EXPECT(COFFRE_ERR_BUFFER_TOO_SMALL,
           coffre_record_add_recipient(&world.context, &writer, &world.pair_recipient));
    EXPECT(COFFRE_OK, coffre_record_add_session(&writer, &world.session));
    EXPECT(COFFRE_ERR_BUFFER_TOO_SMALL, coffre_record_add_session(&writer, &world.other_session));
    EXPECT(COFFRE_ERR_BUFFER_TOO_SMALL, coffre_record_add_id_key(&writer, &world.id_key));
    EXPECT(COFFRE_OK, coffre_record_finish(&writer, &len, NULL));
    EXPECT(COFFRE_OK, coffre_record_read(buffer, len, &record));
    EXPECT(COFFRE_OK, coffre_record_inspect(&record, &info));
    CHECK(info.recipient_count == 1 && info.entry_count == 1 && len == cap);
    EXPECT(COFFRE_OK, coffre_record_open(&world.context, NULL, &world.kek, &record, &keys));
}

static void key_lengths(void)
{
    static const size_t lengths[] = {0, 1, 16, 24, 31, 33, 64};
    uint8_t key[64] = {1, 2, 3};

    check_about("key lengths");
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        coffre_identity identity;
        coffre_v1_master master;

        poison(&identity, sizeof identity);
        EXPECT(COFFRE_ERR_KEY_LENGTH,
               coffre_identity_from_kek(&world.context, key, lengths[i], &identity));
        CHECK(is_zeroed(&identity, sizeof identity));
        poison(&master, sizeof master);
        EXPECT(COFFRE_ERR_KEY_LENGTH,
               coffre_v1_master_read(&world.context, key, lengths[i], &master));
        CHECK(is_zeroed(&master, sizeof master));
        EXPECT(COFFRE_ERR_BAD_STATE, coffre_v1_master_id(&master, key));
    }
}

int main(void)
{
    world_make();
    old_policy = policy_lowest(0);
    buffers();
    record_buffers();
    rotated_buffers();
    record_goes_on();
    key_lengths();
    return check_end();
}
