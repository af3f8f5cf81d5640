/* flips.c: every single-bit flip and every truncation of a block of 4 KiB, of a key record with two
 * recipients and three sessions, and of challenges: nothing of it opens. Without a checksum that
 * fits, and with one, as an attacker would make it.
 */
#include "test_checksum.h"
#include "world.h"

static uint8_t object[8192], out[8192];

#define SHORTEST 25 /* object that test_checksum.h takes */

struct target {
    const char *what;
    uint8_t bytes[8192];
    size_t len;
};

/* The block does not open, and what came out of it is nothing. A length that was raised may ask for
 * a larger buffer first.
 */
static void refused(size_t len)
{
    coffre_status status;
    size_t out_len = 1;

    poison(out, WORLD_PLAIN + 100);
    status = coffre_block_open(&world.context, NULL, &world.session, NULL, object, len,
                               &world.workspace, out, sizeof out, &out_len);
    CHECK(status != COFFRE_OK && is_kept_or_zeroed(out, WORLD_PLAIN + 100));
    CHECK(status == COFFRE_ERR_BUFFER_TOO_SMALL ? out_len > sizeof out : out_len == 0);
}

static coffre_status stream_block(size_t len, struct bytes *sunk)
{
    coffre_block_reader reader;
    coffre_status status;

    if (len < COFFRE_BLOCK_HEADER_SIZE) return COFFRE_ERR_MALFORMED;
    status = coffre_block_reader_begin(&world.context, NULL, &world.session, NULL, object,
                                       world.scratch, sizeof world.scratch, &reader);
    if (status == COFFRE_OK)
        status = coffre_block_reader_push(&reader, object + COFFRE_BLOCK_HEADER_SIZE,
                                          len - COFFRE_BLOCK_HEADER_SIZE, bytes_sink, sunk);
    if (status == COFFRE_OK) status = coffre_block_reader_finish(&reader);
    coffre_block_reader_wipe(&reader);
    return status;
}

static void block_flips(const struct target *target)
{
    size_t len = target->len;
    coffre_block_info info;

    check_about(target->what);
    for (size_t bit = 0; bit < 8 * len; bit++) {
        struct bytes sunk = {out, 0, sizeof out};

        memcpy(object, target->bytes, len);
        object[bit / 8] ^= (uint8_t)(1 << bit % 8);
        CHECK(coffre_block_scrub(object, len, &info) != COFFRE_OK);
        refused(len);
        CHECK(stream_block(len, &sunk) != COFFRE_OK);
        CHECK(sunk.len == 0 || memcmp(out, world.plain, sunk.len) == 0);
        if (bit / 8 >= len - 8 || len < SHORTEST) continue; /* the checksum itself */
        fix_checksum(object, len);
        refused(len);
    }
    for (size_t cut = 0; cut < len; cut++) {
        struct bytes sunk = {out, 0, sizeof out};

        memcpy(object, target->bytes, len);
        CHECK(coffre_block_scrub(object, cut, &info) != COFFRE_OK);
        refused(cut);
        CHECK(stream_block(cut, &sunk) != COFFRE_OK);
        if (cut < SHORTEST) continue;
        fix_checksum(object, cut);
        refused(cut);
    }
}

static void make_block(struct target *target, uint32_t flags)
{
    coffre_seal_options options = COFFRE_SEAL_OPTIONS_INIT;

    options.flags = flags;
    check_must(coffre_block_seal(&world.context, &world.session, &world.id, &options, world.plain,
                                 WORLD_PLAIN, &world.workspace, target->bytes,
                                 sizeof target->bytes, &target->len, NULL),
               "block");
}

/* Opens a record and finds every session in it. */
static int opens(const coffre_identity *identity, size_t len)
{
    coffre_record record;
    coffre_record_keys keys;
    return coffre_record_read(object, len, &record) == COFFRE_OK &&
           coffre_record_open(&world.context, NULL, identity, &record, &keys) == COFFRE_OK;
}

/* P-256 takes a while: with a fitting checksum only every `step`th bit is tried with the pair. */
static void record_flips(const struct target *target, const coffre_identity *fast, size_t step)
{
    size_t len = target->len;
    coffre_record record;

    check_about(target->what);
    memcpy(object, target->bytes, len);
    CHECK(opens(&world.pair, len));
    if (fast != NULL) CHECK(opens(fast, len));
    for (size_t bit = 0; bit < 8 * len; bit++) {
        memcpy(object, target->bytes, len);
        object[bit / 8] ^= (uint8_t)(1 << bit % 8);
        poison(&record, sizeof record);
        CHECK(coffre_record_read(object, len, &record) != COFFRE_OK);
        CHECK(is_zeroed(&record, sizeof record));
        CHECK(!opens(&world.pair, len));
        CHECK(coffre_challenge_check(&world.context, &world.pair, world.instance, 0, object, len,
                                     NULL) != COFFRE_OK);
        if (bit / 8 >= len - 8) continue;
        fix_checksum(object, len);
        if (fast != NULL) CHECK(!opens(fast, len));
        if (bit % step == 0) CHECK(!opens(&world.pair, len));
    }
    for (size_t cut = 0; cut < len; cut++) {
        memcpy(object, target->bytes, len);
        CHECK(coffre_record_read(object, cut, &record) != COFFRE_OK);
        CHECK(!opens(&world.pair, cut));
        if (cut < SHORTEST) continue;
        fix_checksum(object, cut);
        CHECK(!opens(&world.pair, cut));
    }
}

static void make_record(struct target *target)
{
    coffre_context *context = &world.context;
    coffre_record_writer writer;
    coffre_session third;

    check_must(coffre_record_create(context, COFFRE_KEY_RECORD, world.instance, world.point, 1,
                                    target->bytes, sizeof target->bytes, &writer),
               "record");
    check_must(coffre_record_add_recipient(context, &writer, &world.kek_recipient), "KEK");
    check_must(coffre_record_add_recipient(context, &writer, &world.pair_recipient), "pair");
    check_must(coffre_session_generate(context, &third), "session");
    check_must(coffre_record_add_session(&writer, &world.session), "session 1");
    check_must(coffre_record_add_session(&writer, &third), "session 2");
    check_must(coffre_record_add_session(&writer, &world.other_session), "session 3");
    check_must(coffre_record_finish(&writer, &target->len, NULL), "record's end");
}

/* The smallest record: a challenge for a KEK, which the pair does not open. */
static void kek_challenge_flips(void)
{
    size_t len;
    uint8_t challenge[512];

    check_about("challenge for a KEK");
    check_must(coffre_challenge_create(&world.context, &world.kek_recipient, world.instance, 1,
                                       challenge, sizeof challenge, &len),
               "challenge");
    for (size_t bit = 0; bit < 8 * len; bit++) {
        memcpy(object, challenge, len);
        object[bit / 8] ^= (uint8_t)(1 << bit % 8);
        CHECK(coffre_challenge_check(&world.context, &world.kek, world.instance, 0, object, len,
                                     NULL) != COFFRE_OK);
        if (bit / 8 >= len - 8) continue;
        fix_checksum(object, len);
        CHECK(coffre_challenge_check(&world.context, &world.kek, world.instance, 0, object, len,
                                     NULL) != COFFRE_OK);
    }
    for (size_t cut = 0; cut < len; cut++)
        CHECK(coffre_challenge_check(&world.context, &world.kek, world.instance, 0, challenge, cut,
                                     NULL) != COFFRE_OK);
}

int main(void)
{
    static struct target compressed = {"a compressed block", {0}, 0};
    static struct target stored = {"a stored block", {0}, 0};
    static struct target zero = {"a block of zeros", {0}, 0};
    static struct target record = {"a key record", {0}, 0};
    static struct target challenge = {"a challenge", {0}, 0};

    world_make();
    make_block(&compressed, 0);
    make_block(&stored, COFFRE_SEAL_STORE);
    block_flips(&compressed);
    block_flips(&stored);
    make_record(&record);
    record_flips(&record, &world.kek, 1);
    memcpy(challenge.bytes, world.challenge, world.challenge_len);
    challenge.len = world.challenge_len;
    record_flips(&challenge, NULL, 1);
    kek_challenge_flips();
    memset(world.plain, 0, sizeof world.plain);
    make_block(&zero, 0);
    block_flips(&zero);
    return check_end();
}
