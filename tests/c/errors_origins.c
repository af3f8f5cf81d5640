/* errors_origins.c: who made a restore point: verified, unverified, forged; signatures of another
 * key, of another manifest and of another restore point; an origin key that is a recipient; a
 * policy that demands an origin. And key files of origin keys.
 */
#include "test_checksum.h"
#include "world.h"

static coffre_manifest_whole whole;

/* Closes the world's manifest with what is at hand. */
static coffre_status close_with(const coffre_policy *policy, const coffre_origin *origin,
                                const coffre_record *record, const uint8_t *signature, size_t len)
{
    struct world *w = &world;
    const uint8_t *segment = w->manifest + COFFRE_MANIFEST_HEADER_SIZE;
    size_t size = coffre_manifest_segment_size(&w->manifest_info, 0);
    coffre_manifest_reader reader;
    coffre_status status;

    poison(&whole, sizeof whole);
    check_must(coffre_manifest_open(&w->context, policy, &w->keys, w->manifest, &reader),
               "manifest");
    check_must(coffre_manifest_segment(&reader, 0, segment, size), "segment");
    status = coffre_manifest_close(&reader, segment + size, origin, record, signature, len, &whole);
    if (status == COFFRE_ERR_INVALID_ARGUMENT || status == COFFRE_ERR_BAD_STATE) {
        CHECK(is_poisoned(&whole, sizeof whole)); /* and it may be asked again */
        EXPECT(COFFRE_OK, close_manifest(&reader, segment + size));
    } else { /* the manifest is whole, whoever made it */
        CHECK(memcmp(whole.digest, w->whole.digest, 32) == 0);
        CHECK(memcmp(whole.restore_point_id, w->point, 16) == 0);
        CHECK(memcmp(whole.instance_id, w->instance, 16) == 0);
        CHECK(whole.generation == 4 && whole.flags == COFFRE_MANIFEST_DIGESTS);
        CHECK((whole.origin == COFFRE_ORIGIN_VERIFIED) == (origin != NULL && status == COFFRE_OK));
        CHECK((whole.origin == COFFRE_ORIGIN_FORGED) == (status == COFFRE_ERR_ORIGIN_FORGED));
        CHECK(is_zeroed(&reader, sizeof reader));
    }
    coffre_manifest_reader_wipe(&reader);
    return status;
}

static coffre_status close_signed(const coffre_origin *origin, const uint8_t *signature)
{
    return close_with(NULL, origin, &world.read, signature, COFFRE_ORIGIN_SIGNATURE_SIZE);
}

static int names(const coffre_origin *origin)
{
    uint8_t id[16];

    EXPECT(COFFRE_OK, coffre_origin_id(origin, id));
    return memcmp(whole.origin_key_id, id, 16) == 0;
}

/* The world's signature with one byte changed; its checksum fits if it should. */
static coffre_status altered_at(size_t at, int fit)
{
    uint8_t signature[COFFRE_ORIGIN_SIGNATURE_SIZE];

    memcpy(signature, world.signature, sizeof signature);
    signature[at] ^= 1;
    if (fit) fix_checksum(signature, sizeof signature);
    return close_signed(&world.origin, signature);
}

static void verified(void)
{
    coffre_policy demanding = COFFRE_POLICY_INIT;

    check_about("verified");
    demanding.flags = COFFRE_POLICY_ORIGIN_REQUIRED;
    EXPECT(COFFRE_OK, close_signed(&world.origin, world.signature));
    CHECK(whole.origin == COFFRE_ORIGIN_VERIFIED && names(&world.origin));
    EXPECT(COFFRE_OK, close_with(&demanding, &world.origin, &world.read, world.signature,
                                 COFFRE_ORIGIN_SIGNATURE_SIZE));

    check_about("unverified");
    EXPECT(COFFRE_OK, close_with(NULL, NULL, NULL, NULL, 0)); /* nobody asks */
    CHECK(is_zeroed(whole.origin_key_id, 16));
    EXPECT(COFFRE_OK, close_with(NULL, NULL, NULL, world.signature, sizeof world.signature));
    CHECK(names(&world.origin)); /* it says so, but nobody has the key */
    EXPECT(COFFRE_ERR_ORIGIN_UNVERIFIED, close_with(&demanding, NULL, NULL, NULL, 0));
    EXPECT(COFFRE_ERR_ORIGIN_UNVERIFIED,
           close_with(&demanding, NULL, NULL, world.signature, sizeof world.signature));
    EXPECT(COFFRE_ERR_ORIGIN_UNVERIFIED, close_with(NULL, &world.origin, &world.read, NULL, 0));
    EXPECT(COFFRE_ERR_INVALID_ARGUMENT,
           close_with(NULL, &world.origin, NULL, world.signature, sizeof world.signature));
    EXPECT(COFFRE_ERR_INVALID_ARGUMENT,
           close_with(NULL, &world.origin, &world.repository_read, world.signature,
                      sizeof world.signature));
}

/* Signatures of another key and of other manifests. */
static void others(void)
{
    struct world *w = &world;
    coffre_origin_key other_key;
    coffre_origin other;
    coffre_manifest_whole changed = w->whole;
    uint8_t signature[COFFRE_ORIGIN_SIGNATURE_SIZE], again[sizeof signature];
    size_t len;

#define SIGN(key, record, manifest)                                                               \
    coffre_origin_sign(&w->context, (key), &w->keys, (record), (manifest), signature,              \
                       sizeof signature, &len)
    check_about("signature of another key");
    EXPECT(COFFRE_OK, coffre_origin_key_generate(&w->context, &other_key));
    EXPECT(COFFRE_OK, coffre_origin_key_public(&other_key, &other));
    EXPECT(COFFRE_OK, SIGN(&other_key, &w->read, &w->whole));
    EXPECT(COFFRE_ERR_ORIGIN_UNVERIFIED, close_signed(&w->origin, signature));
    CHECK(names(&other));
    EXPECT(COFFRE_OK, close_signed(&other, signature));
    EXPECT(COFFRE_ERR_ORIGIN_UNVERIFIED, close_signed(&other, w->signature));

    check_about("signature of another manifest");
    changed.digest[0] ^= 1;
    EXPECT(COFFRE_OK, SIGN(&w->origin_key, &w->read, &changed));
    EXPECT(COFFRE_ERR_ORIGIN_FORGED, close_signed(&w->origin, signature));
    CHECK(whole.origin == COFFRE_ORIGIN_FORGED && names(&w->origin));
    changed = w->whole, changed.generation = 99, changed.origin = COFFRE_ORIGIN_FORGED;
    EXPECT(COFFRE_OK, SIGN(&w->origin_key, &w->read, &changed)); /* they are not signed */
    CHECK(memcmp(signature, w->signature, sizeof signature) == 0);
    memcpy(again, signature, sizeof again);
    EXPECT(COFFRE_OK, SIGN(&w->origin_key, &w->read, &w->whole));
    CHECK(memcmp(signature, again, sizeof signature) == 0); /* nothing random in it */

    check_about("signature of another restore point");
    changed = w->whole, changed.restore_point_id[3] ^= 1;
    EXPECT(COFFRE_ERR_FOREIGN, SIGN(&w->origin_key, &w->read, &changed));
    CHECK(len == 0);
    changed = w->whole, changed.instance_id[3] ^= 1;
    EXPECT(COFFRE_ERR_FOREIGN, SIGN(&w->origin_key, &w->read, &changed));
    EXPECT(COFFRE_ERR_INVALID_ARGUMENT, SIGN(&w->origin_key, &w->repository_read, &w->whole));
    changed = w->whole, changed.flags = 0;
    EXPECT(COFFRE_ERR_MALFORMED, SIGN(&w->origin_key, &w->read, &changed));
    changed = w->whole, changed.flags = 2;
    EXPECT(COFFRE_ERR_INVALID_ARGUMENT, SIGN(&w->origin_key, &w->read, &changed));
    coffre_record elsewhere;
    coffre_record_keys keys;
    coffre_record_writer writer;
    uint8_t bytes[512];
    check_must(coffre_record_create(&w->context, COFFRE_KEY_RECORD, w->instance, w->kek_id, 1,
                                    bytes, sizeof bytes, &writer),
               "record");
    check_must(coffre_record_add_recipient(&w->context, &writer, &w->kek_recipient), "KEK");
    check_must(coffre_record_finish(&writer, &len, &keys), "its end");
    check_must(coffre_record_read(bytes, len, &elsewhere), "record, read");
    EXPECT(COFFRE_ERR_FOREIGN, close_with(NULL, &w->origin, &elsewhere, w->signature,
                                          sizeof w->signature));
    memcpy(changed.restore_point_id, w->kek_id, 16), changed.flags = COFFRE_MANIFEST_DIGESTS;
    EXPECT(COFFRE_ERR_OTHER_STORAGE_KEY, SIGN(&w->origin_key, &elsewhere, &changed));
    EXPECT(COFFRE_OK, coffre_origin_sign(&w->context, &w->origin_key, &keys, &elsewhere, &changed,
                                         signature, sizeof signature, &len));
    EXPECT(COFFRE_ERR_FOREIGN, close_signed(&w->origin, signature));
    coffre_origin_key_wipe(&other_key);
}

static void damaged(void)
{
    coffre_origin_info info;
    uint8_t der[COFFRE_ORIGIN_DER_MAX], message[COFFRE_ORIGIN_MESSAGE_SIZE], digest[32];
    size_t der_len;

    check_about("damaged signatures");
    for (size_t at = 0; at < COFFRE_ORIGIN_SIGNATURE_SIZE; at++) {
        if (at < 5) EXPECT(COFFRE_ERR_MALFORMED, altered_at(at, 0)); /* it is something else */
        else EXPECT(COFFRE_ERR_DAMAGED, altered_at(at, 0));
    }
    for (size_t len = 0; len < COFFRE_ORIGIN_SIGNATURE_SIZE; len++) {
        EXPECT(COFFRE_ERR_MALFORMED,
               close_with(NULL, &world.origin, &world.read, world.signature, len));
        poison(&info, sizeof info);
        EXPECT(COFFRE_ERR_MALFORMED, coffre_origin_inspect(world.signature, len, &info));
        CHECK(is_poisoned(&info, sizeof info));
    }
    EXPECT(COFFRE_OK, coffre_origin_inspect(world.signature, sizeof world.signature, &info));
    EXPECT(COFFRE_OK, coffre_origin_id(&world.origin, digest));
    CHECK(memcmp(info.key_id, digest, 16) == 0);
    CHECK(memcmp(info.manifest_digest, world.whole.digest, 32) == 0);
    CHECK(memcmp(info.restore_point_id, world.point, 16) == 0);
    CHECK(memcmp(info.instance_id, world.instance, 16) == 0);
    EXPECT(COFFRE_OK, coffre_origin_export(world.signature, sizeof world.signature, message, der,
                                           sizeof der, &der_len));
    CHECK(memcmp(message + 48, world.whole.digest, 32) == 0 && der[0] == 0x30);
    CHECK(memcmp(message, "coffre/v2/origin", 16) == 0 && der_len == (size_t)der[1] + 2);
    uint8_t manifest_digest[32];
    EXPECT(COFFRE_OK,
           coffre_block_digest(0, world.manifest, world.manifest_len, manifest_digest));
    CHECK(memcmp(manifest_digest, world.whole.digest, 32) == 0);
}

/* Whoever has no origin key can still make every checksum fit. */
static void forged(void)
{
    static const struct {
        const char *what;
        size_t at, len;
        coffre_status status;
    } parts[] = {
        {"version", 5, 1, COFFRE_ERR_UNSUPPORTED_VERSION},
        {"suite", 6, 2, COFFRE_ERR_UNSUPPORTED_SUITE},
        {"flags", 8, 4, COFFRE_ERR_MALFORMED},
        {"reserved", 12, 4, COFFRE_ERR_MALFORMED},
        {"instance id", 16, 16, COFFRE_ERR_FOREIGN},
        {"restore point id", 32, 16, COFFRE_ERR_FOREIGN},
        {"origin key id", 48, 16, COFFRE_ERR_ORIGIN_UNVERIFIED},
        {"manifest digest", 64, 32, COFFRE_ERR_ORIGIN_FORGED},
        {"r", 96, 32, COFFRE_ERR_ORIGIN_FORGED},
        {"s", 128, 32, COFFRE_ERR_ORIGIN_FORGED},
    };
    uint8_t signature[COFFRE_ORIGIN_SIGNATURE_SIZE];
    coffre_origin_key other;
    size_t len;

    memcpy(signature, world.signature, sizeof signature);
    fix_checksum(signature, sizeof signature);
    CHECK(memcmp(signature, world.signature, sizeof signature) == 0);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        check_about(parts[i].what);
        for (size_t at = parts[i].at; at < parts[i].at + parts[i].len; at++)
            EXPECT(parts[i].status, altered_at(at, 1));
    }
    check_about("another key's signature under this key's id");
    check_must(coffre_origin_key_generate(&world.context, &other), "origin key");
    EXPECT(COFFRE_OK, coffre_origin_sign(&world.context, &other, &world.keys, &world.read,
                                         &world.whole, signature, sizeof signature, &len));
    EXPECT(COFFRE_OK, coffre_origin_id(&world.origin, signature + 48));
    fix_checksum(signature, sizeof signature);
    EXPECT(COFFRE_ERR_ORIGIN_FORGED, close_signed(&world.origin, signature));
    check_about("r and s out of range");
    memset(signature + 96, 0, 64);
    fix_checksum(signature, sizeof signature);
    EXPECT(COFFRE_ERR_ORIGIN_FORGED, close_signed(&world.origin, signature));
    memset(signature + 96, 0xff, 64);
    fix_checksum(signature, sizeof signature);
    EXPECT(COFFRE_ERR_ORIGIN_FORGED, close_signed(&world.origin, signature));
}

/* A key that can open what it signed for proves nothing. */
static void origin_is_recipient(void)
{
    struct world *w = &world;
    coffre_origin_key key;
    coffre_origin origin;
    uint8_t signature[COFFRE_ORIGIN_SIGNATURE_SIZE];
    size_t len;

    check_about("an origin key that is a recipient");
    EXPECT(COFFRE_OK, coffre_origin_key_read(&w->context, w->private_file, w->private_len, &key));
    EXPECT(COFFRE_OK, coffre_origin_read(&w->context, w->public_file, w->public_len, &origin));
    EXPECT(COFFRE_ERR_ORIGIN_IS_RECIPIENT,
           coffre_origin_sign(&w->context, &key, &w->keys, &w->read, &w->whole, signature,
                              sizeof signature, &len));
    EXPECT(COFFRE_ERR_ORIGIN_IS_RECIPIENT, close_signed(&origin, w->signature));
    CHECK(whole.origin == COFFRE_ORIGIN_UNVERIFIED);
    EXPECT(COFFRE_ERR_ORIGIN_IS_RECIPIENT, close_with(NULL, &origin, &w->read, NULL, 0));
    check_about("a record whose list of recipients was altered");
    static uint8_t altered[sizeof w->record];
    coffre_record record;
    coffre_record_recipient named;
    for (size_t i = 0; coffre_record_recipient_at(&w->read, i, &named) == COFFRE_OK; i++) {
        memcpy(altered, w->record, w->record_len);
        size_t at = 0;
        while (memcmp(altered + at, named.id, sizeof named.id) != 0)
            at++;
        altered[at + 3] ^= 1;
        fix_checksum(altered, w->record_len);
        check_must(coffre_record_read(altered, w->record_len, &record), "altered record");
        EXPECT(COFFRE_ERR_NOT_AUTHENTIC,
               coffre_origin_sign(&w->context, &key, &w->keys, &record, &w->whole, signature,
                                  sizeof signature, &len));
        EXPECT(COFFRE_ERR_NOT_AUTHENTIC, close_with(NULL, &origin, &record, NULL, 0));
    }
}

/* Key files of an origin key are those of any P-256 key. */
static void key_files(void)
{
    struct world *w = &world;
    coffre_origin_key key;
    coffre_origin origin, same;
    coffre_recipient recipient;
    uint8_t file[COFFRE_KEY_FILE_MAX], id[16], other_id[16], digest[32], other_digest[32];
    size_t len;

    check_about("key files of an origin key");
    for (uint32_t form = COFFRE_KEY_FILE_PEM; form <= COFFRE_KEY_FILE_DER; form++) {
        EXPECT(COFFRE_OK,
               coffre_origin_key_write(&w->origin_key, form, file, sizeof file, &len));
        EXPECT(COFFRE_OK, coffre_origin_key_read(&w->context, file, len, &key));
        EXPECT(COFFRE_OK, coffre_origin_key_public(&key, &same));
        EXPECT(COFFRE_OK, close_signed(&same, w->signature));
        EXPECT(COFFRE_ERR_BAD_KEY_FILE, coffre_origin_key_read(&w->context, file, len - 2, &key));
        CHECK(is_zeroed(&key, sizeof key));
        EXPECT(COFFRE_ERR_BAD_KEY_FILE, coffre_origin_read(&w->context, file, len, &origin));
        CHECK(is_zeroed(&origin, sizeof origin));
        EXPECT(COFFRE_OK, coffre_origin_write(&w->origin, form, file, sizeof file, &len));
        EXPECT(COFFRE_OK, coffre_origin_read(&w->context, file, len, &same));
        EXPECT(COFFRE_OK, close_signed(&same, w->signature));
        EXPECT(COFFRE_ERR_BAD_KEY_FILE, coffre_origin_key_read(&w->context, file, len, &key));
        EXPECT(COFFRE_OK, coffre_recipient_read(&w->context, file, len, &recipient));
        EXPECT(COFFRE_OK, coffre_recipient_id(&recipient, id));
        EXPECT(COFFRE_OK, coffre_origin_id(&same, other_id));
        EXPECT(COFFRE_OK, coffre_recipient_digest(&recipient, digest));
        EXPECT(COFFRE_OK, coffre_origin_digest(&same, other_digest));
        CHECK(memcmp(id, other_id, 16) == 0 && memcmp(digest, other_digest, 32) == 0);
    }
    for (uint32_t form = 2; form < 20; form += 3) {
        EXPECT(COFFRE_ERR_INVALID_ARGUMENT,
               coffre_origin_key_write(&w->origin_key, form, file, sizeof file, &len));
        EXPECT(COFFRE_ERR_INVALID_ARGUMENT,
               coffre_origin_write(&w->origin, form, file, sizeof file, &len));
    }
}

int main(void)
{
    world_make();
    verified();
    others();
    damaged();
    forged();
    origin_is_recipient();
    key_files();
    return check_end();
}
