/* part_restore_point.c: a whole restore point is checked by its manifest, entry by entry: it is
 * what was backed up, nothing is missing or exchanged, it is not an old one, and it was made by
 * whom it should.
 *
 * The order is that of docs/FORMAT.md section 6: what an entry says counts only after its segment's
 * MAC, and the restore point is whole only after the root.
 */
#include "pc_image.h"
#include "part.h"

#include <string.h>

#define ENTRY 128
#define MAC   32

/* The reader's workspace for such a block in profile small. */
#define MEMORY PART_WORKSPACE(41216)
static uint8_t memory[MEMORY];
static uint8_t block[IMAGE_STRIDE];
static coffre_context context;
static coffre_record record;
static coffre_record_keys keys;
static coffre_session session;
static coffre_block_reader reader;
static coffre_manifest_reader manifest;
static uint64_t flipped; /* the address in storage at which a bit is wrong; 0 for none */

static coffre_status read_storage(uint64_t at, uint8_t *out, size_t len)
{
    if (board_storage_read(at, out, len) != 0) return COFFRE_ERR_CALLBACK;
    if (flipped - at < len) out[flipped - at] ^= 1;
    return COFFRE_OK;
}

/* --- a block --- */

/* Reads the block of an entry, whose size its header tells. */
static coffre_status read_block(const coffre_manifest_entry *entry, size_t *len)
{
    uint64_t at = IMAGE_BLOCKS + entry->position * IMAGE_STRIDE;
    coffre_block_info info;
    coffre_status status = read_storage(at, block, COFFRE_BLOCK_HEADER_SIZE);

    if (status == COFFRE_OK) status = coffre_block_inspect(block, COFFRE_BLOCK_HEADER_SIZE, &info);
    if (status != COFFRE_OK) return status;
    if (info.total_len > sizeof block) return COFFRE_ERR_UNEXPECTED_BLOCK;
    *len = (size_t)info.total_len;
    return read_storage(at, block, *len);
}

/* Checks that the block is the one that the manifest lists, bit by bit, and opens it. */
static coffre_status check_block(const coffre_manifest_entry *entry)
{
    const size_t header = COFFRE_BLOCK_HEADER_SIZE;
    struct part_compared compared = {entry->position * IMAGE_BLOCK, 0};
    coffre_block_expect expect = COFFRE_BLOCK_EXPECT_INIT;
    uint8_t digest[32];
    size_t len;
    coffre_status status = read_block(entry, &len);

    if (status == COFFRE_OK) status = coffre_block_digest(entry->version, block, len, digest);
    if (status != COFFRE_OK) return status;
    if (memcmp(digest, entry->digest, sizeof digest) != 0) return COFFRE_ERR_UNEXPECTED_BLOCK;

    expect.flags = COFFRE_EXPECT_ID | COFFRE_EXPECT_COMMITMENT | COFFRE_EXPECT_PLAIN_LEN;
    expect.id = entry->id;
    expect.plain_len = entry->plain_len;
    memcpy(expect.commitment, entry->commitment, sizeof expect.commitment);
    status = coffre_block_reader_begin(&context, NULL, &session, &expect, block, memory,
                                       sizeof memory, &reader);
    if (status == COFFRE_OK)
        status = coffre_block_reader_push(&reader, block + header, len - header, part_compare,
                                          &compared);
    if (status == COFFRE_OK) status = coffre_block_reader_finish(&reader);
    coffre_block_reader_wipe(&reader);
    part_wipe(memory, sizeof memory);
    if (status == COFFRE_ERR_NOT_BUILT) return COFFRE_OK; /* without zstd the digest has to do */
    if (status == COFFRE_OK && compared.differs) status = COFFRE_ERR_UNEXPECTED_BLOCK;
    return status;
}

/* --- the manifest --- */

/* Checks `len` bytes of entries and the MAC behind them. */
static coffre_status check_segment(uint64_t at, size_t len)
{
    uint8_t bytes[ENTRY];
    coffre_manifest_entry entry;
    coffre_status status = COFFRE_OK;

    for (uint64_t end = at + len - MAC; at < end; at += ENTRY) {
        status = read_storage(at, bytes, ENTRY);
        if (status == COFFRE_OK)
            status = coffre_manifest_provisional_entry(&manifest, bytes, &entry);
        if (status == COFFRE_OK && entry.kind == COFFRE_MANIFEST_BLOCK)
            status = check_block(&entry);
        if (status != COFFRE_OK) return status;
    }
    status = read_storage(at, bytes, MAC);
    return status == COFFRE_OK ? coffre_manifest_end_segment(&manifest, bytes) : status;
}

static coffre_status close_manifest(uint64_t at, coffre_manifest_whole *whole)
{
    uint8_t trailer[COFFRE_MANIFEST_TRAILER_SIZE];
    coffre_status status = read_storage(at, trailer, sizeof trailer);

    if (status != COFFRE_OK) return status;
    if (!part_has(COFFRE_FEATURE_PUBLIC_KEY))
        return coffre_manifest_close(&manifest, trailer, NULL, NULL, NULL, 0, whole);
    coffre_origin origin;
    part_must(coffre_origin_read(&context, image_origin, image_origin_len, &origin), "origin key");
    status = coffre_manifest_close(&manifest, trailer, &origin, &record, image_signature,
                                   sizeof image_signature, whole);
    coffre_origin_wipe(&origin);
    return status;
}

static coffre_status check_point(uint64_t lowest_generation, coffre_manifest_whole *whole)
{
    uint8_t header[COFFRE_MANIFEST_HEADER_SIZE];
    uint64_t at = IMAGE_MANIFEST + sizeof header;
    coffre_manifest_info info;
    coffre_policy policy = COFFRE_POLICY_INIT;
    coffre_status status = read_storage(IMAGE_MANIFEST, header, sizeof header);

    policy.lowest_generation = lowest_generation;
    if (status == COFFRE_OK) status = coffre_manifest_inspect(header, &info);
    if (status == COFFRE_OK)
        status = coffre_manifest_open(&context, &policy, &keys, header, &manifest);
    if (status != COFFRE_OK) return status;
    for (uint64_t i = 0; status == COFFRE_OK && i < coffre_manifest_segment_count(&info); i++) {
        size_t len = coffre_manifest_segment_size(&info, i);

        status = check_segment(at, len);
        at += len;
    }
    if (status == COFFRE_OK) status = close_manifest(at, whole);
    coffre_manifest_reader_wipe(&manifest);
    return status;
}

static void with_flipped_bit(uint64_t at, coffre_status expected, const char *where)
{
    coffre_manifest_whole whole;

    flipped = at;
    part_expect(expected, check_point(0, &whole), where);
    flipped = 0;
}

int main(void)
{
    coffre_identity identity;
    coffre_manifest_whole whole;

    part_begin(&context);
    part_must(coffre_identity_from_kek(&context, image_kek, sizeof image_kek, &identity), "KEK");
    part_must(coffre_record_read(image_key_record, image_key_record_len, &record), "key record");
    part_must(coffre_record_open(&context, NULL, &identity, &record, &keys), "its keys");
    part_must(coffre_record_session(&context, &keys, &record, image_session_id, &session),
              "session key");
    coffre_identity_wipe(&identity);

    part_expect(COFFRE_OK, check_point(IMAGE_GENERATION, &whole), "the restore point is whole");
    part_check(memcmp(whole.restore_point_id, image_point, 16) == 0, "and the one asked for");
    if (part_has(COFFRE_FEATURE_PUBLIC_KEY))
        part_check(whole.origin == COFFRE_ORIGIN_VERIFIED, "and signed by its origin");
    part_expect(COFFRE_ERR_STALE, check_point(IMAGE_GENERATION + 1, &whole), "an old manifest");
    with_flipped_bit(IMAGE_BLOCKS + 5 * IMAGE_STRIDE + 500, COFFRE_ERR_DAMAGED, "a bit of a block");
    with_flipped_bit(IMAGE_MANIFEST + 112 + 8 * ENTRY + 70, COFFRE_ERR_UNEXPECTED_BLOCK,
                     "a bit of what the manifest says of a block");
    with_flipped_bit(IMAGE_MANIFEST + 112 + IMAGE_POSITIONS * ENTRY + 5, COFFRE_ERR_NOT_AUTHENTIC,
                     "a bit of a segment's MAC");

    coffre_session_wipe(&session);
    coffre_record_keys_wipe(&keys);
    coffre_record_wipe(&record);
    coffre_context_wipe(&context);
    return part_end();
}
