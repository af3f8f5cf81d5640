/* scrub.c: whatever the library writes, checked without any key as a storage node does: in pieces
 * of every size, with every bit flipped, cut short and made longer.
 */
#include "test_checksum.h"
#include "world.h"

struct object {
    const char *what;
    const uint8_t *bytes;
    size_t len;
    uint32_t type;
};

static uint8_t altered[1024];

/* A scrub in pieces of `piece` bytes, or of all sizes up to 20 with 0; the type is found, and left
 * alone on an error.
 */
static coffre_status scrub(const uint8_t *bytes, size_t len, size_t piece, uint32_t *type)
{
    coffre_scrubber scrubber;
    coffre_status status, again;
    uint32_t found = 77;
    uint64_t state = len;

    check_must(coffre_scrub_begin(&scrubber), "scrubber");
    for (size_t at = 0, now; at < len; at += now) {
        now = piece > 0 ? piece : (size_t)(test_random_next(&state) % 21);
        if (now > len - at) now = len - at;
        check_must(coffre_scrub_push(&scrubber, bytes + at, now), "bytes");
    }
    status = coffre_scrub_finish(&scrubber, &found);
    again = coffre_scrub_finish(&scrubber, type); /* asking changes nothing */
    CHECK(again == status);
    CHECK(status == COFFRE_OK ? found == *type : found == 77);
    coffre_scrubber_wipe(&scrubber);
    CHECK(is_zeroed(&scrubber, sizeof scrubber));
    return status;
}

static void object(const struct object *object)
{
    size_t len = object->len;
    uint32_t type = 0;

    check_about(object->what);
    for (size_t piece = 0; piece <= len; piece++) {
        EXPECT(COFFRE_OK, scrub(object->bytes, len, piece, &type));
        CHECK(type == object->type);
    }
    for (size_t bit = 0; bit < 8 * len; bit++) {
        memcpy(altered, object->bytes, len);
        altered[bit / 8] ^= (uint8_t)(1 << bit % 8);
        if (bit < 8 * 4) EXPECT(COFFRE_ERR_MALFORMED, scrub(altered, len, 100, &type));
        else if (bit >= 8 * 5) EXPECT(COFFRE_ERR_DAMAGED, scrub(altered, len, 100, &type));
        else CHECK(scrub(altered, len, 100, &type) != COFFRE_OK); /* its type */
    }
    for (size_t cut = 0; cut < len; cut++)
        CHECK(scrub(object->bytes, cut, 100, &type) != COFFRE_OK);
    memcpy(altered, object->bytes, len);
    altered[len] = 0;
    EXPECT(COFFRE_ERR_DAMAGED, scrub(altered, len + 1, 100, &type));

    memcpy(altered, object->bytes, len);
    altered[5]++;
    fix_checksum(altered, len);
    EXPECT(COFFRE_ERR_UNSUPPORTED_VERSION, scrub(altered, len, 100, &type));
    altered[5]--, altered[6]++;
    fix_checksum(altered, len);
    EXPECT(COFFRE_ERR_UNSUPPORTED_SUITE, scrub(altered, len, 100, &type));
    altered[6]--, altered[4] = 9; /* an object type that there is not */
    fix_checksum(altered, len);
    EXPECT(COFFRE_ERR_MALFORMED, scrub(altered, len, 100, &type));
}

static void nothing(void)
{
    uint8_t zeros[1000] = {0};
    uint32_t type = 0;

    check_about("no object");
    EXPECT(COFFRE_ERR_MALFORMED, scrub(NULL, 0, 1, &type));
    EXPECT(COFFRE_ERR_MALFORMED, scrub(zeros, sizeof zeros, 100, &type));
    EXPECT(COFFRE_ERR_MALFORMED, scrub(world.plain, sizeof world.plain, 100, &type));
}

int main(void)
{
    world_make();
    const struct object objects[] = {
        {"block", world.block, world.block_len, 1},
        {"metadata", world.metadata, world.metadata_len, 2},
        {"manifest", world.manifest, world.manifest_len, 3},
        {"key record", world.record, world.record_len, COFFRE_KEY_RECORD},
        {"challenge", world.challenge, world.challenge_len, COFFRE_CHALLENGE},
        {"repository record", world.repository, world.repository_len, COFFRE_REPOSITORY_RECORD},
        {"origin signature", world.signature, sizeof world.signature, 7},
        {"recovery kit", world.kit, sizeof world.kit, 8},
    };

    for (size_t i = 0; i < sizeof objects / sizeof *objects; i++)
        object(&objects[i]);
    nothing();
    return check_end();
}
