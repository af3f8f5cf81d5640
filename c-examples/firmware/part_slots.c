/* part_slots.c: the key record is kept in two sectors of flash and changed in place. Wherever the
 * power goes, at the next start there is the old record or the new one, and the machine finishes
 * what it began.
 */
#include "pc_image.h"
#include "nor_flash.h"
#include "part.h"

#include <string.h>

static coffre_context context;
static coffre_identity identity;
static coffre_record record;
static coffre_record_keys keys;
static coffre_slots_report report;
static uint8_t next[NOR_SECTOR]; /* the record in the making */
static size_t next_len;

/* What a product does at each start. */
static coffre_status start(void)
{
    return coffre_slots_open(&context, NULL, &identity, COFFRE_KEY_RECORD, image_instance,
                             image_point, nor_flash[0], NOR_SECTOR, nor_flash[1], NOR_SECTOR,
                             &record, &keys, &report);
}

static void write_slot(size_t slot, const uint8_t *bytes, size_t len)
{
    nor_erase(slot);
    nor_program(slot, bytes, len);
}

/* To the slot that is not in use, then to the other: docs/FORMAT.md S5. */
static void write_both(const uint8_t *bytes, size_t len, size_t first)
{
    write_slot(first, bytes, len);
    write_slot(1 - first, bytes, len);
}

/* Finishes a change that the power interrupted: the record in use goes into the other slot, too. */
static void settle(void)
{
    coffre_record_info info;

    if (report.settled) return;
    part_must(coffre_record_inspect(&record, &info), "record in use");
    write_slot(report.write_next, nor_flash[report.used], (size_t)info.total_len);
}

/* Makes the changed record: of a higher generation, and with one more session key. */
static void make_next(void)
{
    coffre_session session;
    coffre_record_writer writer;

    part_must(coffre_session_generate(&context, &session), "session key");
    part_must(coffre_record_edit(&context, &keys, &record, IMAGE_RECORD_GENERATION + 1, next,
                                 sizeof next, &writer),
              "change");
    part_must(coffre_record_add_session(&writer, &session), "session key into record");
    part_must(coffre_record_finish(&writer, &next_len, NULL), "changed record");
    coffre_session_wipe(&session);
}

static int holds(size_t slot, const uint8_t *bytes, size_t len)
{
    return memcmp(nor_flash[slot], bytes, len) == 0;
}

/* Whether a start finds the old record, or the new one as soon as one slot holds it. */
static int start_is_good(void)
{
    coffre_record_info info;
    int new = holds(0, next, next_len) || holds(1, next, next_len);

    return start() == COFFRE_OK && coffre_record_inspect(&record, &info) == COFFRE_OK &&
           info.generation == (uint64_t)IMAGE_RECORD_GENERATION + (uint64_t) new &&
           (new ? holds(report.used, next, next_len)
                : holds(report.used, image_key_record, image_key_record_len));
}

/* One change, in whose step `step` the power goes; whether all went as it should. */
static int survives(uint32_t step, size_t first, int *was_cut)
{
    nor_cut_after(UINT32_MAX);
    write_both(image_key_record, image_key_record_len, 0);
    nor_cut_after(step);
    write_both(next, next_len, first);
    *was_cut = nor_was_cut();
    if (!start_is_good()) return 0;

    /* The power goes again while that is put right, and comes back for good. */
    nor_cut_after(step / 2);
    settle();
    if (!start_is_good()) return 0;
    nor_cut_after(UINT32_MAX);
    settle();
    return start_is_good() && report.settled == 1 && report.fell_back == 0;
}

static void every_cut(size_t first, const char *what)
{
    uint32_t step = 0, lost = 0;
    int was_cut;

    do {
        if (!survives(step, first, &was_cut)) lost++;
        step++;
    } while (was_cut);
    part_print_number(step - 1);
    part_print(" power cuts, ");
    part_print_number(lost);
    part_print(" of them lost a record\n");
    part_check(lost == 0 && step - 1 == 2 * (1 + (next_len + NOR_WORD - 1) / NOR_WORD), what);
}

int main(void)
{
    part_begin(&context);
    part_must(coffre_identity_from_kek(&context, image_kek, sizeof image_kek, &identity), "KEK");
    nor_cut_after(UINT32_MAX);
    nor_erase(0);
    nor_erase(1);
    part_expect(COFFRE_ERR_NOT_FOUND, start(), "new flash is empty");
    write_slot(report.write_next, image_key_record, image_key_record_len);
    part_expect(COFFRE_OK, start(), "the first record");
    part_check(report.settled == 0 && report.write_next == 1, "which belongs in both slots");
    settle();
    make_next();
    every_cut(0, "a change that begins with slot 0");
    every_cut(1, "a change that begins with slot 1");
    coffre_record_keys_wipe(&keys);
    coffre_record_wipe(&record);
    coffre_identity_wipe(&identity);
    coffre_context_wipe(&context);
    return part_end();
}
