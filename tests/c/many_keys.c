/* many_keys.c: ten thousand session keys in one record: it is read once and opened once, and then
 * gives each key by its id; the keys that it gives are those that were put in.
 */
#include <time.h>

#include "world.h"

#define SESSIONS 10000
#define PAGE 333

static coffre_session sessions[SESSIONS];
static uint8_t ids[SESSIONS][16];

static double seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static uint8_t *write_record(size_t *len)
{
    size_t size = coffre_record_size(coffre_recipient_stanza_size(&world.pair_recipient) +
                                         coffre_recipient_stanza_size(&world.kek_recipient),
                                     SESSIONS);
    uint8_t *bytes = poisoned(size);
    coffre_record_writer writer;

    check_must(coffre_record_create(&world.context, COFFRE_KEY_RECORD, world.instance, world.point,
                                    1, bytes, size, &writer),
               "record");
    check_must(coffre_record_add_recipient(&world.context, &writer, &world.pair_recipient), "pair");
    for (size_t i = 0; i < SESSIONS; i++) {
        check_must(coffre_session_generate(&world.context, &sessions[i]), "session");
        check_must(coffre_session_id(&sessions[i], ids[i]), "its id");
        check_must(coffre_record_add_session(&writer, &sessions[i]), "session into record");
    }
    EXPECT(COFFRE_ERR_DUPLICATE, coffre_record_add_session(&writer, &sessions[SESSIONS / 2]));
    EXPECT(COFFRE_OK,
           coffre_record_add_recipient(&world.context, &writer, &world.kek_recipient));
    EXPECT(COFFRE_OK, coffre_record_finish(&writer, len, NULL));
    CHECK(*len == size);
    return bytes;
}

static int by_id(const void *a, const void *b)
{
    return memcmp(a, b, 16);
}

/* Page by page, in ascending order, as a product lists them. */
static void listing(const coffre_record *record)
{
    static uint8_t sorted[SESSIONS][16];
    coffre_record_entry page[PAGE], one;
    size_t first = 0, found = 0, wrong = 0;

    memcpy(sorted, ids, sizeof sorted);
    qsort(sorted, SESSIONS, 16, by_id);
    do {
        EXPECT(COFFRE_OK, coffre_record_entries(record, first, page, PAGE, &found));
        for (size_t i = 0; i < found; i++)
            wrong += page[i].type != COFFRE_ENTRY_SESSION_KEY || page[i].reserved != 0 ||
                     memcmp(page[i].id, sorted[first + i], 16) != 0;
        first += found;
    } while (found == PAGE);
    CHECK(first == SESSIONS && wrong == 0);
    EXPECT(COFFRE_OK, coffre_record_entry_at(record, SESSIONS - 1, &one));
    CHECK(memcmp(one.id, sorted[SESSIONS - 1], 16) == 0);
    EXPECT(COFFRE_ERR_NOT_FOUND, coffre_record_entry_at(record, SESSIONS, &one));
}

/* A session that was found opens what the one that was put in sealed. */
static int is_same(const coffre_session *found, const coffre_session *made)
{
    static uint8_t block[COFFRE_BLOCK_SEALED_MAX(64)], plain[64];
    size_t block_len, plain_len;

    return coffre_block_seal(&world.context, made, &world.id, NULL, world.plain, 64,
                             &world.workspace, block, sizeof block, &block_len,
                             NULL) == COFFRE_OK &&
           coffre_block_open(&world.context, NULL, found, NULL, block, block_len, &world.workspace,
                             plain, sizeof plain, &plain_len) == COFFRE_OK;
}

static void finding(const coffre_record_keys *keys, const coffre_record *record)
{
    coffre_session found;
    size_t missing = 0, different = 0;
    uint8_t id[16];

    for (size_t i = 0; i < SESSIONS; i++) {
        missing += coffre_record_session(&world.context, keys, record, ids[i], &found) != COFFRE_OK;
        missing += coffre_session_id(&found, id) != COFFRE_OK || memcmp(id, ids[i], 16) != 0;
        if (i % 97 == 0) different += !is_same(&found, &sessions[i]);
    }
    CHECK(missing == 0 && different == 0);
    memset(id, 0, sizeof id);
    EXPECT(COFFRE_ERR_MISSING_KEY,
           coffre_record_session(&world.context, keys, record, id, &found));
    memset(id, 0xff, sizeof id);
    EXPECT(COFFRE_ERR_MISSING_KEY,
           coffre_record_session(&world.context, keys, record, id, &found));
}

int main(void)
{
    coffre_record record, rotated;
    coffre_record_keys keys, rotated_keys;
    coffre_record_writer writer;
    size_t len = 0;

    world_make();
    check_about("ten thousand keys");
    double start = seconds();
    uint8_t *bytes = write_record(&len);
    double written = seconds();
    EXPECT(COFFRE_OK, coffre_record_read(bytes, len, &record));
    EXPECT(COFFRE_OK, coffre_record_open(&world.context, NULL, &world.pair, &record, &keys));
    double opened = seconds();
    finding(&keys, &record);
    double found = seconds();
    listing(&record);

    check_about("ten thousand keys, rotated");
    uint8_t *again = poisoned(len);
    EXPECT(COFFRE_OK,
           coffre_record_rotate(&world.context, &keys, &record, 2, again, len, &writer));
    EXPECT(COFFRE_OK,
           coffre_record_add_recipient(&world.context, &writer, &world.kek_recipient));
    EXPECT(COFFRE_OK, coffre_record_finish(&writer, &len, &rotated_keys));
    EXPECT(COFFRE_OK, coffre_record_read(again, len, &rotated));
    finding(&rotated_keys, &rotated);
    listing(&rotated);
    coffre_session session;
    EXPECT(COFFRE_ERR_NOT_AUTHENTIC,
           coffre_record_session(&world.context, &keys, &rotated, ids[0], &session));
    printf("%d keys: written in %.0f ms, read and opened in %.1f ms, all found in %.0f ms\n",
           SESSIONS, 1e3 * (written - start), 1e3 * (opened - written), 1e3 * (found - opened));
    free(bytes);
    free(again);
    return check_end();
}
