/* slots.c: a record in two sectors of NOR flash, and the power goes at every single write: there is
 * always the old record or the new one, the report says what happened to the other, and writing
 * goes on from there.
 *
 * The flash: erasing makes a sector all ones, piece by piece; writing clears bits, word by word. A
 * cut leaves the piece half erased, or the word half written.
 */
#include "world.h"

#define SECTOR 1024
#define WORD 4
#define PIECE 64 /* bytes that are erased at once */

static uint8_t flash[2][SECTOR];
static uint64_t noise = 7;
static size_t steps_left; /* until the power goes */
static int is_dead;

static uint8_t old_record[SECTOR], new_record[SECTOR];
static size_t old_len, new_len;

/* --- the flash --- */

/* Whether the power goes in this step. */
static int cut(void)
{
    if (is_dead) return 1;
    if (steps_left-- > 0) return 0;
    is_dead = 1;
    for (size_t i = 0; i < 13; i++) /* so that no two cuts are alike */
        test_random_next(&noise);
    return 1;
}

static void erase(uint8_t *sector)
{
    for (size_t at = 0; at < SECTOR && !is_dead; at += PIECE) {
        int half = cut();

        for (size_t i = at; i < at + PIECE; i++)
            sector[i] = half ? sector[i] | (uint8_t)test_random_next(&noise) : 0xff;
    }
}

static void program(uint8_t *sector, const uint8_t *bytes, size_t len)
{
    for (size_t at = 0; at < len && !is_dead; at += WORD) {
        int half = cut();

        for (size_t i = at; i < at + WORD && i < len; i++)
            sector[i] &= half ? bytes[i] | (uint8_t)test_random_next(&noise) : bytes[i];
    }
}

static void write_slot(size_t slot, const uint8_t *bytes, size_t len)
{
    erase(flash[slot]);
    program(flash[slot], bytes, len);
}

/* --- the product --- */

static coffre_record used;
static coffre_record_keys keys;
static coffre_slots_report report;

static coffre_status start_with(const coffre_identity *identity)
{
    poison(&report, sizeof report);
    return coffre_slots_open(&world.context, NULL, identity, COFFRE_KEY_RECORD, world.instance,
                             world.point, flash[0], SECTOR, flash[1], SECTOR, &used, &keys,
                             &report);
}

/* To the slot that is free, then to the other: FORMAT.md S5. */
static void change_to(const uint8_t *bytes, size_t len, size_t first)
{
    write_slot(first, bytes, len);
    write_slot(1 - first, bytes, len);
}

static uint64_t generation(void)
{
    coffre_record_info info;

    EXPECT(COFFRE_OK, coffre_record_inspect(&used, &info));
    return info.generation;
}

/* Two generations: the pair can open the first only, the stranger the second only. */
static void make_records(void)
{
    struct world *w = &world;
    coffre_recipient stranger;
    coffre_record_writer writer;
    coffre_record record;

    check_must(coffre_identity_recipient(&w->stranger, &stranger), "stranger");
    memcpy(old_record, w->record, w->record_len);
    old_len = w->record_len;
    check_must(coffre_record_read(old_record, old_len, &record), "old record");
    check_must(coffre_record_edit(&w->context, &w->keys, &record, 4, new_record, SECTOR, &writer),
               "edit");
    check_must(coffre_record_replace_recipient(&w->context, &writer, w->pair_id, &stranger),
               "replace");
    check_must(coffre_record_add_session(&writer, &w->other_session), "session");
    check_must(coffre_record_finish(&writer, &new_len, NULL), "new record");
}

static int is_empty(const uint8_t *sector)
{
    return is_all(sector, 16, 0xff) || is_all(sector, 16, 0);
}

static int holds(size_t slot, const uint8_t *record, size_t len)
{
    return memcmp(flash[slot], record, len) == 0;
}

/* What a start finds after a cut, wherever it was. */
static void after_cut(void)
{
    int old = holds(0, old_record, old_len) || holds(1, old_record, old_len);
    int new = holds(0, new_record, new_len) || holds(1, new_record, new_len);

    CHECK(old || new);
    if (!EXPECT(COFFRE_OK, start_with(&world.kek))) return;
    CHECK(generation() == (new ? 4 : 3));
    CHECK(report.used < 2 && report.write_next == 1 - report.used);
    CHECK(holds(report.used, new ? new_record : old_record, new ? new_len : old_len));
    CHECK(report.status[report.used] == COFFRE_OK);
    CHECK(report.generation[report.used] == generation());

    size_t other = 1 - report.used;
    int whole = holds(other, old_record, old_len) || holds(other, new_record, new_len);
    CHECK(report.fell_back == (uint32_t)(!whole && !is_empty(flash[other])));
    CHECK((report.status[other] == COFFRE_ERR_NOT_FOUND) == is_empty(flash[other]));
    CHECK((report.status[other] == COFFRE_OK) == whole);
    CHECK((report.generation[other] != 0) == whole);
    CHECK(report.settled == (uint32_t)(holds(other, old_record, old_len)
                                           ? !new
                                           : new && holds(other, new_record, new_len)));
    /* The one who was taken out is out only when that is settled. */
    coffre_status removed = start_with(&world.pair);
    EXPECT(old ? COFFRE_OK : COFFRE_ERR_WRONG_KEY, removed);
    EXPECT(COFFRE_OK, start_with(&world.kek));
}

/* What a product does when its slots are not settled. */
static void settle(void)
{
    uint8_t copy[SECTOR];
    coffre_record_info info;

    if (report.settled) return;
    EXPECT(COFFRE_OK, coffre_record_inspect(&used, &info));
    memcpy(copy, flash[report.used], (size_t)info.total_len);
    write_slot(report.write_next, copy, (size_t)info.total_len);
}

/* The power goes after `n` steps of a change that begins with slot `first`; 1 if it went. */
static int one_cut(size_t n, size_t first)
{
    static char about[64];

    snprintf(about, sizeof about, "cut at step %zu, slot %zu first", n, first);
    check_about(about);
    is_dead = 0, steps_left = SIZE_MAX;
    change_to(old_record, old_len, 0);
    EXPECT(COFFRE_OK, start_with(&world.kek));
    CHECK(report.settled == 1 && report.fell_back == 0 && generation() == 3);
    steps_left = n;
    change_to(new_record, new_len, first);
    int was_cut = is_dead;
    after_cut();
    if (n % 5 == 0) { /* and again, in the middle of mending */
        is_dead = 0, steps_left = n / 2;
        settle();
        after_cut();
    }
    is_dead = 0, steps_left = SIZE_MAX;
    settle();
    EXPECT(COFFRE_OK, start_with(&world.kek));
    CHECK(report.settled == 1 && report.fell_back == 0);
    CHECK(report.generation[0] == report.generation[1]);
    return was_cut;
}

static void every_cut(void)
{
    size_t cuts = 0;

    for (size_t first = 0; first < 2; first++) {
        size_t n = 0;

        while (one_cut(n, first))
            n++;
        CHECK(holds(0, new_record, new_len) && holds(1, new_record, new_len));
        cuts += n;
    }
    CHECK(cuts == 2 * 2 * (SECTOR / PIECE + (new_len + WORD - 1) / WORD));
    printf("%zu power cuts: an old or a new record was always there\n", cuts);
}

/* A change begins with the slot that is named, whichever it is: the record in use stays. */
static void many_changes(void)
{
    coffre_record_writer writer;
    uint8_t next[SECTOR];
    size_t next_len, slots[2] = {0, 0};

    check_about("many changes");
    is_dead = 0, steps_left = SIZE_MAX;
    memset(flash, 0xff, sizeof flash);
    EXPECT(COFFRE_ERR_NOT_FOUND, start_with(&world.kek));
    CHECK(report.used == COFFRE_SLOT_NONE && report.write_next == 0);
    write_slot(report.write_next, old_record, old_len);
    for (uint64_t at = 4; at < 40; at++) {
        EXPECT(COFFRE_OK, start_with(&world.kek));
        CHECK(generation() == at - 1);
        check_must(coffre_record_edit(&world.context, &keys, &used, at, next, SECTOR, &writer),
                   "edit");
        check_must(coffre_record_finish(&writer, &next_len, NULL), "its end");
        slots[report.write_next]++;
        write_slot(report.write_next, next, next_len);
        EXPECT(COFFRE_OK, start_with(&world.kek));
        CHECK(report.settled == 0 && generation() == at);
        if (at % 3 == 0) continue; /* not settled, and changed again */
        write_slot(report.write_next, next, next_len);
        EXPECT(COFFRE_OK, start_with(&world.kek));
        CHECK(report.settled == 1);
    }
    CHECK(slots[0] > 0 && slots[1] > 0);
}

int main(void)
{
    world_make();
    make_records();
    every_cut();
    many_changes();
    return check_end();
}
