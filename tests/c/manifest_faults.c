/* manifest_faults.c: what may have happened to a manifest on its way, as a table: entries that are
 * missing, added, repeated, moved, or of another restore point; segments that are swapped; an older
 * copy of it all. Each is found and named three times: segment by segment, entry by entry in 128
 * bytes, and by several threads that take segments in random order.
 *
 * Whoever did it made every checksum and count fit again.
 */
#include <pthread.h>

#include "test_checksum.h"
#include "world.h"

#define BLOCK 4096
#define ENTRY 128
#define MAC 32
#define POSITIONS 5000 /* 5 segments */
#define SEGMENTS 5
#define ROOM 700000
#define THREADS 4

/* A manifest, and where its parts are. */
struct manifest {
    uint8_t bytes[ROOM];
    size_t len;
};

static struct manifest genuine, older, elsewhere, changed;
static coffre_record_keys elsewhere_keys;

/* --- making them --- */

static void write_manifest(const coffre_record_keys *keys, uint64_t generation,
                           struct manifest *manifest)
{
    struct bytes sunk = {manifest->bytes, 0, sizeof manifest->bytes};
    coffre_manifest_info info = {COFFRE_MANIFEST_DIGESTS, BLOCK, (uint64_t)POSITIONS * BLOCK, 0,
                                 generation,              0,     {0}, {0}, {0}};
    coffre_manifest_entry entry = world.entry;
    coffre_manifest_writer writer;

    check_must(coffre_manifest_begin(&world.context, keys, &info, bytes_sink, &sunk, &writer),
               "manifest");
    for (uint64_t i = 0; i < POSITIONS; i++) {
        test_random_bytes(&world.source.state, entry.commitment, sizeof entry.commitment);
        test_random_bytes(&world.source.state, entry.digest, sizeof entry.digest);
        check_must(coffre_manifest_add(&writer, &entry, bytes_sink, &sunk), "entry");
    }
    check_must(coffre_manifest_finish(&writer, bytes_sink, &sunk, NULL), "manifest's end");
    manifest->len = sunk.len;
}

static void make_manifests(void)
{
    static const uint8_t point[16] = {7, 7, 7};
    uint8_t record[512];
    coffre_record_writer writer;
    size_t len;

    check_must(coffre_record_create(&world.context, COFFRE_KEY_RECORD, world.instance, point, 1,
                                    record, sizeof record, &writer),
               "another restore point's record");
    check_must(coffre_record_add_recipient(&world.context, &writer, &world.kek_recipient), "KEK");
    check_must(coffre_record_finish(&writer, &len, &elsewhere_keys), "its end");
    write_manifest(&world.keys, 2, &genuine);
    write_manifest(&world.keys, 1, &older);
    write_manifest(&elsewhere_keys, 2, &elsewhere);
}

/* --- what somebody did --- */

static uint8_t *segment_of(struct manifest *manifest, size_t segment)
{
    return manifest->bytes + COFFRE_MANIFEST_HEADER_SIZE + segment * COFFRE_MANIFEST_SEGMENT_MAX;
}

static uint8_t *entry_of(struct manifest *manifest, size_t position)
{
    return segment_of(manifest, position / 1024) + position % 1024 * ENTRY;
}

static void put(uint8_t *at, uint64_t value)
{
    for (int i = 0; i < 8; i++)
        at[i] = (uint8_t)(value >> 8 * i);
}

/* Another entry at a position, and it says so itself. */
static void set_entry(size_t position, const uint8_t *entry)
{
    memmove(entry_of(&changed, position), entry, ENTRY);
    put(entry_of(&changed, position), position);
}

/* Image size and entry count that fit so many entries, whose segments are of the right sizes. */
static void set_count(size_t count)
{
    uint8_t trailer[COFFRE_MANIFEST_TRAILER_SIZE];
    size_t segments = (count + 1023) / 1024, last = (count - 1) % 1024 + 1;

    memcpy(trailer, changed.bytes + changed.len - sizeof trailer, sizeof trailer);
    changed.len = COFFRE_MANIFEST_HEADER_SIZE + (segments - 1) * COFFRE_MANIFEST_SEGMENT_MAX +
                  last * ENTRY + MAC;
    memcpy(changed.bytes + changed.len, trailer, sizeof trailer);
    changed.len += sizeof trailer;
    put(changed.bytes + 56, (uint64_t)count * BLOCK);
    put(changed.bytes + 64, count);
}

static void nothing(void) {}

static void missing(void) /* the entry, and all that follow move up */
{
    for (size_t i = 1500; i + 1 < POSITIONS; i++)
        set_entry(i, entry_of(&genuine, i + 1));
    set_count(POSITIONS - 1);
}

static void missing_last(void) /* with its MAC moved up, as if it had never been */
{
    memmove(entry_of(&changed, POSITIONS - 1), entry_of(&changed, POSITIONS - 1) + ENTRY, MAC);
    set_count(POSITIONS - 1);
}

static void missing_segment(void)
{
    set_count(4096);
}

static void added(void)
{
    uint8_t *end = entry_of(&changed, POSITIONS - 1) + ENTRY;

    memmove(end + ENTRY, end, MAC + COFFRE_MANIFEST_TRAILER_SIZE);
    changed.len += ENTRY;
    set_entry(POSITIONS, entry_of(&genuine, 17));
    set_count(POSITIONS + 1);
}

static void repeated(void)
{
    set_entry(2100, entry_of(&genuine, 2099));
}

static void moved(void)
{
    set_entry(3, entry_of(&genuine, 4000));
    set_entry(4000, entry_of(&genuine, 3));
}

static void moved_as_it_was(void) /* its position stays what it was */
{
    memcpy(entry_of(&changed, 3), entry_of(&genuine, 4), ENTRY);
    memcpy(entry_of(&changed, 4), entry_of(&genuine, 3), ENTRY);
}

static void other_point(void)
{
    set_entry(1030, entry_of(&elsewhere, 1030));
}

static void other_point_segment(void)
{
    memcpy(segment_of(&changed, 1), segment_of(&elsewhere, 1), COFFRE_MANIFEST_SEGMENT_MAX);
}

static void other_point_whole(void)
{
    changed = elsewhere;
}

static void older_segment(void)
{
    memcpy(segment_of(&changed, 3), segment_of(&older, 3), COFFRE_MANIFEST_SEGMENT_MAX);
}

static void older_whole(void)
{
    changed = older;
}

static void older_as_new(void) /* it says that it is the newer one */
{
    changed = older;
    put(changed.bytes + 48, 2);
}

static void swapped(void)
{
    memcpy(segment_of(&changed, 1), segment_of(&genuine, 2), COFFRE_MANIFEST_SEGMENT_MAX);
    memcpy(segment_of(&changed, 2), segment_of(&genuine, 1), COFFRE_MANIFEST_SEGMENT_MAX);
}

static void swapped_renumbered(void)
{
    swapped();
    for (size_t i = 1024; i < 3072; i++)
        put(entry_of(&changed, i), i);
}

static void header_altered(void) /* another metadata object */
{
    changed.bytes[80] ^= 1;
}

static void cut_short(void)
{
    changed.len -= 1;
}

static void bit_rot(void)
{
    changed.bytes[changed.len - 50000] ^= 1; /* and nobody mends the checksum */
}

/* Which segment shows it first; HEADER and TRAILER when it is none. */
enum { HEADER = -1, TRAILER = SEGMENTS };

static const struct fault {
    const char *name;
    void (*make)(void);
    int first; /* segment */
    coffre_status status;
    coffre_status by_entry; /* when it is read entry by entry */
} faults[] = {
    {"nothing", nothing, TRAILER, COFFRE_OK, COFFRE_OK},
    {"an entry is missing", missing, 1, COFFRE_ERR_NOT_AUTHENTIC, COFFRE_ERR_NOT_AUTHENTIC},
    {"the last entry is missing", missing_last, 4, COFFRE_ERR_NOT_AUTHENTIC,
     COFFRE_ERR_NOT_AUTHENTIC},
    {"the last segment is missing", missing_segment, TRAILER, COFFRE_ERR_NOT_AUTHENTIC,
     COFFRE_ERR_NOT_AUTHENTIC},
    {"an entry was added", added, 4, COFFRE_ERR_NOT_AUTHENTIC, COFFRE_ERR_NOT_AUTHENTIC},
    {"an entry is there twice", repeated, 2, COFFRE_ERR_NOT_AUTHENTIC, COFFRE_ERR_NOT_AUTHENTIC},
    {"two entries changed places", moved, 0, COFFRE_ERR_NOT_AUTHENTIC, COFFRE_ERR_NOT_AUTHENTIC},
    {"two entries changed places, positions not", moved_as_it_was, 0, COFFRE_ERR_NOT_AUTHENTIC,
     COFFRE_ERR_MALFORMED},
    {"an entry of another restore point", other_point, 1, COFFRE_ERR_NOT_AUTHENTIC,
     COFFRE_ERR_NOT_AUTHENTIC},
    {"a segment of another restore point", other_point_segment, 1, COFFRE_ERR_NOT_AUTHENTIC,
     COFFRE_ERR_NOT_AUTHENTIC},
    {"another restore point", other_point_whole, HEADER, COFFRE_ERR_FOREIGN, COFFRE_ERR_FOREIGN},
    {"a segment of an older copy", older_segment, 3, COFFRE_ERR_NOT_AUTHENTIC,
     COFFRE_ERR_NOT_AUTHENTIC},
    {"an older copy of it all", older_whole, HEADER, COFFRE_ERR_STALE, COFFRE_ERR_STALE},
    {"an older copy that says it is new", older_as_new, 0, COFFRE_ERR_NOT_AUTHENTIC,
     COFFRE_ERR_NOT_AUTHENTIC},
    {"two segments changed places", swapped, 1, COFFRE_ERR_NOT_AUTHENTIC, COFFRE_ERR_MALFORMED},
    {"two segments changed places, renumbered", swapped_renumbered, 1, COFFRE_ERR_NOT_AUTHENTIC,
     COFFRE_ERR_NOT_AUTHENTIC},
    {"the header was altered", header_altered, TRAILER, COFFRE_ERR_NOT_AUTHENTIC,
     COFFRE_ERR_NOT_AUTHENTIC},
    {"cut short", cut_short, TRAILER, COFFRE_ERR_MALFORMED, COFFRE_ERR_MALFORMED},
    {"bit rot", bit_rot, 4, COFFRE_ERR_NOT_AUTHENTIC, COFFRE_ERR_NOT_AUTHENTIC},
};

#include "manifest_readers.h"

static void find(const struct fault *fault)
{
    struct found found;

    check_about(fault->name);
    memcpy(&changed, &genuine, sizeof changed);
    fault->make();
    if (fault->make != bit_rot) fix_checksum(changed.bytes, changed.len);

    found = by_segment();
    EXPECT(fault->status, found.status);
    CHECK(found.segment == fault->first);
    found = by_entry();
    EXPECT(fault->by_entry, found.status);
    CHECK(found.segment == fault->first);
    if (fault->first == HEADER) return;
    found = by_threads(); /* who don't see the trailer */
    EXPECT(fault->first == TRAILER ? COFFRE_OK : fault->status, found.status);
    CHECK(found.segment == fault->first);
}

int main(void)
{
    world_make();
    make_manifests();
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
        find(&faults[i]);
    printf("%zu faults found and named: by segment, by entry in 128 bytes, by 4 threads\n",
           sizeof faults / sizeof *faults);
    return check_end();
}
