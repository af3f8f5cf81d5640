/* manifests.c: the manifest of 2500 positions, through a sink into memory and back: blocks of all
 * versions, holes, a short last position; segments in any order; two manifests that are mixed.
 */
#include "test_checksum.h"
#include "world.h"

#define POSITIONS 2500
#define BLOCK 4096
#define IMAGE ((uint64_t)(POSITIONS - 1) * BLOCK + 123)

static uint8_t first[400000], second[400000];

/* The entry that stands at a position. */
static coffre_manifest_entry entry_of(uint64_t position)
{
    coffre_manifest_entry entry;
    uint64_t state = position;

    memset(&entry, 0, sizeof entry);
    entry.position = position;
    entry.plain_len = position == POSITIONS - 1 ? 123 : BLOCK;
    entry.kind = position % 5 == 4 ? COFFRE_MANIFEST_HOLE : COFFRE_MANIFEST_BLOCK;
    if (entry.kind == COFFRE_MANIFEST_HOLE) return entry;
    entry.version = position % 3 == 2 ? (uint32_t)(position / 3 % 2) : 2;
    entry.id.type = position % 2 ? COFFRE_BLOCK_ID_HASH : COFFRE_BLOCK_ID_POSITION;
    entry.id.length = position % 2 ? 32 : 8;
    test_random_bytes(&state, entry.id.bytes, entry.id.length);
    test_random_bytes(&state, entry.digest, sizeof entry.digest);
    if (entry.version < 2) return entry;
    test_random_bytes(&state, entry.session_id, sizeof entry.session_id);
    test_random_bytes(&state, entry.commitment, sizeof entry.commitment);
    return entry;
}

static coffre_manifest_info write_manifest(uint64_t generation, struct bytes *sunk)
{
    coffre_manifest_info info = {COFFRE_MANIFEST_DIGESTS, BLOCK, IMAGE, 77, generation, 78,
                                 {1},                     {2},   {3}};
    coffre_manifest_writer writer;

    EXPECT(COFFRE_OK, coffre_manifest_begin(&world.context, &world.keys, &info, bytes_sink, sunk,
                                            &writer));
    CHECK(info.entry_count == POSITIONS && info.image_size == IMAGE);
    CHECK(info.metadata_digest[0] == 3);
    CHECK(memcmp(info.restore_point_id, world.point, 16) == 0);
    CHECK(memcmp(info.instance_id, world.instance, 16) == 0);
    for (uint64_t i = 0; i < POSITIONS; i++) {
        coffre_manifest_entry entry = entry_of(i);

        entry.position = 1, entry.plain_len = 2; /* the library sets them */
        coffre_status status = coffre_manifest_add(&writer, &entry, bytes_sink, sunk);
        if (status != COFFRE_OK) EXPECT(COFFRE_OK, status);
        if (i % 1000 == 0)
            EXPECT(COFFRE_ERR_BAD_STATE, coffre_manifest_finish(&writer, bytes_sink, sunk, NULL));
    }
    EXPECT(COFFRE_ERR_BAD_STATE,
           coffre_manifest_add(&writer, &world.entry, bytes_sink, sunk));
    EXPECT(COFFRE_OK, coffre_manifest_finish(&writer, bytes_sink, sunk, NULL));
    CHECK(is_zeroed(&writer, sizeof writer));
    CHECK(sunk->len == info.total_len);
    return info;
}

static void geometry(const coffre_manifest_info *info)
{
    coffre_manifest_info seen;

    check_about("geometry");
    EXPECT(COFFRE_OK, coffre_manifest_inspect(first, &seen));
    CHECK(memcmp(&seen, info, sizeof seen) == 0);
    CHECK(coffre_manifest_segment_count(info) == 3);
    CHECK(coffre_manifest_segment_size(info, 0) == COFFRE_MANIFEST_SEGMENT_MAX);
    CHECK(coffre_manifest_segment_size(info, 1) == COFFRE_MANIFEST_SEGMENT_MAX);
    CHECK(coffre_manifest_segment_size(info, 2) == (POSITIONS - 2048) * 128 + 32);
    CHECK(coffre_manifest_segment_size(info, 3) == 0);
    CHECK(info->total_len == 112 + POSITIONS * 128 + 3 * 32 + 40);
}

static uint8_t *segment_of(uint8_t *manifest, uint64_t segment)
{
    return manifest + COFFRE_MANIFEST_HEADER_SIZE + segment * COFFRE_MANIFEST_SEGMENT_MAX;
}

static void begin(uint8_t *manifest, coffre_manifest_reader *reader)
{
    EXPECT(COFFRE_OK,
           coffre_manifest_open(&world.context, NULL, &world.keys, manifest, reader));
}

static void read_back(const coffre_manifest_info *info)
{
    coffre_manifest_reader reader;
    uint64_t position = 0;

    check_about("reading");
    begin(first, &reader);
    for (uint64_t s = 0; s < 3; s++) {
        uint8_t *segment = segment_of(first, s);
        size_t size = coffre_manifest_segment_size(info, s), index = 0;
        coffre_manifest_entry entry, expected;

        EXPECT(COFFRE_OK, coffre_manifest_segment(&reader, s, segment, size));
        while (coffre_manifest_entry_at(&reader, s, segment, size, index, &entry) == COFFRE_OK) {
            expected = entry_of(position++);
            if (memcmp(&entry, &expected, sizeof entry) != 0) CHECK(!"the entry is the same");
            index++;
        }
        EXPECT(COFFRE_ERR_NOT_FOUND,
               coffre_manifest_entry_at(&reader, s, segment, size, index, &entry));
    }
    CHECK(position == POSITIONS);
    EXPECT(COFFRE_OK, close_manifest(&reader, first + info->total_len - 40));
    EXPECT(COFFRE_ERR_BAD_STATE, close_manifest(&reader, first + info->total_len - 40));
    CHECK(is_zeroed(&reader, sizeof reader));
}

/* Segments may be checked in any order; the root wants them in order. */
static void any_order(const coffre_manifest_info *info)
{
    static const uint64_t orders[][4] = {{2, 1, 0, 0}, {0, 0, 1, 1}, {1, 2, 0, 1}, {0, 2, 1, 0}};
    uint8_t *trailer = first + info->total_len - 40;

    check_about("order of segments");
    for (size_t n = 0; n < sizeof orders / sizeof *orders; n++) {
        coffre_manifest_reader reader;

        begin(first, &reader);
        for (size_t i = 0; i < 4; i++)
            EXPECT(COFFRE_OK, coffre_manifest_segment(&reader, orders[n][i],
                                                      segment_of(first, orders[n][i]),
                                                      coffre_manifest_segment_size(
                                                          info, orders[n][i])));
        EXPECT(COFFRE_ERR_BAD_STATE, close_manifest(&reader, trailer));
        for (uint64_t s = 0; s < 3; s++)
            EXPECT(COFFRE_OK,
                   coffre_manifest_segment(&reader, s, segment_of(first, s),
                                           coffre_manifest_segment_size(info, s)));
        EXPECT(COFFRE_OK, close_manifest(&reader, trailer));
    }
}

/* Segments of another place, and of another generation of the same restore point. */
static void mixed(const coffre_manifest_info *info)
{
    coffre_manifest_reader reader;
    size_t size = COFFRE_MANIFEST_SEGMENT_MAX;

    check_about("mixed segments");
    begin(first, &reader);
    EXPECT(COFFRE_ERR_NOT_AUTHENTIC,
           coffre_manifest_segment(&reader, 0, segment_of(first, 1), size));
    EXPECT(COFFRE_ERR_NOT_AUTHENTIC,
           coffre_manifest_segment(&reader, 1, segment_of(first, 0), size));
    EXPECT(COFFRE_ERR_NOT_AUTHENTIC,
           coffre_manifest_segment(&reader, 0, segment_of(second, 0), size));
    EXPECT(COFFRE_ERR_MALFORMED,
           coffre_manifest_segment(&reader, 2, segment_of(first, 0), size));
    for (uint64_t s = 0; s < 3; s++)
        EXPECT(COFFRE_OK, coffre_manifest_segment(&reader, s, segment_of(first, s),
                                                  coffre_manifest_segment_size(info, s)));
    EXPECT(COFFRE_ERR_DAMAGED, close_manifest(&reader, second + info->total_len - 40));

    /* The root of another generation, with a checksum that fits. */
    memcpy(first + info->total_len - 40, second + info->total_len - 40, 32);
    fix_checksum(first, (size_t)info->total_len);
    begin(first, &reader);
    for (uint64_t s = 0; s < 3; s++)
        EXPECT(COFFRE_OK, coffre_manifest_segment(&reader, s, segment_of(first, s),
                                                  coffre_manifest_segment_size(info, s)));
    EXPECT(COFFRE_ERR_NOT_AUTHENTIC,
           close_manifest(&reader, first + info->total_len - 40));
}

/* An image of 0 bytes has no segment, but it has a root. */
static void empty_image(void)
{
    coffre_manifest_info info = {0, 1, 0, 0, 1, 0, {0}, {0}, {0}};
    uint8_t manifest[200];
    struct bytes sunk = {manifest, 0, sizeof manifest};
    coffre_manifest_writer writer;
    coffre_manifest_reader reader;

    check_about("an empty image");
    EXPECT(COFFRE_OK, coffre_manifest_begin(&world.context, &world.keys, &info, bytes_sink, &sunk,
                                            &writer));
    EXPECT(COFFRE_OK, coffre_manifest_finish(&writer, bytes_sink, &sunk, NULL));
    CHECK(sunk.len == 152 && info.total_len == 152 && coffre_manifest_segment_count(&info) == 0);
    begin(manifest, &reader);
    EXPECT(COFFRE_ERR_NOT_FOUND, coffre_manifest_segment(&reader, 0, NULL, 0));
    EXPECT(COFFRE_OK, close_manifest(&reader, manifest + 112));
}

int main(void)
{
    struct bytes first_sunk = {first, 0, sizeof first}, second_sunk = {second, 0, sizeof second};
    coffre_manifest_info info;

    world_make();
    check_about("writing");
    info = write_manifest(1, &first_sunk);
    write_manifest(2, &second_sunk);
    geometry(&info);
    read_back(&info);
    any_order(&info);
    mixed(&info);
    empty_image();
    return check_end();
}
