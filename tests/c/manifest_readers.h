/* manifest_readers.h: three ways to read the manifest `changed` of manifest_faults.c, each to the
 * first thing that is wrong.
 */
#ifndef MANIFEST_READERS_H
#define MANIFEST_READERS_H

struct found {
    coffre_status status;
    int segment; /* HEADER, the segment's index, TRAILER */
};

/* Opens it as a product does that knows that generation 2 was the last. */
static coffre_status open_changed(coffre_manifest_info *info, coffre_manifest_reader *reader)
{
    coffre_policy policy = COFFRE_POLICY_INIT;

    policy.lowest_generation = 2;
    check_must(coffre_manifest_inspect(changed.bytes, info), "header");
    return coffre_manifest_open(&world.context, &policy, &world.keys, changed.bytes, reader);
}

static coffre_status close_changed(const coffre_manifest_info *info,
                                   coffre_manifest_reader *reader)
{
    if (changed.len != info->total_len) return COFFRE_ERR_MALFORMED; /* the caller's to see */
    return close_manifest(reader, changed.bytes + changed.len - COFFRE_MANIFEST_TRAILER_SIZE);
}

/* A segment at a time, in order. */
static struct found by_segment(void)
{
    coffre_manifest_info info;
    coffre_manifest_reader reader;
    struct found found = {open_changed(&info, &reader), HEADER};

    if (found.status != COFFRE_OK) return found;
    uint64_t count = coffre_manifest_segment_count(&info);
    for (found.segment = 0; (uint64_t)found.segment < count; found.segment++) {
        size_t at = (size_t)found.segment;

        found.status = coffre_manifest_segment(&reader, at, segment_of(&changed, at),
                                               coffre_manifest_segment_size(&info, at));
        if (found.status != COFFRE_OK) break;
    }
    if (found.status == COFFRE_OK) {
        found.segment = TRAILER;
        found.status = close_changed(&info, &reader);
    }
    coffre_manifest_reader_wipe(&reader);
    return found;
}

/* In constant memory: reads the next `len` bytes of the "file" to where the last ones were. */
static uint8_t window[ENTRY];

static const uint8_t *next_bytes(size_t *at, size_t len)
{
    poison(window, sizeof window);
    memcpy(window, changed.bytes + *at, len);
    *at += len;
    return window;
}

static coffre_status one_segment(coffre_manifest_reader *reader, size_t entries, size_t *at,
                                 uint64_t *position)
{
    for (size_t i = 0; i < entries; i++) {
        coffre_manifest_entry entry;
        coffre_status status =
            coffre_manifest_provisional_entry(reader, next_bytes(at, ENTRY), &entry);

        if (status != COFFRE_OK) return status;
        if (entry.position != (*position)++) CHECK(!"the entry is of its position");
    }
    return coffre_manifest_end_segment(reader, next_bytes(at, MAC));
}

static struct found by_entry(void)
{
    coffre_manifest_info info;
    coffre_manifest_reader reader;
    struct found found = {open_changed(&info, &reader), HEADER};
    size_t at = COFFRE_MANIFEST_HEADER_SIZE;
    uint64_t position = 0;

    if (found.status != COFFRE_OK) return found;
    uint64_t count = coffre_manifest_segment_count(&info);
    for (found.segment = 0; (uint64_t)found.segment < count; found.segment++) {
        size_t size = coffre_manifest_segment_size(&info, (uint64_t)found.segment);

        found.status = one_segment(&reader, (size - MAC) / ENTRY, &at, &position);
        if (found.status != COFFRE_OK) break;
    }
    if (found.status == COFFRE_OK) {
        CHECK(position == info.entry_count);
        found.segment = TRAILER;
        found.status = close_changed(&info, &reader);
    } else if (found.status == COFFRE_ERR_NOT_AUTHENTIC) {
        coffre_manifest_entry entry; /* nothing more comes out of it */
        CHECK(is_zeroed(&reader, sizeof reader));
        EXPECT(COFFRE_ERR_BAD_STATE,
               coffre_manifest_provisional_entry(&reader, genuine.bytes, &entry));
    }
    coffre_manifest_reader_wipe(&reader);
    return found;
}

/* --- several threads, one reader --- */

struct checker {
    pthread_t id;
    const coffre_manifest_reader *reader;
    const coffre_manifest_info *info;
    uint64_t state;
    coffre_status status[SEGMENTS]; /* 1: not checked */
    size_t entries;
};

/* Checks all segments in an order of its own, and reads what is good. */
static void *check_segments(void *user)
{
    struct checker *checker = user;
    size_t count = (size_t)coffre_manifest_segment_count(checker->info), order[SEGMENTS];

    for (size_t i = 0; i < count; i++) { /* a shuffle */
        size_t j = (size_t)(test_random_next(&checker->state) % (i + 1));

        order[i] = order[j];
        order[j] = i;
    }
    for (size_t i = 0; i < count; i++) {
        size_t s = order[i], size = coffre_manifest_segment_size(checker->info, s);
        const uint8_t *bytes = segment_of(&changed, s);
        coffre_manifest_entry entry;

        checker->status[s] = coffre_manifest_check_segment(checker->reader, s, bytes, size);
        if (checker->status[s] != COFFRE_OK) continue;
        for (size_t n = 0; coffre_manifest_entry_at(checker->reader, s, bytes, size, n, &entry) ==
                           COFFRE_OK;
             n++)
            checker->entries += entry.position == s * 1024 + n;
    }
    return NULL;
}

static struct found by_threads(void)
{
    static struct checker checkers[THREADS];
    coffre_manifest_info info;
    coffre_manifest_reader reader;
    struct found found = {COFFRE_OK, TRAILER};
    size_t good = 0;

    EXPECT(COFFRE_OK, open_changed(&info, &reader));
    memset(checkers, 0, sizeof checkers);
    for (unsigned i = 0; i < THREADS; i++) {
        struct checker *checker = &checkers[i];

        checker->reader = &reader, checker->info = &info, checker->state = i + 1;
        CHECK(pthread_create(&checker->id, NULL, check_segments, checker) == 0);
    }
    for (unsigned i = 0; i < THREADS; i++)
        CHECK(pthread_join(checkers[i].id, NULL) == 0);
    for (int s = (int)coffre_manifest_segment_count(&info) - 1; s >= 0; s--) {
        coffre_status status = checkers[0].status[s];

        for (unsigned i = 1; i < THREADS; i++)
            CHECK(checkers[i].status[s] == status);
        if (status == COFFRE_OK)
            good += (coffre_manifest_segment_size(&info, (uint64_t)s) - MAC) / ENTRY;
        else
            found.status = status, found.segment = s;
    }
    for (unsigned i = 0; i < THREADS; i++)
        CHECK(checkers[i].entries == good);
    /* Segments that were checked out of order don't count towards the root. */
    EXPECT(COFFRE_ERR_BAD_STATE,
           close_manifest(&reader, changed.bytes + changed.len - COFFRE_MANIFEST_TRAILER_SIZE));
    coffre_manifest_reader_wipe(&reader);
    return found;
}

#endif
