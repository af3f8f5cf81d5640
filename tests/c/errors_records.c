/* errors_records.c: key records and challenges that are not what they should be, or not for the key
 * at hand; and the verdicts of the start-up check with their words.
 */
#include "test_checksum.h"
#include "world.h"

static uint8_t record[1024];
static coffre_record read;
static coffre_record_keys keys;
static coffre_challenge_report report;

/* A copy with one byte changed; its checksum fits if it should. */
static void altered(const uint8_t *from, size_t len, size_t at, uint8_t change, int fit)
{
    memcpy(record, from, len);
    record[at] ^= change;
    if (fit) fix_checksum(record, len);
}

static coffre_status open_record(const coffre_identity *identity)
{
    coffre_status status;

    poison(&keys, sizeof keys);
    EXPECT(COFFRE_OK, coffre_record_read(record, world.record_len, &read));
    status = coffre_record_open(&world.context, NULL, identity, &read, &keys);
    CHECK(status == COFFRE_OK || is_zeroed(&keys, sizeof keys));
    return status;
}

/* What both functions say that parse a record. */
static void parsed(coffre_status status, size_t len)
{
    coffre_record_info info;

    poison(&read, sizeof read);
    poison(&info, sizeof info);
    EXPECT(status, coffre_record_read(record, len, &read));
    CHECK(is_zeroed(&read, sizeof read));
    EXPECT(COFFRE_ERR_BAD_STATE, coffre_record_inspect(&read, &info));
    CHECK(is_poisoned(&info, sizeof info));
    EXPECT(status, coffre_challenge_check(&world.context, &world.kek, world.instance, 0, record,
                                          len, NULL));
}

static void bytes_of_a_record(void)
{
    static const struct {
        const char *what;
        size_t at;
        uint8_t change;
        coffre_status status;
    } faults[] = {
        {"magic", 0, 1, COFFRE_ERR_MALFORMED},
        {"object type of a block", 4, 5, COFFRE_ERR_MALFORMED},
        {"object type 7", 4, 3, COFFRE_ERR_MALFORMED},
        {"a challenge with entries", 4, 1, COFFRE_ERR_MALFORMED},
        {"version 3", 5, 1, COFFRE_ERR_UNSUPPORTED_VERSION},
        {"suite 0", 6, 1, COFFRE_ERR_UNSUPPORTED_SUITE},
        {"flags", 8, 1, COFFRE_ERR_MALFORMED},
        {"total length", 12, 1, COFFRE_ERR_MALFORMED},
        {"generation 0", 48, 3, COFFRE_ERR_MALFORMED},
        {"stanza count 0", 56, 2, COFFRE_ERR_MALFORMED},
        {"stanza count 66", 56, 64, COFFRE_ERR_MALFORMED},
        {"reserved", 58, 1, COFFRE_ERR_MALFORMED},
        {"entry count 0", 60, 1, COFFRE_ERR_MALFORMED},
        {"entry count 2^30", 63, 0x40, COFFRE_ERR_MALFORMED},
        {"stanza's kem", 138, 1, COFFRE_ERR_MALFORMED},
        {"stanza's body length", 160, 1, COFFRE_ERR_MALFORMED},
    };
    size_t whole = world.record_len;

    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        check_about(faults[i].what);
        altered(world.record, whole, faults[i].at, faults[i].change, 1);
        parsed(faults[i].status, whole);
        if (faults[i].at <= 4 || faults[i].at == 12) continue; /* read before the checksum */
        altered(world.record, whole, faults[i].at, faults[i].change, 0);
        parsed(COFFRE_ERR_DAMAGED, whole);
    }
    check_about("too short to be anything");
    altered(world.record, whole, 0, 0, 0);
    parsed(COFFRE_ERR_MALFORMED, 0);
    parsed(COFFRE_ERR_MALFORMED, 4);
    parsed(COFFRE_ERR_MALFORMED, whole - 1);
    parsed(COFFRE_ERR_MALFORMED, whole + 1);
}

/* What only the keys can tell. */
static void content_of_a_record(void)
{
    enum { INSTANCE = 16, SCOPE = 32, GENERATION = 48, COMMITMENT = 64, METAKEY = 96, KEK = 164 };
    static const size_t parts[] = {INSTANCE, SCOPE, GENERATION, METAKEY, KEK};
    struct world *w = &world;
    size_t whole = w->record_len, mac = whole - 40, entry_body = mac - 40;
    coffre_session session;
    coffre_id_key id_key;

    check_about("content of a record");
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        altered(w->record, whole, parts[i], 0x80, 1);
        EXPECT(COFFRE_ERR_NOT_AUTHENTIC, open_record(&w->kek));
        if (parts[i] == KEK) EXPECT(COFFRE_ERR_NOT_AUTHENTIC, open_record(&w->pair));
    }
    altered(w->record, whole, COMMITMENT, 0x80, 1);
    EXPECT(COFFRE_ERR_OTHER_STORAGE_KEY, open_record(&w->kek));
    EXPECT(COFFRE_ERR_OTHER_STORAGE_KEY, open_record(&w->pair));
    altered(w->record, whole, mac, 1, 1);
    EXPECT(COFFRE_ERR_NOT_AUTHENTIC, open_record(&w->pair));
    altered(w->record, whole, entry_body, 1, 1);
    EXPECT(COFFRE_ERR_NOT_AUTHENTIC, open_record(&w->pair));
    poison(&session, sizeof session);
    EXPECT(COFFRE_ERR_NOT_AUTHENTIC,
           coffre_record_session(&w->context, &w->keys, &read, w->session_id, &session));
    CHECK(is_zeroed(&session, sizeof session));
    memcpy(record, w->repository, w->repository_len);
    record[w->repository_len - 80] ^= 1;
    fix_checksum(record, w->repository_len);
    EXPECT(COFFRE_OK, coffre_record_read(record, w->repository_len, &read));
    EXPECT(COFFRE_ERR_NOT_AUTHENTIC,
           coffre_record_id_key(&w->context, &w->repository_keys, &read, 9, &id_key));
    altered(w->record, whole, 0, 0, 1);
    EXPECT(COFFRE_OK, open_record(&w->kek));
    EXPECT(COFFRE_OK, open_record(&w->pair));
    EXPECT(COFFRE_ERR_WRONG_KEY, open_record(&w->stranger));
}

/* Keys that are not there, and keys of another record. */
static void keys_of_a_record(void)
{
    struct world *w = &world;
    uint8_t buffer[1024];
    coffre_session session;
    coffre_id_key id_key;
    coffre_record_writer writer;

#define EDIT(keys, generation)                                                                    \
    coffre_record_edit(&w->context, (keys), &w->read, (generation), buffer, sizeof buffer,        \
                       &writer)
#define ROTATE(keys, generation)                                                                  \
    coffre_record_rotate(&w->context, (keys), &w->read, (generation), buffer, sizeof buffer,      \
                         &writer)
    check_about("keys of a record");
    EXPECT(COFFRE_ERR_MISSING_KEY,
           coffre_record_session(&w->context, &w->keys, &w->read, w->other_session_id, &session));
    EXPECT(COFFRE_ERR_MISSING_KEY,
           coffre_record_id_key(&w->context, &w->keys, &w->read, 9, &id_key));
    EXPECT(COFFRE_ERR_MISSING_KEY, coffre_record_id_key(&w->context, &w->repository_keys,
                                                        &w->repository_read, 8, &id_key));
    EXPECT(COFFRE_ERR_NOT_AUTHENTIC, coffre_record_session(&w->context, &w->repository_keys,
                                                           &w->read, w->session_id, &session));
    EXPECT(COFFRE_ERR_OTHER_STORAGE_KEY, EDIT(&w->repository_keys, 99));
    EXPECT(COFFRE_ERR_OTHER_STORAGE_KEY, ROTATE(&w->repository_keys, 99));
    for (uint64_t generation = 0; generation < 4; generation++) {
        EXPECT(COFFRE_ERR_STALE, EDIT(&w->keys, generation));
        EXPECT(COFFRE_ERR_STALE, ROTATE(&w->keys, generation));
    }
    CHECK(is_zeroed(&writer, sizeof writer));
}

static void indices(void)
{
    static const size_t past[] = {2, 3, SIZE_MAX};
    coffre_record_recipient recipient;
    coffre_record_entry entry, both[2];
    size_t len = 9;

    check_about("past the end");
    poison(&recipient, sizeof recipient);
    poison(&entry, sizeof entry);
    poison(both, sizeof both);
    for (size_t i = 0; i < 3; i++) {
        EXPECT(COFFRE_ERR_NOT_FOUND,
               coffre_record_recipient_at(&world.read, past[i], &recipient));
        EXPECT(COFFRE_ERR_NOT_FOUND, coffre_record_entry_at(&world.read, past[i] - 1, &entry));
        EXPECT(COFFRE_OK, coffre_record_entries(&world.read, past[i] - 1, both, 2, &len));
        CHECK(len == 0);
    }
    CHECK(is_poisoned(&recipient, sizeof recipient) && is_poisoned(&entry, sizeof entry));
    EXPECT(COFFRE_OK, coffre_record_entries(&world.read, 0, both, 2, &len));
    CHECK(len == 1 && memcmp(both[0].id, world.session_id, 16) == 0);
    CHECK(is_poisoned(&both[1], sizeof both[1]));
    EXPECT(COFFRE_OK, coffre_record_entries(&world.read, 0, NULL, 0, &len));
    CHECK(len == 0);
}

static coffre_status check(const coffre_identity *identity, const uint8_t *instance,
                           uint64_t lowest, size_t len)
{
    poison(&report, sizeof report);
    return coffre_challenge_check(&world.context, identity, instance, lowest, record, len, &report);
}

static void verdict(const char *word, coffre_status expected, coffre_status found)
{
    uint8_t id[16];

    EXPECT(expected, found);
    CHECK(strcmp(coffre_challenge_verdict(found), word) == 0);
    CHECK(coffre_identity_id(&world.pair, id) == COFFRE_OK);
    CHECK(report.reserved == 0);
}

static void verdicts(void)
{
    struct world *w = &world;
    size_t whole = w->challenge_len;
    uint8_t elsewhere[16] = {1}, nothing[16] = {0}, id[16];

    check_about("verdicts");
    altered(w->challenge, whole, 0, 0, 1);
    verdict("match", COFFRE_OK, check(&w->pair, w->instance, 2, whole));
    CHECK(memcmp(report.expected_key_id, w->pair_id, 16) == 0);
    CHECK(memcmp(report.found_key_id, w->pair_id, 16) == 0);
    CHECK(memcmp(report.instance_id, w->instance, 16) == 0);
    CHECK(report.generation == 2 && report.object_type == COFFRE_CHALLENGE);
    verdict("wrong key", COFFRE_ERR_WRONG_KEY, check(&w->stranger, w->instance, 0, whole));
    CHECK(coffre_identity_id(&w->stranger, id) == COFFRE_OK);
    CHECK(memcmp(report.expected_key_id, w->pair_id, 16) == 0);
    CHECK(memcmp(report.found_key_id, id, 16) == 0);
    verdict("wrong key", COFFRE_ERR_WRONG_KEY, check(&w->kek, w->instance, 0, whole));
    verdict("stale", COFFRE_ERR_STALE, check(&w->pair, w->instance, 3, whole));
    CHECK(report.generation == 2);
    verdict("foreign", COFFRE_ERR_FOREIGN, check(&w->stranger, elsewhere, 3, whole));
    CHECK(memcmp(report.instance_id, w->instance, 16) == 0);

    altered(w->challenge, whole, 5, 1, 1);
    verdict("unsupported", COFFRE_ERR_UNSUPPORTED_VERSION,
            check(&w->pair, w->instance, 0, whole));
    altered(w->challenge, whole, 6, 2, 1);
    verdict("unsupported", COFFRE_ERR_UNSUPPORTED_SUITE, check(&w->pair, w->instance, 0, whole));
    altered(w->challenge, whole, 0, 1, 1);
    verdict("corrupt", COFFRE_ERR_MALFORMED, check(&w->pair, w->instance, 0, whole));
    CHECK(memcmp(report.expected_key_id, nothing, 16) == 0 && report.object_type == 0);
    CHECK(memcmp(report.found_key_id, w->pair_id, 16) == 0);
    altered(w->challenge, whole, 70, 1, 0);
    verdict("corrupt", COFFRE_ERR_DAMAGED, check(&w->pair, w->instance, 0, whole));
    altered(w->challenge, whole, 70, 1, 1);
    verdict("corrupt", COFFRE_ERR_OTHER_STORAGE_KEY, check(&w->pair, w->instance, 0, whole));
    altered(w->challenge, whole, 100, 1, 1);
    verdict("corrupt", COFFRE_ERR_NOT_AUTHENTIC, check(&w->pair, w->instance, 0, whole));
    verdict("corrupt", COFFRE_ERR_MALFORMED, check(&w->pair, w->instance, 0, 0));

    memcpy(record, w->record, w->record_len); /* the same check against a key record */
    verdict("match", COFFRE_OK, check(&w->pair, w->instance, 3, w->record_len));
    CHECK(memcmp(report.expected_key_id, w->pair_id, 16) == 0);
    CHECK(report.object_type == COFFRE_KEY_RECORD);
    verdict("match", COFFRE_OK, check(&w->kek, w->instance, 3, w->record_len));
    verdict("wrong key", COFFRE_ERR_WRONG_KEY, check(&w->stranger, w->instance, 3, w->record_len));
    CHECK(memcmp(report.expected_key_id, w->kek_id, 16) == 0);
    memcpy(record, w->repository, w->repository_len);
    verdict("match", COFFRE_OK, check(&w->pair, w->instance, 0, w->repository_len));
    CHECK(report.object_type == COFFRE_REPOSITORY_RECORD);
    CHECK(strcmp(coffre_challenge_verdict(COFFRE_ERR_OVERLAP), "not checked") == 0);
    CHECK(strcmp(coffre_challenge_verdict(12345), "not checked") == 0);
}

int main(void)
{
    world_make();
    bytes_of_a_record();
    content_of_a_record();
    keys_of_a_record();
    indices();
    verdicts();
    return check_end();
}
