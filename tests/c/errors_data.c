/* errors_data.c: blocks, metadata and manifests that are not what they should be: each fault has
 * its status, in every function that can meet it. Where a checksum would hide the fault it is made
 * to fit again, as an attacker would.
 */
#include "calls.h"
#include "test_checksum.h"

static uint8_t block[1024], out[8192], digest[32];
static size_t len;

static coffre_status open_as(const coffre_session *session, size_t block_len)
{
    struct world *w = &world;
    coffre_status status;

    poison(out, sizeof out);
    status = coffre_block_open(&w->context, NULL, session, NULL, block, block_len, &w->workspace,
                               out, sizeof out, &len);
    CHECK(status == COFFRE_OK || (len == 0 && is_kept_or_zeroed(out, sizeof out)));
    return status;
}

static coffre_status stream_as(const coffre_session *session, size_t block_len, size_t piece)
{
    struct world *w = &world;
    struct bytes sunk = {out, 0, sizeof out};
    coffre_block_reader reader;
    coffre_status status;

    status = coffre_block_reader_begin(&w->context, NULL, session, NULL, block, w->scratch,
                                       sizeof w->scratch, &reader);
    for (size_t at = COFFRE_BLOCK_HEADER_SIZE; status == COFFRE_OK && at < block_len; at += piece) {
        size_t now = block_len - at < piece ? block_len - at : piece;
        status = coffre_block_reader_push(&reader, block + at, now, bytes_sink, &sunk);
        if (status != COFFRE_OK) {
            EXPECT(COFFRE_ERR_BAD_STATE,
                   coffre_block_reader_push(&reader, block, 1, bytes_sink, &sunk));
            EXPECT(COFFRE_ERR_BAD_STATE, coffre_block_reader_finish(&reader));
        }
    }
    if (status == COFFRE_OK) status = coffre_block_reader_finish(&reader);
    CHECK(sunk.len == 0 || memcmp(out, w->plain, sunk.len) == 0);
    coffre_block_reader_wipe(&reader);
    return status;
}

/* The block with one byte changed; its checksum fits if it should. */
static void altered(size_t at, uint8_t change, int fit)
{
    memcpy(block, world.block, world.block_len);
    block[at] ^= change;
    if (fit) fix_checksum(block, world.block_len);
}

static void headers(void)
{
    static const struct {
        const char *what;
        size_t at;
        uint8_t change;
        coffre_status status;
    } faults[] = {
        {"magic", 0, 0x20, COFFRE_ERR_MALFORMED},
        {"object type 0", 4, 1, COFFRE_ERR_MALFORMED},
        {"object type of a record", 4, 5, COFFRE_ERR_MALFORMED},
        {"object type of metadata", 4, 3, COFFRE_ERR_MALFORMED},
        {"version 3", 5, 1, COFFRE_ERR_UNSUPPORTED_VERSION},
        {"suite 3", 6, 2, COFFRE_ERR_UNSUPPORTED_SUITE},
        {"suite 257", 7, 1, COFFRE_ERR_UNSUPPORTED_SUITE},
        {"unknown flag", 8, 4, COFFRE_ERR_MALFORMED},
        {"both flags", 8, 2, COFFRE_ERR_MALFORMED},
        {"no flag", 8, 1, COFFRE_ERR_MALFORMED},
        {"plaintext length", 19, 0x80, COFFRE_ERR_OVER_LIMIT},
        {"stored length", 26, 1, COFFRE_ERR_MALFORMED},
        {"id type", 48, 2, COFFRE_ERR_MALFORMED},
        {"id length", 49, 1, COFFRE_ERR_MALFORMED},
        {"reserved", 52, 1, COFFRE_ERR_MALFORMED},
        {"id's padding", 70, 1, COFFRE_ERR_MALFORMED},
    };
    coffre_block_info info;

    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        check_about(faults[i].what);
        altered(faults[i].at, faults[i].change, 1);
        poison(&info, sizeof info);
        EXPECT(faults[i].status, coffre_block_inspect(block, world.block_len, &info));
        EXPECT(faults[i].status, coffre_block_scrub(block, world.block_len, &info));
        EXPECT(faults[i].status, coffre_block_digest(2, block, world.block_len, digest));
        CHECK(is_poisoned(&info, sizeof info));
        EXPECT(faults[i].status, open_as(&world.session, world.block_len));
        EXPECT(faults[i].status, stream_as(&world.session, world.block_len, 99));
    }
}

static void sizes(void)
{
    coffre_block_info info;

    check_about("sizes of a block");
    memcpy(block, world.block, sizeof world.block_len);
    altered(0, 0, 1);
    EXPECT(COFFRE_OK, coffre_block_inspect(block, COFFRE_BLOCK_HEADER_SIZE, &info));
    CHECK(is_zeroed(info.commitment, 32) && is_zeroed(info.checksum, 8));
    EXPECT(COFFRE_ERR_MALFORMED, coffre_block_scrub(block, COFFRE_BLOCK_HEADER_SIZE, NULL));
    EXPECT(COFFRE_ERR_MALFORMED, coffre_block_inspect(block, world.block_len + 1, &info));
    EXPECT(COFFRE_ERR_MALFORMED, coffre_block_inspect(NULL, 0, &info));
    EXPECT(COFFRE_ERR_MALFORMED, open_as(&world.session, world.block_len + 1));
    EXPECT(COFFRE_ERR_MALFORMED, open_as(&world.session, 0));
    EXPECT(COFFRE_ERR_MALFORMED, stream_as(&world.session, world.block_len + 1, 50));
    EXPECT(COFFRE_ERR_MALFORMED, stream_as(&world.session, world.block_len - 1, 50));
    EXPECT(COFFRE_ERR_MALFORMED, stream_as(&world.session, COFFRE_BLOCK_HEADER_SIZE, 50));
    memset(block, 0, world.block_len); /* a block that turned into zeros is no block of zeros */
    EXPECT(COFFRE_ERR_MALFORMED, open_as(&world.session, world.block_len));
    EXPECT(COFFRE_ERR_MALFORMED, coffre_block_scrub(block, world.block_len, NULL));
    EXPECT(COFFRE_ERR_MALFORMED, stream_as(&world.session, world.block_len, 50));
}

static void contents(void)
{
    enum { SESSION = 32, ID = 56, SALT = 88, COMMITMENT = 112, CHUNK = 144 };
    static const struct {
        size_t at;
        coffre_status status;
    } faults[] = {
        {SESSION, COFFRE_ERR_WRONG_KEY},          {ID, COFFRE_ERR_NOT_AUTHENTIC},
        {SALT, COFFRE_ERR_NOT_AUTHENTIC},         {COMMITMENT, COFFRE_ERR_NOT_AUTHENTIC},
        {COMMITMENT + 31, COFFRE_ERR_NOT_AUTHENTIC}, {CHUNK, COFFRE_ERR_NOT_AUTHENTIC},
        {CHUNK + 30, COFFRE_ERR_NOT_AUTHENTIC},
    };
    size_t whole = world.block_len;

    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        check_about("content of a block");
        altered(faults[i].at, 1, 0);
        EXPECT(COFFRE_ERR_DAMAGED, coffre_block_scrub(block, whole, NULL));
        EXPECT(COFFRE_ERR_DAMAGED, open_as(&world.session, whole));
        altered(faults[i].at, 1, 1);
        EXPECT(COFFRE_OK, coffre_block_scrub(block, whole, NULL));
        EXPECT(faults[i].status, open_as(&world.session, whole));
        EXPECT(faults[i].status, stream_as(&world.session, whole, 1));
        EXPECT(faults[i].status, stream_as(&world.session, whole, 10000));
    }
    altered(whole - 1, 1, 0);
    EXPECT(COFFRE_ERR_DAMAGED, open_as(&world.session, whole));
    EXPECT(COFFRE_ERR_DAMAGED, stream_as(&world.session, whole, 77));
    altered(0, 0, 1);
    EXPECT(COFFRE_ERR_WRONG_KEY, open_as(&world.other_session, whole));
    EXPECT(COFFRE_ERR_WRONG_KEY, stream_as(&world.other_session, whole, 77));
    EXPECT(COFFRE_OK, open_as(&world.session, whole));
    CHECK(len == WORLD_PLAIN && memcmp(out, world.plain, len) == 0);
    EXPECT(COFFRE_OK, stream_as(&world.session, whole, 77));
}

static void metadata(void)
{
    struct world *w = &world;
    coffre_block_info info;

#define OPEN_METADATA(keys, object, object_len)                                                   \
    coffre_metadata_open(&w->context, NULL, (keys), (object), (object_len), &w->workspace, out,   \
                         sizeof out, &len, digest)
    check_about("metadata");
    memcpy(block, w->metadata, w->metadata_len);
    EXPECT(COFFRE_ERR_MALFORMED, open_as(&w->session, w->metadata_len));
    EXPECT(COFFRE_ERR_MALFORMED, stream_as(&w->session, w->metadata_len, 50));
    EXPECT(COFFRE_OK, coffre_block_inspect(block, w->metadata_len, &info));
    CHECK(info.object_type == 2 && info.id.type == COFFRE_BLOCK_ID_RESTORE_POINT);
    EXPECT(COFFRE_ERR_MALFORMED, OPEN_METADATA(&w->keys, w->block, w->block_len));
    EXPECT(COFFRE_ERR_UNEXPECTED_BLOCK, OPEN_METADATA(&w->repository_keys, block, w->metadata_len));
    block[200] ^= 1;
    poison(out, sizeof out);
    EXPECT(COFFRE_ERR_DAMAGED, OPEN_METADATA(&w->keys, block, w->metadata_len));
    fix_checksum(block, w->metadata_len);
    EXPECT(COFFRE_ERR_NOT_AUTHENTIC, OPEN_METADATA(&w->keys, block, w->metadata_len));
    CHECK(len == 0 && is_kept_or_zeroed(out, sizeof out) && is_zeroed(digest, sizeof digest));
    EXPECT(COFFRE_ERR_MALFORMED, OPEN_METADATA(&w->keys, block, w->metadata_len - 1));
    block[6] = 2;
    EXPECT(COFFRE_ERR_DAMAGED, OPEN_METADATA(&w->keys, block, w->metadata_len));
    fix_checksum(block, w->metadata_len);
    EXPECT(COFFRE_ERR_UNSUPPORTED_SUITE, OPEN_METADATA(&w->keys, block, w->metadata_len));
    block[5] = 1;
    fix_checksum(block, w->metadata_len);
    EXPECT(COFFRE_ERR_UNSUPPORTED_VERSION, OPEN_METADATA(&w->keys, block, w->metadata_len));
}

/* The digest that a manifest may list: SHA-256 of the bytes, of version 2 without the checksum. */
static void digests(void)
{
    struct world *w = &world;
    static const uint32_t versions[] = {3, 4, 256, UINT32_MAX};
    uint8_t other[32];

    check_about("coffre_block_digest");
    EXPECT(COFFRE_OK, coffre_block_digest(2, w->block, w->block_len, digest));
    EXPECT(COFFRE_OK, coffre_block_digest(1, w->block, w->block_len - 8, other));
    CHECK(memcmp(digest, other, 32) == 0);
    EXPECT(COFFRE_OK, coffre_block_digest(0, w->block, w->block_len, other));
    CHECK(memcmp(digest, other, 32) != 0);
    EXPECT(COFFRE_OK, coffre_block_digest(0, w->metadata, w->metadata_len, other));
    CHECK(memcmp(w->metadata_digest, other, 32) == 0);
    poison(digest, sizeof digest);
    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++)
        EXPECT(COFFRE_ERR_INVALID_ARGUMENT,
               coffre_block_digest(versions[i], w->block, w->block_len, digest));
    EXPECT(COFFRE_ERR_MALFORMED, coffre_block_digest(2, w->block, w->block_len - 1, digest));
    altered(200, 1, 0);
    EXPECT(COFFRE_ERR_DAMAGED, coffre_block_digest(2, block, w->block_len, digest));
    CHECK(is_poisoned(digest, sizeof digest));
}

static coffre_status manifest_header(size_t at, uint8_t change)
{
    uint8_t header[COFFRE_MANIFEST_HEADER_SIZE];
    coffre_manifest_reader reader;
    coffre_manifest_info info;
    coffre_status inspected, opened;

    memcpy(header, world.manifest, sizeof header);
    header[at] ^= change;
    poison(&info, sizeof info);
    inspected = coffre_manifest_inspect(header, &info);
    opened = coffre_manifest_open(&world.context, NULL, &world.keys, header, &reader);
    CHECK(inspected == COFFRE_OK || is_poisoned(&info, sizeof info));
    CHECK(inspected == COFFRE_OK || opened == inspected);
    CHECK(opened == COFFRE_OK || is_zeroed(&reader, sizeof reader));
    coffre_manifest_reader_wipe(&reader);
    return opened;
}

static void manifest_headers(void)
{
    check_about("header of a manifest");
    EXPECT(COFFRE_OK, manifest_header(0, 0));
    EXPECT(COFFRE_ERR_MALFORMED, manifest_header(0, 1));
    EXPECT(COFFRE_ERR_MALFORMED, manifest_header(4, 2));
    EXPECT(COFFRE_ERR_UNSUPPORTED_VERSION, manifest_header(5, 1));
    EXPECT(COFFRE_ERR_UNSUPPORTED_SUITE, manifest_header(6, 3));
    EXPECT(COFFRE_ERR_MALFORMED, manifest_header(8, 2));
    EXPECT(COFFRE_ERR_MALFORMED, manifest_header(13, 0x20)); /* block size 12288: one entry */
    EXPECT(COFFRE_ERR_FOREIGN, manifest_header(16, 1));
    EXPECT(COFFRE_ERR_FOREIGN, manifest_header(32, 1));
    EXPECT(COFFRE_ERR_MALFORMED, manifest_header(48, 4)); /* generation 0 */
    EXPECT(COFFRE_ERR_MALFORMED, manifest_header(64, 1));
    EXPECT(COFFRE_ERR_MALFORMED, manifest_header(72, 1));
    EXPECT(COFFRE_OK, manifest_header(80, 1)); /* the root will tell */
}

static void manifest_segments(void)
{
    struct world *w = &world;
    uint8_t segment[512], trailer[COFFRE_MANIFEST_TRAILER_SIZE], other[128];
    size_t size = MANIFEST_SEGMENT_LEN;
    coffre_manifest_reader reader;
    coffre_manifest_entry entry;

#define OPEN_MANIFEST(header)                                                                     \
    check_must(coffre_manifest_open(&w->context, NULL, &w->keys, (header), &reader), "manifest")
    check_about("segments of a manifest");
    memcpy(trailer, MANIFEST_SEGMENT + size, sizeof trailer);
    OPEN_MANIFEST(w->manifest);
    EXPECT(COFFRE_ERR_NOT_FOUND, coffre_manifest_segment(&reader, 1, MANIFEST_SEGMENT, size));
    EXPECT(COFFRE_ERR_NOT_FOUND,
           coffre_manifest_segment(&reader, UINT64_MAX, MANIFEST_SEGMENT, size));
    EXPECT(COFFRE_ERR_MALFORMED, coffre_manifest_segment(&reader, 0, MANIFEST_SEGMENT, size - 1));
    EXPECT(COFFRE_ERR_MALFORMED, coffre_manifest_segment(&reader, 0, NULL, 0));
    memcpy(segment, MANIFEST_SEGMENT, size); /* swapped rows */
    memcpy(other, segment, 128);
    memcpy(segment, segment + 128, 128);
    memcpy(segment + 128, other, 128);
    EXPECT(COFFRE_ERR_NOT_AUTHENTIC, coffre_manifest_segment(&reader, 0, segment, size));
    for (size_t at = 0; at < size; at++) {
        memcpy(segment, MANIFEST_SEGMENT, size);
        segment[at] ^= (uint8_t)(1 << at % 8);
        EXPECT(COFFRE_ERR_NOT_AUTHENTIC, coffre_manifest_segment(&reader, 0, segment, size));
    }
    EXPECT(COFFRE_ERR_BAD_STATE, close_manifest(&reader, trailer));
    EXPECT(COFFRE_OK, coffre_manifest_segment(&reader, 0, MANIFEST_SEGMENT, size));

    poison(&entry, sizeof entry);
    EXPECT(COFFRE_ERR_NOT_FOUND,
           coffre_manifest_entry_at(&reader, 0, MANIFEST_SEGMENT, size, 2, &entry));
    EXPECT(COFFRE_ERR_NOT_FOUND,
           coffre_manifest_entry_at(&reader, 1, MANIFEST_SEGMENT, size, 0, &entry));
    EXPECT(COFFRE_ERR_NOT_FOUND,
           coffre_manifest_entry_at(&reader, 0, MANIFEST_SEGMENT, size, SIZE_MAX, &entry));
    EXPECT(COFFRE_ERR_NOT_FOUND,
           coffre_manifest_entry_at(&reader, UINT64_MAX, MANIFEST_SEGMENT, size, 0, &entry));
    EXPECT(COFFRE_ERR_MALFORMED, coffre_manifest_entry_at(&reader, 0, segment + 128, 128, 0,
                                                          &entry));
    CHECK(is_poisoned(&entry, sizeof entry));

    trailer[39] ^= 1;
    EXPECT(COFFRE_ERR_DAMAGED, close_manifest(&reader, trailer));
    EXPECT(COFFRE_ERR_BAD_STATE, close_manifest(&reader, trailer));
    uint8_t whole[1024]; /* a header that was altered, with a checksum that fits */
    memcpy(whole, w->manifest, w->manifest_len);
    whole[80] ^= 1;
    fix_checksum(whole, w->manifest_len);
    OPEN_MANIFEST(whole);
    EXPECT(COFFRE_OK, coffre_manifest_segment(&reader, 0, MANIFEST_SEGMENT, size));
    EXPECT(COFFRE_ERR_NOT_AUTHENTIC,
           close_manifest(&reader, whole + w->manifest_len - sizeof trailer));
    CHECK(is_zeroed(&reader, sizeof reader));
}

int main(void)
{
    world_make();
    headers();
    sizes();
    contents();
    metadata();
    digests();
    manifest_headers();
    manifest_segments();
    return check_end();
}
