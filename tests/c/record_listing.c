/* record_listing.c: what a record says without any key: each kind of recipient with its cost, hint
 * and name, and recipients and entries of types that this version does not know. Those are kept
 * when a record is edited, and refused when it is rotated. Reads tests/vectors/format; run it from
 * the root of the tree.
 */
#include "test_checksum.h"
#include "test_recipients.h"

static uint8_t bytes[8192], changed[8192];
static size_t len, changed_len;
static coffre_record read;
static coffre_record_writer writer;

static void begin(void)
{
    check_must(coffre_record_create(&world.context, COFFRE_KEY_RECORD, world.instance, world.point,
                                    1, bytes, sizeof bytes, &writer),
               "record");
}

static void finish(void)
{
    check_must(coffre_record_finish(&writer, &len, NULL), "record's end");
    check_must(coffre_record_read(bytes, len, &read), "record, read");
}

/* The password of a kind that costs so much, with a hint. */
static coffre_recipient password_of(int kind, const char *hint)
{
    coffre_password_options options = cheap_password(kind);
    coffre_identity identity;
    coffre_recipient recipient;

    options.iterations = 1234, options.memory_kib = 50, options.passes = 2, options.lanes = 3;
    options.hint = (const uint8_t *)hint;
    options.hint_len = (uint32_t)strlen(hint);
    check_must(coffre_password_set(&world.context, &options, (const uint8_t *)passwords[0],
                                   strlen(passwords[0]), world.scratch, sizeof world.scratch,
                                   &identity),
               "password");
    check_must(coffre_identity_recipient(&identity, &recipient), "its recipient");
    return recipient;
}

static int says(size_t index, const coffre_recipient *recipient, uint32_t type,
                const uint32_t cost[3], const char *text)
{
    coffre_record_recipient seen;
    uint8_t id[16];

    poison(&seen, sizeof seen);
    EXPECT(COFFRE_OK, coffre_record_recipient_at(&read, index, &seen));
    EXPECT(COFFRE_OK, coffre_recipient_id(recipient, id));
    return seen.type == type && memcmp(seen.id, id, 16) == 0 && seen.iterations == cost[0] &&
           seen.memory_kib == cost[1] && seen.lanes == cost[2] && strcmp(seen.text, text) == 0 &&
           is_zeroed(seen.text + strlen(text), sizeof seen.text - strlen(text));
}

static void recipients(void)
{
    static const uint32_t none[3] = {0, 0, 0}, pbkdf2[3] = {1234, 0, 0}, argon2[3] = {2, 50, 3};
    coffre_recipient password = password_of(PBKDF2, "the old one");
    coffre_recipient argon2id = password_of(ARGON2ID, "gr\xc3\xbcn, 2026");

    check_about("recipients of every kind");
    begin();
    for (int i = 0; i < KINDS; i++) {
        const coffre_recipient *recipient = i == PBKDF2 ? &password : &kinds[i].recipients[0];

        if (i == ARGON2ID) continue; /* a second password */
        EXPECT(COFFRE_OK, coffre_record_add_recipient(&world.context, &writer, recipient));
    }
    finish();
    CHECK(says(0, &kinds[KEK].recipients[0], COFFRE_RECIPIENT_KEK, none, ""));
    CHECK(says(1, &kinds[P256].recipients[0], COFFRE_RECIPIENT_P256, none, ""));
    CHECK(says(2, &password, COFFRE_RECIPIENT_PBKDF2, pbkdf2, "the old one"));
    CHECK(says(3, &kinds[EXTERNAL].recipients[0], COFFRE_RECIPIENT_EXTERNAL, none, "kms:backup"));
    CHECK(says(4, &kinds[TOKEN].recipients[0], COFFRE_RECIPIENT_P256, none, ""));

    /* The one that is replaced goes to the end. */
    coffre_record_keys keys;
    uint8_t id[16];
    EXPECT(COFFRE_OK, coffre_recipient_id(&password, id));
    EXPECT(COFFRE_OK,
           coffre_record_open(&world.context, NULL, &kinds[KEK].identities[0], &read, &keys));
    EXPECT(COFFRE_OK, coffre_record_edit(&world.context, &keys, &read, 2, changed, sizeof changed,
                                         &writer));
    EXPECT(COFFRE_ERR_DUPLICATE,
           coffre_record_add_recipient(&world.context, &writer, &argon2id));
    EXPECT(COFFRE_ERR_DUPLICATE,
           coffre_record_replace_recipient(&world.context, &writer, kinds[KEK].ids[0], &argon2id));
    EXPECT(COFFRE_OK, coffre_record_replace_recipient(&world.context, &writer, id, &argon2id));
    EXPECT(COFFRE_OK, coffre_record_finish(&writer, &changed_len, NULL));
    EXPECT(COFFRE_OK, coffre_record_read(changed, changed_len, &read));
    CHECK(says(2, &kinds[EXTERNAL].recipients[0], COFFRE_RECIPIENT_EXTERNAL, none, "kms:backup"));
    CHECK(says(4, &argon2id, COFFRE_RECIPIENT_ARGON2ID, argon2, "gr\xc3\xbcn, 2026"));
}

/* The longest name and the longest hint fill `text`. */
static void longest_text(void)
{
    char name[129] = {0};
    coffre_key_service service = service_of(name, &answerers[0]);
    coffre_identity identity;
    coffre_recipient recipient;
    static const uint32_t none[3] = {0, 0, 0};

    check_about("a name of 128 bytes");
    memset(name, 'n', 128);
    check_must(coffre_identity_external(&world.context, &service, &identity), "service");
    check_must(coffre_identity_recipient(&identity, &recipient), "its recipient");
    begin();
    EXPECT(COFFRE_OK, coffre_record_add_recipient(&world.context, &writer, &recipient));
    finish();
    CHECK(says(0, &recipient, COFFRE_RECIPIENT_EXTERNAL, none, name));
}

/* --- types that this version does not know --- */

/* The hexadecimal digits after "`name`": in a vector. */
static size_t hex_of(const char *vector, const char *name, uint8_t *out, size_t cap)
{
    const char *at = strstr(vector, name);
    size_t count = 0;
    unsigned byte;

    if (at == NULL || (at = strchr(at + strlen(name) + 1, '"')) == NULL) return 0;
    for (at++; count < cap && sscanf(at, "%2x", &byte) == 1 && at[1] != '"'; at += 2)
        out[count++] = (uint8_t)byte;
    return count;
}

static void unknown_types(void)
{
    static char vector[65536];
    FILE *file = fopen("tests/vectors/format/record_unknown_types.json", "rb");
    uint8_t kek[32];
    coffre_identity identity;
    coffre_record_info info;
    coffre_record_recipient recipient;
    coffre_record_entry entries[4];
    coffre_record_keys keys;
    coffre_session session;
    size_t count, unknown = 0, known = 0;

    check_about("recipients and entries of unknown types");
    if (!CHECK(file != NULL)) return;
    vector[fread(vector, 1, sizeof vector - 1, file)] = '\0';
    fclose(file);
    len = hex_of(vector, "\"bytes\"", bytes, sizeof bytes);
    CHECK(hex_of(vector, "\"kek\"", kek, sizeof kek) == sizeof kek);
    check_must(coffre_identity_from_kek(&world.context, kek, sizeof kek, &identity), "KEK");
    EXPECT(COFFRE_OK, coffre_record_read(bytes, len, &read));
    EXPECT(COFFRE_OK, coffre_record_inspect(&read, &info));
    for (size_t i = 0; i < info.recipient_count; i++) {
        EXPECT(COFFRE_OK, coffre_record_recipient_at(&read, i, &recipient));
        if (recipient.type <= COFFRE_RECIPIENT_EXTERNAL) continue;
        unknown++;
        CHECK(recipient.iterations == 0 && recipient.memory_kib == 0 && recipient.lanes == 0);
        CHECK(is_zeroed(recipient.text, sizeof recipient.text));
    }
    CHECK(unknown == 1 && info.recipient_count == 2);
    EXPECT(COFFRE_OK, coffre_record_entries(&read, 0, entries, 4, &count));
    CHECK(count == info.entry_count && count == 2);
    EXPECT(COFFRE_OK, coffre_record_open(&world.context, NULL, &identity, &read, &keys));
    for (size_t i = 0; i < count; i++) {
        if (entries[i].type != COFFRE_ENTRY_SESSION_KEY) continue;
        known++;
        EXPECT(COFFRE_OK, coffre_record_session(&world.context, &keys, &read, entries[i].id,
                                                &session));
    }
    CHECK(known == 1);

    EXPECT(COFFRE_ERR_UNSUPPORTED_VERSION,
           coffre_record_rotate(&world.context, &keys, &read, 99, changed, sizeof changed,
                                &writer));
    CHECK(is_zeroed(&writer, sizeof writer));
    EXPECT(COFFRE_OK, coffre_record_edit(&world.context, &keys, &read, 99, changed, sizeof changed,
                                         &writer));
    EXPECT(COFFRE_OK, coffre_record_add_session(&writer, &world.session));
    EXPECT(COFFRE_OK, coffre_record_finish(&writer, &changed_len, NULL));
    CHECK(changed_len == len + 64);
    EXPECT(COFFRE_OK, coffre_record_read(changed, changed_len, &read));
    EXPECT(COFFRE_OK, coffre_record_entries(&read, 0, entries, 4, &count));
    CHECK(count == 3 && entries[2].type > COFFRE_ENTRY_ID_KEY);
    EXPECT(COFFRE_OK, coffre_record_recipient_at(&read, 0, &recipient));
    CHECK(recipient.type > COFFRE_RECIPIENT_EXTERNAL);
}

int main(void)
{
    world_make();
    kinds_make();
    recipients();
    longest_text();
    unknown_types();
    return check_end();
}
