/* part_slots.c: the key record is kept in two sectors of flash and changed in place. Wherever the
 * power goes, at the next start there is the old record or the new one, and the machine finishes
 * what it began. What it may not decide by itself it leaves as it is.
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
static uint64_t lowest_generation; /* a product keeps it where nobody can turn it back */
static uint8_t next[NOR_SECTOR];   /* the changed record */
static size_t next_len;

/* What a product does at each start. A generation that both slots hold is the lowest from then on.
 */
static coffre_status start(void)
{
    coffre_policy policy = COFFRE_POLICY_INIT;
    coffre_status status;

    policy.lowest_generation = lowest_generation;
    status = coffre_slots_open(&context, &policy, &identity, COFFRE_KEY_RECORD, image_instance,
                               image_point, nor_flash[0], NOR_SECTOR, nor_flash[1], NOR_SECTOR,
                               &record, &keys, &report);
    if (status == COFFRE_OK && report.settled) lowest_generation = report.generation[report.used];
    return status;
}

static int holds(size_t slot, const uint8_t *bytes, size_t len)
{
    return memcmp(nor_flash[slot], bytes, len) == 0;
}

/* Returns whether the slot holds the record now: that a driver wrote it does not say so. */
static int write_slot(size_t slot, const uint8_t *bytes, size_t len)
{
    nor_erase(slot);
    nor_program(slot, bytes, len);
    return holds(slot, bytes, len);
}

/* To the slot that is not in use, then to the other, which stays the one in use until the first is
 * known to be good: docs/FORMAT.md S5.
 */
static int write_both(const uint8_t *bytes, size_t len, size_t first)
{
    return write_slot(first, bytes, len) && write_slot(1 - first, bytes, len);
}

/* Finishes a change that the power interrupted: the record in use goes into the other slot, too.
 * Not if the other slot may be worth keeping: then nothing is written, and a person has to decide.
 * Returns whether both slots hold the record in use.
 */
static int settle(void)
{
    coffre_record_info info;

    if (report.settled) return 1;
    if (report.write_next == COFFRE_SLOT_NONE) return 0;
    part_must(coffre_record_inspect(&record, &info), "record in use");
    return write_slot(report.write_next, nor_flash[report.used], (size_t)info.total_len);
}

/* Makes the changed record: of a higher generation, and with one more session key. A machine that
 * only opens gets it from the PC.
 */
static void make_next(void)
{
    coffre_session session;
    coffre_record_writer writer;

    if (!part_has(COFFRE_FEATURE_SEAL)) {
        next_len = image_next_record_len;
        memcpy(next, image_next_record, next_len);
        return;
    }
    part_must(coffre_session_generate(&context, &session), "session key");
    part_must(coffre_record_edit(&context, &keys, &record, IMAGE_RECORD_GENERATION + 1, next,
                                 sizeof next, &writer),
              "change");
    part_must(coffre_record_add_session(&writer, &session), "session key into record");
    part_must(coffre_record_finish(&writer, &next_len, NULL), "changed record");
    coffre_session_wipe(&session);
}

/* As it was before a change. */
static int begin_with_old(void)
{
    nor_cut_after(UINT32_MAX);
    lowest_generation = IMAGE_RECORD_GENERATION;
    return write_both(image_key_record, image_key_record_len, 0);
}

/* --- power cuts --- */

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
    *was_cut = 0;
    if (!begin_with_old()) return 0;
    nor_cut_after(step);
    (void)write_both(next, next_len, first);
    *was_cut = nor_was_cut();
    if (!start_is_good()) return 0;

    /* The power goes again while that is put right, and comes back for good. */
    nor_cut_after(step / 2);
    (void)settle();
    if (!start_is_good()) return 0;
    nor_cut_after(UINT32_MAX);
    if (!settle()) return 0;
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

/* --- what is not to be settled by writing --- */

static int nothing_is_written_by_settle(void)
{
    int written, settled;

    nor_cut_after(0); /* the first step would be noticed */
    settled = settle();
    written = nor_was_cut();
    nor_cut_after(UINT32_MAX);
    return !written && !settled;
}

/* The record's KEK is changed, and the power goes after the first slot; the machine starts with the
 * old KEK. What the other slot holds is the newest record, which nobody here can open.
 */
static void half_changed_key(void)
{
    const uint8_t *rekeyed = image_rekeyed_record;
    coffre_identity old = identity;

    part_check(begin_with_old() && write_slot(0, rekeyed, image_rekeyed_record_len),
               "a change of keys stops after one slot");
    part_expect(COFFRE_OK, start(), "the old key opens the old record");
    part_check(report.used == 1 && report.write_next == COFFRE_SLOT_NONE && !report.settled,
               "what the other slot holds is not given up");
    part_check(nothing_is_written_by_settle(), "nothing is written");
    part_check(holds(0, rekeyed, image_rekeyed_record_len) &&
                   holds(1, image_key_record, image_key_record_len),
               "both records are there");

    part_must(
        coffre_identity_from_kek(&context, image_other_kek, sizeof image_other_kek, &identity),
        "other KEK");
    part_expect(COFFRE_OK, start(), "the new key opens the new record");
    part_check(settle() && start() == COFFRE_OK && report.settled, "and finishes the change");
    coffre_identity_wipe(&identity);
    identity = old;
    coffre_identity_wipe(&old);
}

/* Flash that says it was programmed and was not. */
static void worn_out_flash(void)
{
    part_check(begin_with_old(), "the old record again");
    nor_wear_out(0);
    part_check(!write_both(next, next_len, 0), "a word that was not programmed is noticed");
    part_check(start_is_good() && report.used == 1, "the record in use was left alone");
    nor_wear_out(NOR_NONE);
}

static void old_records_put_back(void)
{
    part_check(begin_with_old() && start_is_good() && write_both(next, next_len, report.write_next),
               "a change is done");
    part_expect(COFFRE_OK, start(), "and its generation kept");
    part_check(write_both(image_key_record, image_key_record_len, 0), "somebody undoes it");
    part_expect(COFFRE_ERR_ROLLBACK, start(), "which the generation that was kept tells");
}

int main(void)
{
    part_begin(&context);
    part_must(coffre_identity_from_kek(&context, image_kek, sizeof image_kek, &identity), "KEK");
    nor_cut_after(UINT32_MAX);
    nor_erase(0);
    nor_erase(1);
    part_expect(COFFRE_ERR_NOT_FOUND, start(), "new flash is empty");
    part_check(write_slot(report.write_next, image_key_record, image_key_record_len),
               "the first record is written");
    part_expect(COFFRE_OK, start(), "and opens");
    part_check(report.settled == 0 && report.write_next == 1, "it belongs in both slots");
    part_check(settle(), "and is written to the other one");
    make_next();
    every_cut(0, "a change that begins with slot 0");
    every_cut(1, "a change that begins with slot 1");
    half_changed_key();
    worn_out_flash();
    old_records_put_back();
    coffre_record_keys_wipe(&keys);
    coffre_record_wipe(&record);
    coffre_identity_wipe(&identity);
    coffre_context_wipe(&context);
    return part_end();
}
