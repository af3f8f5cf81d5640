/* After a call that makes, opens, moves or uses keys, no copy of them stays on the stack.
 *
 * Each object is searched for on the stack below the caller, 32 bytes at a time, as it is and as
 * HMAC pads it (RFC 2104: XOR 36 and 5c), which gives the key away just as well. It knows nothing
 * of registers or of the caller's own copies. AddressSanitizer keeps locals elsewhere: SKIPPED.
 */
#include "check.h"
#include "coffre.h"

#include <string.h>

#if !defined(__SANITIZE_ADDRESS__)
#define BELOW 60000u /* how far down calls are taken to reach */
#define OWN 600u     /* what the search itself uses */

static coffre_context context;
static coffre_identity identity;
static coffre_recipient recipient;
static coffre_session session, found;
static coffre_id_key id_key;
static coffre_identity password;
static coffre_origin_key origin_key;
static coffre_record_writer writer;
static coffre_record_keys keys, opened;
static coffre_record read, used;
static uint8_t record[4096], rotated[4096], session_id[16], kept[40];
static size_t record_len, rotated_len;

/* Mostly zeros: no key, and padded it may well lie there by chance. */
static int is_sparse(const uint8_t *bytes)
{
    unsigned set = 0;

    for (size_t i = 0; i < 32; i++)
        set += bytes[i] != 0;
    return set < 24;
}

static const uint8_t pads[] = {0, 0x36, 0x5c};

static int is_padded(const uint8_t *found, const uint8_t *key, uint8_t pad)
{
    for (size_t i = 0; i < 32; i++)
        if (found[i] != (uint8_t)(key[i] ^ pad)) return 0;
    return 1;
}

/* How many 32-byte windows of an object, after its tag, lie on the stack below. */
static __attribute__((noinline)) unsigned residue(const void *object, size_t size)
{
    volatile uint8_t here = 0;
    const uint8_t *top = (const uint8_t *)&here, *bytes = object;
    unsigned count = 0;

    for (size_t at = 8; at + 32 <= size; at++) {
        if (is_sparse(bytes + at)) continue;
        for (size_t pad = 0; pad < sizeof pads; pad++) {
            for (const uint8_t *low = top - BELOW; low < top - OWN; low++) {
                if (!is_padded(low, bytes + at, pads[pad])) continue;
                count++;
                break;
            }
        }
    }
    return count;
}

#define CLEAN(object, call)                              \
    do {                                                 \
        check_about(#call);                              \
        EXPECT(COFFRE_OK, call);                         \
        CHECK(residue(&(object), sizeof(object)) == 0u); \
    } while (0)

/* Keeps what it is given, in the 8 bytes of a tag and then 32 of the key. */
static int32_t keeping_wrap(void *user, const uint8_t *key, uint8_t *sealed, size_t cap,
                            size_t *sealed_len)
{
    (void)user;
    memcpy(kept + 8, key, 32);
    memcpy(sealed, key, 32);
    *sealed_len = cap < 32 ? 0 : 32;
    return 0;
}

static int32_t keeping_unwrap(void *user, const uint8_t *sealed, size_t sealed_len, uint8_t *key)
{
    (void)user;
    memcpy(key, sealed, sealed_len);
    return 0;
}

/* Passwords, a key service, rotation, slots. */
static void other_recipients(const uint8_t *instance, const uint8_t *point)
{
    static const uint8_t text[] = "a long password that nobody knows";
    static uint8_t workspace[COFFRE_ARGON2ID_WORKSPACE(64)];
    coffre_password_options options = COFFRE_PASSWORD_OPTIONS_INIT;
    coffre_key_service service = COFFRE_KEY_SERVICE_INIT;

    for (options.kdf = COFFRE_KDF_PBKDF2; options.kdf <= COFFRE_KDF_ARGON2ID; options.kdf++) {
        options.iterations = 1000, options.memory_kib = 64, options.passes = 1;
        CLEAN(password, coffre_password_set(&context, &options, text, sizeof text, workspace,
                                            sizeof workspace, &password));
        EXPECT(COFFRE_OK, coffre_identity_recipient(&password, &recipient));
        CLEAN(writer, coffre_record_rotate(&context, &keys, &read, 2, rotated, sizeof rotated,
                                           &writer));
        CLEAN(recipient, coffre_record_add_recipient(&context, &writer, &recipient));
        EXPECT(COFFRE_OK, coffre_record_finish(&writer, &rotated_len, NULL));
        EXPECT(COFFRE_OK, coffre_record_read(rotated, rotated_len, &used));
        CLEAN(password, coffre_password_derive(&context, NULL, &used, text, sizeof text, workspace,
                                               sizeof workspace, &password));
        CLEAN(opened, coffre_slots_open(&context, NULL, &password, COFFRE_KEY_RECORD, instance,
                                        point, NULL, 0, rotated, rotated_len, &used, &opened,
                                        NULL));
    }
    service.name = "a service", service.wrap = keeping_wrap, service.unwrap = keeping_unwrap;
    EXPECT(COFFRE_OK, coffre_identity_external(&context, &service, &password));
    EXPECT(COFFRE_OK, coffre_identity_recipient(&password, &recipient));
    EXPECT(COFFRE_OK, coffre_record_edit(&context, &opened, &used, 3, record, sizeof record,
                                         &writer));
    CLEAN(kept, coffre_record_add_recipient(&context, &writer, &recipient));
    EXPECT(COFFRE_OK, coffre_record_finish(&writer, &record_len, NULL));
    EXPECT(COFFRE_OK, coffre_record_read(record, record_len, &used));
    CLEAN(kept, coffre_record_open(&context, NULL, &password, &used, &opened));
    CHECK(!is_sparse(kept + 8));
}

/* Origin keys and recovery kits. */
static void origin_and_kit(const uint8_t *instance, const uint8_t *point)
{
    static const uint8_t text[] = "another password that nobody knows";
    static uint8_t kit[COFFRE_KIT_SIZE], file[COFFRE_KEY_FILE_MAX];
    coffre_password_options options = COFFRE_PASSWORD_OPTIONS_INIT;
    coffre_manifest_whole whole;
    size_t len;

    options.iterations = 1000;
    CLEAN(origin_key, coffre_origin_key_generate(&context, &origin_key));
    CLEAN(origin_key, coffre_origin_key_write(&origin_key, 1, file, sizeof file, &len));
    CLEAN(origin_key, coffre_origin_key_read(&context, file, len, &origin_key));
    memset(&whole, 0, sizeof whole);
    whole.flags = COFFRE_MANIFEST_DIGESTS;
    memcpy(whole.instance_id, instance, 16);
    memcpy(whole.restore_point_id, point, 16);
    CLEAN(origin_key, coffre_origin_sign(&context, &origin_key, &opened, &used, &whole, file,
                                         sizeof file, &len));
    CLEAN(identity, coffre_kit_create(&context, &identity, &options, text, sizeof text, NULL, 0,
                                      kit, sizeof kit, &len));
    CLEAN(identity, coffre_kit_open(&context, NULL, kit, sizeof kit, text, sizeof text, NULL, 0,
                                    &identity));
    memset(kept, 5, sizeof kept);
    EXPECT(COFFRE_OK, coffre_identity_from_kek(&context, kept + 8, 32, &identity));
    CLEAN(kept, coffre_identity_kek(&identity, kept + 8));
}

static int32_t swallow(void *user, const uint8_t *bytes, size_t len)
{
    (void)user, (void)bytes, (void)len;
    return 0;
}

/* Keys that are used, and stay in their objects: ids of blocks, and a manifest's MACs. */
static void uses_of_keys(void)
{
    static coffre_manifest_writer manifest;
    coffre_manifest_info info;
    coffre_manifest_entry hole;
    coffre_block_id block;

    CLEAN(id_key, coffre_block_id_hash(&context, &id_key, session_id, sizeof session_id,
                                       &block));
    memset(&info, 0, sizeof info);
    memset(&hole, 0, sizeof hole);
    info.block_size = 4096, info.image_size = 4096, info.generation = 1;
    hole.kind = COFFRE_MANIFEST_HOLE;
    EXPECT(COFFRE_OK, coffre_manifest_begin(&context, &keys, &info, swallow, NULL, &manifest));
    CLEAN(manifest, coffre_manifest_add(&manifest, &hole, swallow, NULL));
    EXPECT(COFFRE_OK, coffre_manifest_finish(&manifest, swallow, NULL, NULL));
}

/* Keys of version 1, one and many: RFC 3394 4.6 tells what is unwrapped meanwhile. */
static void rewrapped_keys(void)
{
    static const uint8_t wrapped[40] = {
        0x28, 0xc9, 0xf4, 0x04, 0xc4, 0xb8, 0x10, 0xf4, 0xcb, 0xcc, 0xb3, 0x5c, 0xfb, 0x87,
        0xf8, 0x26, 0x3f, 0x57, 0x86, 0xe2, 0xd8, 0x0e, 0xd3, 0x26, 0xcb, 0xc7, 0xf0, 0xe7,
        0x1a, 0x99, 0xf4, 0x3b, 0xfb, 0x98, 0x8b, 0x9b, 0x7a, 0x02, 0xdd, 0x21};
    static uint8_t kek[32], rows[70][40], results[71][40];
    static coffre_status statuses[70];
    static coffre_v1_master from, to;

    for (size_t i = 0; i < 32; i++) {
        kek[i] = (uint8_t)i;
        kept[8 + i] = (uint8_t)(i < 16 ? 17 * i : i - 16);
    }
    for (size_t i = 0; i < 70; i++)
        memcpy(rows[i], wrapped, sizeof wrapped);
    CHECK(!is_sparse(kept + 8));
    CLEAN(from, coffre_v1_master_read(&context, kek, sizeof kek, &from));
    CLEAN(to, coffre_v1_master_read(&context, wrapped, 32, &to));
    CLEAN(kept, coffre_v1_rewrap(&context, &from, &to, wrapped, sizeof wrapped, results[0]));
    CLEAN(kept, coffre_v1_rewrap_batch(&context, &from, &to, rows[0], 70, results[1], statuses));
    CHECK(residue(&from, sizeof from) == 0u && residue(&to, sizeof to) == 0u);
}

int main(void)
{
    static const uint8_t instance[16] = "an instance", point[16] = "a point";
    static const uint8_t kek[32] = "a key of 32 bytes, none is zero.";

    EXPECT(COFFRE_OK, coffre_context_init(&context, NULL));
    uint8_t id[16];
    CLEAN(identity, coffre_identity_from_kek(&context, kek, sizeof kek, &identity));
    CLEAN(identity, coffre_identity_id(&identity, id));
    EXPECT(COFFRE_OK, coffre_identity_recipient(&identity, &recipient));
    CLEAN(recipient, coffre_recipient_id(&recipient, id));
    CLEAN(identity, coffre_identity_generate(&context, &identity));
    CLEAN(session, coffre_session_generate(&context, &session));
    CLEAN(id_key, coffre_id_key_generate(&context, 1, &id_key));
    EXPECT(COFFRE_OK, coffre_identity_recipient(&identity, &recipient));
    CLEAN(writer, coffre_record_create(&context, COFFRE_KEY_RECORD, instance, point, 1, record,
                                       sizeof record, &writer));
    CLEAN(writer, coffre_record_add_recipient(&context, &writer, &recipient));
    CLEAN(session, coffre_record_add_session(&writer, &session));
    CLEAN(keys, coffre_record_finish(&writer, &record_len, &keys));
    EXPECT(COFFRE_OK, coffre_record_read(record, record_len, &read));
    CLEAN(keys, coffre_record_open(&context, NULL, &identity, &read, &keys));
    EXPECT(COFFRE_OK, coffre_session_id(&session, session_id));
    CLEAN(found, coffre_record_session(&context, &keys, &read, session_id, &found));
    uses_of_keys();
    rewrapped_keys();
    other_recipients(instance, point);
    origin_and_kit(instance, point);
    return check_end();
}
#else
int main(void)
{
    printf("SKIPPED: AddressSanitizer keeps locals elsewhere\n");
    return 77;
}
#endif
