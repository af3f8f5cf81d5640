/* exchange_points.h: a restore point: metadata, a manifest of several segments, its origin.
 */
#ifndef EXCHANGE_POINTS_H
#define EXCHANGE_POINTS_H

#define POSITIONS 2500u
#define POSITION_SIZE 4096u
#define IMAGE_SIZE ((uint64_t)POSITION_SIZE * (POSITIONS - 1) + 100)
#define METADATA 3000

/* What stands at a position: each seventh is a hole, the rest differ. */
static void entry_at(uint64_t position, coffre_manifest_entry *entry)
{
    uint64_t state = position;

    memset(entry, 0, sizeof *entry);
    entry->kind = position % 7 == 3 ? COFFRE_MANIFEST_HOLE : COFFRE_MANIFEST_BLOCK;
    if (entry->kind == COFFRE_MANIFEST_HOLE) return;
    entry->version = 2;
    check_must(coffre_block_id_position(position, &entry->id), "id");
    memcpy(entry->session_id, world.session_id, 16);
    test_random_bytes(&state, entry->commitment, 32);
    test_random_bytes(&state, entry->digest, 32);
}

static void write_point(void)
{
    struct world *w = &world;
    struct bytes bytes = {sealed, 0, sizeof sealed};
    coffre_manifest_info info = {0};
    coffre_manifest_writer writer;
    coffre_manifest_entry entry;
    uint8_t file[COFFRE_KEY_FILE_MAX];
    size_t len = 0;

    check_about("restore point");
    fill_text(plain, METADATA);
    EXPECT(COFFRE_OK, coffre_metadata_seal(&w->context, &w->keys, plain, METADATA, &w->workspace,
                                           sealed, sizeof sealed, &len, info.metadata_digest));
    put("metadata", sealed, len);
    info.flags = COFFRE_MANIFEST_DIGESTS;
    info.block_size = POSITION_SIZE;
    info.image_size = IMAGE_SIZE;
    info.generation = 0x100000002;
    EXPECT(COFFRE_OK,
           coffre_manifest_begin(&w->context, &w->keys, &info, bytes_sink, &bytes, &writer));
    for (uint64_t position = 0; position < POSITIONS; position++) {
        entry_at(position, &entry);
        EXPECT(COFFRE_OK, coffre_manifest_add(&writer, &entry, bytes_sink, &bytes));
    }
    EXPECT(COFFRE_OK, coffre_manifest_finish(&writer, bytes_sink, &bytes, &w->whole));
    put("manifest", sealed, bytes.len);
    EXPECT(COFFRE_OK, coffre_origin_write(&w->origin, COFFRE_KEY_FILE_PEM, file, sizeof file,
                                          &len));
    put("origin.pub", file, len);
    EXPECT(COFFRE_OK, coffre_origin_sign(&w->context, &w->origin_key, &w->keys, &w->read, &w->whole,
                                         w->signature, sizeof w->signature, &len));
    put("manifest.origin", w->signature, len);
}

static void open_metadata(void)
{
    struct world *w = &world;
    size_t len = get("metadata", sealed, sizeof sealed), back = 0;

    fill_text(plain, METADATA);
    check_about("metadata");
    EXPECT(COFFRE_OK, coffre_metadata_open(&w->context, NULL, &w->keys, sealed, len, &w->workspace,
                                           opened, sizeof opened, &back, w->metadata_digest));
    CHECK(back == METADATA && memcmp(opened, plain, METADATA) == 0);
}

/* The entries of a segment that was proven. */
static void open_entries(const coffre_manifest_reader *reader, uint64_t segment,
                         const uint8_t *bytes, size_t len, uint64_t *position)
{
    coffre_manifest_entry expected, found;

    for (size_t index = 0; index < COFFRE_MANIFEST_SEGMENT_ENTRIES && *position < POSITIONS;
         index++, ++*position) {
        EXPECT(COFFRE_OK, coffre_manifest_entry_at(reader, segment, bytes, len, index, &found));
        entry_at(*position, &expected);
        expected.position = *position;
        expected.plain_len = *position + 1 < POSITIONS ? POSITION_SIZE : 100;
        CHECK(memcmp(&expected, &found, sizeof found) == 0);
    }
}

static void open_point(void)
{
    struct world *w = &world;
    coffre_manifest_info info;
    coffre_manifest_reader reader;
    uint8_t file[COFFRE_KEY_FILE_MAX];
    uint64_t position = 0;

    open_metadata();
    size_t len = get("manifest", sealed, sizeof sealed), at = COFFRE_MANIFEST_HEADER_SIZE;
    size_t file_len = get("origin.pub", file, sizeof file);
    get_all("manifest.origin", w->signature, sizeof w->signature);
    check_about("manifest");
    check_must(coffre_origin_read(&w->context, file, file_len, &w->origin), "origin.pub");
    check_must(coffre_manifest_inspect(sealed, &info), "manifest");
    CHECK(info.total_len == len && info.entry_count == POSITIONS && info.image_size == IMAGE_SIZE);
    CHECK(info.generation == 0x100000002);
    CHECK(memcmp(info.metadata_digest, w->metadata_digest, 32) == 0);
    check_must(coffre_manifest_open(&w->context, NULL, &w->keys, sealed, &reader), "manifest");
    for (uint64_t segment = 0; segment < coffre_manifest_segment_count(&info); segment++) {
        size_t size = coffre_manifest_segment_size(&info, segment);

        EXPECT(COFFRE_OK, coffre_manifest_segment(&reader, segment, sealed + at, size));
        open_entries(&reader, segment, sealed + at, size, &position);
        at += size;
    }
    CHECK(position == POSITIONS && at + COFFRE_MANIFEST_TRAILER_SIZE == len);
    EXPECT(COFFRE_OK, coffre_manifest_close(&reader, sealed + at, &w->origin, &w->read,
                                            w->signature, sizeof w->signature, &w->whole));
    CHECK(w->whole.origin == COFFRE_ORIGIN_VERIFIED && w->whole.generation == info.generation);
}

#endif
