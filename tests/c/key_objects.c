/* key_objects.c: identities, recipients and records of every kind in the caller's memory: moved by
 * memcpy, wiped while others of them live on, made again in the same memory, and refused when they
 * are not live.
 */
#include "test_recipients.h"

static uint8_t bytes[4096];
static size_t len;
static coffre_record read;

/* Adds the recipient to a record and opens that with the identity. */
static coffre_status round_trip(const coffre_recipient *recipient, const coffre_identity *identity)
{
    coffre_record_writer writer;
    coffre_record_keys keys;
    coffre_status status;

    check_must(coffre_record_create(&world.context, COFFRE_KEY_RECORD, world.instance, world.point,
                                    1, bytes, sizeof bytes, &writer),
               "record");
    status = coffre_record_add_recipient(&world.context, &writer, recipient);
    if (status != COFFRE_OK) return status;
    check_must(coffre_record_finish(&writer, &len, NULL), "record's end");
    check_must(coffre_record_read(bytes, len, &read), "record, read");
    status = coffre_record_open(&world.context, NULL, identity, &read, &keys);
    coffre_record_keys_wipe(&keys);
    return status;
}

static void each_kind(struct kind *kind)
{
    coffre_identity identity = kind->identities[0], second;
    coffre_recipient recipient = kind->recipients[0];
    uint64_t places[8 + (sizeof identity + sizeof recipient) / 8];
    uint8_t id[16];

    check_about(kind->name);
    for (size_t step = 0; step < 8; step++) { /* at every 8-byte step of a cache line */
        coffre_identity *moved = memcpy(places + step, &identity, sizeof identity);
        coffre_recipient *beside = memcpy(moved + 1, &recipient, sizeof recipient);

        poison(&identity, sizeof identity); /* where it was */
        poison(&recipient, sizeof recipient);
        EXPECT(COFFRE_OK, round_trip(beside, moved));
        EXPECT(COFFRE_OK, coffre_identity_id(moved, id));
        CHECK(memcmp(id, kind->ids[0], 16) == 0);
        EXPECT(COFFRE_OK, coffre_recipient_id(beside, id));
        CHECK(memcmp(id, kind->ids[0], 16) == 0);
        memcpy(&identity, moved, sizeof identity);
        memcpy(&recipient, beside, sizeof recipient);
    }

    /* A recipient outlives the identity that it was made of, and the other way round. */
    EXPECT(COFFRE_OK, coffre_identity_recipient(&identity, &recipient));
    memcpy(&second, &identity, sizeof second);
    coffre_identity_wipe(&identity);
    CHECK(is_zeroed(&identity, sizeof identity));
    EXPECT(COFFRE_OK, round_trip(&recipient, &second));
    EXPECT(COFFRE_ERR_BAD_STATE, round_trip(&recipient, &identity));
    EXPECT(COFFRE_ERR_BAD_STATE, coffre_identity_recipient(&identity, &recipient));
    CHECK(is_zeroed(&recipient, sizeof recipient));
    EXPECT(COFFRE_ERR_BAD_STATE, round_trip(&recipient, &second));
    CHECK(coffre_recipient_stanza_size(&recipient) == 0);
    EXPECT(COFFRE_OK, coffre_identity_recipient(&second, &recipient));
    coffre_recipient_wipe(&recipient);
    CHECK(is_zeroed(&recipient, sizeof recipient));
    EXPECT(COFFRE_OK, round_trip(&kind->recipients[0], &second));
}

/* One piece of memory, every kind after every other. */
static void reuse(void)
{
    coffre_identity identity;
    coffre_recipient recipient;

    check_about("memory used again");
    poison(&identity, sizeof identity);
    for (int first = 0; first < KINDS; first++) {
        for (int next = 0; next < KINDS; next++) {
            check_must(make_identity(first, 0, &identity), kinds[first].name);
            if (next % 2 == 0) coffre_identity_wipe(&identity);
            check_must(make_identity(next, 1, &identity), kinds[next].name);
            EXPECT(COFFRE_OK, coffre_identity_recipient(&identity, &recipient));
            EXPECT(COFFRE_OK, round_trip(&recipient, &identity));
            CHECK(coffre_recipient_stanza_size(&recipient) ==
                  coffre_recipient_stanza_size(&kinds[next].recipients[1]));
        }
    }
}

static void stanza_sizes(void)
{
    coffre_recipient nothing;

    check_about("coffre_recipient_stanza_size");
    CHECK(coffre_recipient_stanza_size(NULL) == 0);
    memset(&nothing, 0, sizeof nothing);
    CHECK(coffre_recipient_stanza_size(&nothing) == 0);
    poison(&nothing, sizeof nothing);
    CHECK(coffre_recipient_stanza_size(&nothing) == 0);
    memcpy(&nothing, &world.pair, sizeof nothing); /* an identity is no recipient */
    CHECK(coffre_recipient_stanza_size(&nothing) == 0);
    for (int i = 0; i < KINDS; i++) {
        check_about(kinds[i].name);
        EXPECT(COFFRE_OK, round_trip(&kinds[i].recipients[0], &kinds[i].identities[0]));
        CHECK(len == coffre_record_size(coffre_recipient_stanza_size(&kinds[i].recipients[0]), 0));
    }
}

/* A record borrows its bytes: it may move, and they may not. */
static void records(void)
{
    struct world *w = &world;
    uint64_t places[8 + sizeof(coffre_record) / 8];
    uint8_t *lent = poisoned(w->record_len);
    coffre_record_info info, first;
    coffre_record_recipient recipient;
    coffre_record_entry entry;
    coffre_record_keys keys;
    coffre_session session;
    coffre_record record;

    check_about("coffre_record");
    memcpy(lent, w->record, w->record_len);
    EXPECT(COFFRE_OK, coffre_record_read(lent, w->record_len, &record));
    EXPECT(COFFRE_OK, coffre_record_inspect(&record, &first));
    for (size_t step = 0; step < 8; step++) {
        coffre_record *moved = memcpy(places + step, &record, sizeof record);

        poison(&record, sizeof record);
        EXPECT(COFFRE_OK, coffre_record_inspect(moved, &info));
        CHECK(memcmp(&info, &first, sizeof info) == 0);
        EXPECT(COFFRE_OK, coffre_record_open(&w->context, NULL, &w->kek, moved, &keys));
        EXPECT(COFFRE_OK,
               coffre_record_session(&w->context, &keys, moved, w->session_id, &session));
        memcpy(&record, moved, sizeof record);
    }
    coffre_record_wipe(&record);
    CHECK(is_zeroed(&record, sizeof record) && memcmp(lent, w->record, w->record_len) == 0);
    free(lent); /* nothing looks at it any more */
    EXPECT(COFFRE_ERR_BAD_STATE, coffre_record_inspect(&record, &info));
    EXPECT(COFFRE_ERR_BAD_STATE, coffre_record_recipient_at(&record, 0, &recipient));
    EXPECT(COFFRE_ERR_BAD_STATE, coffre_record_entry_at(&record, 0, &entry));
    EXPECT(COFFRE_ERR_BAD_STATE, coffre_record_open(&w->context, NULL, &w->kek, &record, &keys));
    EXPECT(COFFRE_OK, coffre_record_read(w->repository, w->repository_len, &record));
    EXPECT(COFFRE_OK, coffre_record_inspect(&record, &info));
    CHECK(info.object_type == COFFRE_REPOSITORY_RECORD && info.entry_count == 1);
    EXPECT(COFFRE_ERR_DAMAGED, (w->repository[70] ^= 1, coffre_record_read(w->repository,
                                                                           w->repository_len,
                                                                           &record)));
    w->repository[70] ^= 1;
    CHECK(is_zeroed(&record, sizeof record)); /* what it was before is gone, too */
}

int main(void)
{
    world_make();
    kinds_make();
    for (int i = 0; i < KINDS; i++)
        each_kind(&kinds[i]);
    reuse();
    stanza_sizes();
    records();
    return check_end();
}
