/* part_stack_keys.c: how much stack calls take with keys of every kind, as part_stack.c tells it of
 * the others: a KEK, P-256, passwords, a key service, a token; and recovery kits. It needs the
 * feature seal, and measures the kinds that are built.
 */
#include "pc_image.h"
#include "part.h"

#include <string.h>

static const uint8_t password[] = "a cable, a comb and 9 pears";

static uint8_t memory[COFFRE_ARGON2ID_WORKSPACE(8)], bytes[1024];
static size_t len;
static coffre_context context;
static coffre_identity kek;
static coffre_recipient kek_recipient;
static uint8_t kek_id[16];

static void boot(void)
{
    coffre_context_options options = COFFRE_CONTEXT_OPTIONS_INIT;

    options.random = board_random;
    part_must(coffre_context_init(&context, &options), "self-tests");
    if (!part_has(COFFRE_FEATURE_SEAL)) return;
    part_must(coffre_identity_from_kek(&context, image_kek, sizeof image_kek, &kek), "KEK");
    part_must(coffre_identity_recipient(&kek, &kek_recipient), "KEK's recipient");
    part_must(coffre_recipient_id(&kek_recipient, kek_id), "KEK's id");
}

/* --- what is done with a key of any kind --- */

static void challenges(const coffre_identity *identity, const coffre_recipient *recipient,
                       const char *kind)
{
    coffre_challenge_report report;

    STACK_OF(coffre_challenge_create, kind,
             (&context, recipient, image_instance, 1, bytes, sizeof bytes, &len));
    STACK_OF(coffre_challenge_check, kind,
             (&context, identity, image_instance, 0, bytes, len, &report));
}

/* Leaves a record for this recipient alone in `bytes`. */
static void records(const coffre_identity *identity, const coffre_recipient *recipient,
                    const char *kind)
{
    coffre_record_writer writer;
    coffre_record record;
    coffre_record_keys keys;
    uint8_t id[16];

    part_must(coffre_recipient_id(recipient, id), "recipient's id");
    part_must(coffre_record_create(&context, COFFRE_KEY_RECORD, image_instance, image_point, 1,
                                   bytes, sizeof bytes, &writer),
              "record");
    part_must(coffre_record_add_recipient(&context, &writer, &kek_recipient), "KEK into record");
    STACK_OF(coffre_record_replace_recipient, kind, (&context, &writer, kek_id, recipient));
    STACK_OF(coffre_record_remove_recipient, kind, (&writer, id));
    STACK_OF(coffre_record_add_recipient, kind, (&context, &writer, recipient));
    STACK_OF(coffre_record_finish, kind, (&writer, &len, &keys));
    STACK_OF(coffre_record_read, kind, (bytes, len, &record));
    STACK_OF(coffre_record_open, kind, (&context, NULL, identity, &record, &keys));
    coffre_record_keys_wipe(&keys);
    coffre_record_wipe(&record);
}

static void with(const coffre_identity *identity, const char *kind)
{
    coffre_recipient recipient;

    STACK_OF(coffre_identity_recipient, kind, (identity, &recipient));
    challenges(identity, &recipient, kind);
    records(identity, &recipient, kind);
    coffre_recipient_wipe(&recipient);
}

/* --- P-256 --- */

static void public_keys(void)
{
    coffre_identity pair;
    coffre_recipient public_key;
    uint8_t file[COFFRE_KEY_FILE_MAX], digest[32];
    size_t file_len;

    STACK(coffre_identity_generate, (&context, &pair));
    STACK(coffre_identity_write, (&pair, COFFRE_KEY_FILE_PEM, file, sizeof file, &file_len));
    STACK(coffre_identity_read, (&context, file, file_len, &pair));
    part_must(coffre_identity_recipient(&pair, &public_key), "public key");
    STACK(coffre_recipient_write, (&public_key, COFFRE_KEY_FILE_PEM, file, sizeof file, &file_len));
    STACK(coffre_recipient_read, (&context, file, file_len, &public_key));
    STACK(coffre_recipient_digest, (&public_key, digest));
    with(&pair, "public-key");
    part_wipe(file, sizeof file);
    coffre_recipient_wipe(&public_key);
    coffre_identity_wipe(&pair);
}

/* --- keys outside: what is measured includes the callbacks, which do next to nothing --- */

/* Wraps by a copy. */
static int32_t wrap(void *user, const uint8_t *key, uint8_t *sealed, size_t cap, size_t *sealed_len)
{
    (void)user;
    if (cap < 32) return -1;
    memcpy(sealed, key, 32);
    *sealed_len = 32;
    return 0;
}

static int32_t unwrap(void *user, const uint8_t *sealed, size_t sealed_len, uint8_t *key)
{
    (void)user;
    if (sealed_len != 32) return COFFRE_CALLBACK_REFUSED;
    memcpy(key, sealed, 32);
    return 0;
}

static void key_service(void)
{
    coffre_key_service service = COFFRE_KEY_SERVICE_INIT;
    coffre_identity identity;

    service.name = "a key service of the example";
    service.wrap = wrap;
    service.unwrap = unwrap;
    STACK(coffre_identity_external, (&context, &service, &identity));
    with(&identity, "external");
    coffre_identity_wipe(&identity);
}

/* The private key is 1, so that the result is the x of the peer's point. */
static int32_t ecdh(void *user, const uint8_t *peer, uint8_t *z)
{
    (void)user;
    memcpy(z, peer + 1, 32);
    return 0;
}

static void token(void)
{
    /* SEC 1 in DER: the private key 1 on curve P-256. */
    static const uint8_t one[] = {
        0x30, 0x31, 0x02, 0x01, 0x01, 0x04, 0x20, [38] = 0x01, 0xa0, 0x0a,
        0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03,        0x01, 0x07};
    coffre_identity pair, identity;
    coffre_recipient public_key;

    STACK_OF(coffre_identity_read, "sec1", (&context, one, sizeof one, &pair));
    part_must(coffre_identity_recipient(&pair, &public_key), "public key");
    coffre_identity_wipe(&pair);
    STACK(coffre_identity_token, (&context, &public_key, ecdh, NULL, &identity));
    with(&identity, "token");
    coffre_identity_wipe(&identity);
    coffre_recipient_wipe(&public_key);
}

/* --- passwords --- */

static void derive(const char *kind)
{
    coffre_record record;
    coffre_record_keys keys;
    coffre_identity identity;

    part_must(coffre_record_read(bytes, len, &record), "record for a password");
    STACK_OF(
        coffre_password_derive, kind,
        (&context, NULL, &record, password, sizeof password - 1, memory, sizeof memory, &identity));
    part_must(coffre_record_open(&context, NULL, &identity, &record, &keys), "the password's");
    coffre_record_keys_wipe(&keys);
    coffre_identity_wipe(&identity);
}

static void kit(const coffre_password_options *options, const char *kind)
{
    coffre_identity identity;
    coffre_kit_info info;

    STACK_OF(coffre_kit_create, kind,
             (&context, &kek, options, password, sizeof password - 1, memory, sizeof memory, bytes,
              sizeof bytes, &len));
    STACK_OF(coffre_kit_inspect, kind, (bytes, len, &info));
    STACK_OF(coffre_kit_open, kind,
             (&context, NULL, bytes, len, password, sizeof password - 1, memory, sizeof memory,
              &identity));
    coffre_identity_wipe(&identity);
}

static void kit_text(void)
{
    char text[COFFRE_KIT_TEXT_MAX];
    uint32_t bad_line;

    STACK(coffre_kit_to_text, (bytes, len, COFFRE_KIT_LINES, text, sizeof text, &len));
    STACK(coffre_kit_from_text, (text, len, bytes, sizeof bytes, &len, &bad_line));
}

static void passwords(uint32_t kdf, const char *kind)
{
    coffre_password_options options = COFFRE_PASSWORD_OPTIONS_INIT;
    coffre_identity identity;

    options.kdf = kdf;
    options.iterations = 1000;
    options.memory_kib = 8;
    options.passes = 1;
    STACK_OF(coffre_password_set, kind,
             (&context, &options, password, sizeof password - 1, memory, sizeof memory, &identity));
    with(&identity, kind);
    coffre_identity_wipe(&identity);
    derive(kind);
    kit(&options, kind);
    kit_text();
}

static void every_kind(void)
{
    with(&kek, NULL);
    if (part_has(COFFRE_FEATURE_PUBLIC_KEY)) public_keys();
    if (part_has(COFFRE_FEATURE_CALLBACKS)) key_service();
    if (part_has(COFFRE_FEATURE_CALLBACKS | COFFRE_FEATURE_PUBLIC_KEY)) token();
    if (part_has(COFFRE_FEATURE_PASSWORD)) passwords(COFFRE_KDF_PBKDF2, "pbkdf2");
    if (part_has(COFFRE_FEATURE_ARGON2)) passwords(COFFRE_KDF_ARGON2ID, "argon2");
    part_check(1, "all calls were measured");
}

int main(void)
{
    boot();
    if (part_has(COFFRE_FEATURE_SEAL))
        every_kind();
    else
        part_check(1, "without the feature seal part_sets.c measures what is there");
    coffre_recipient_wipe(&kek_recipient);
    coffre_identity_wipe(&kek);
    coffre_context_wipe(&context);
    return part_result();
}
