/* kits.c: recovery kits through the header: a key goes into a kit, onto paper, and back into a key
 * file; and what is said when something is wrong on the way.
 */
#include "world.h"

static const uint8_t password[] = "correct horse battery staple";
#define PASSWORD_LEN (sizeof password - 1)
#define MEMORY_KIB 16

static uint8_t workspace[COFFRE_ARGON2ID_WORKSPACE(MEMORY_KIB)];

static coffre_password_options cheap(uint32_t kdf)
{
    coffre_password_options options = COFFRE_PASSWORD_OPTIONS_INIT;

    options.kdf = kdf;
    options.iterations = 1000;
    options.memory_kib = MEMORY_KIB;
    options.passes = 1;
    return options;
}

static coffre_status create(const coffre_identity *identity, const coffre_password_options *options,
                            uint8_t kit[COFFRE_KIT_SIZE])
{
    size_t len = 99;
    coffre_status status;

    poison(kit, COFFRE_KIT_SIZE);
    status = coffre_kit_create(&world.context, identity, options, password, PASSWORD_LEN,
                               workspace, sizeof workspace, kit, COFFRE_KIT_SIZE, &len);
    CHECK(len == (status == COFFRE_OK ? COFFRE_KIT_SIZE : 0));
    CHECK(status == COFFRE_OK || is_kept_or_zeroed(kit, COFFRE_KIT_SIZE));
    return status;
}

static coffre_status open_with(const coffre_policy *policy, const uint8_t *kit, size_t len,
                               const uint8_t *word, size_t word_len, coffre_identity *identity)
{
    coffre_status status;

    poison(identity, sizeof *identity);
    poison(workspace, sizeof workspace);
    status = coffre_kit_open(&world.context, policy, kit, len, word, word_len, workspace,
                             sizeof workspace, identity);
    CHECK(status == COFFRE_OK || is_zeroed(identity, sizeof *identity));
    return status;
}

static coffre_status open_kit(const uint8_t *kit, coffre_identity *identity)
{
    return open_with(NULL, kit, COFFRE_KIT_SIZE, password, PASSWORD_LEN, identity);
}

/* Onto paper and back. */
static void by_text(const uint8_t *kit, uint32_t form)
{
    char text[COFFRE_KIT_TEXT_MAX];
    uint8_t back[COFFRE_KIT_SIZE];
    size_t text_len, len;
    uint32_t bad_line = 99;

    EXPECT(COFFRE_OK, coffre_kit_to_text(kit, COFFRE_KIT_SIZE, form, text, sizeof text, &text_len));
    CHECK(text_len <= sizeof text && memchr(text, 0, text_len) == NULL);
    CHECK((memchr(text, '\n', text_len) != NULL) == (form == COFFRE_KIT_LINES));
    EXPECT(COFFRE_OK, coffre_kit_from_text(text, text_len, back, sizeof back, &len, &bad_line));
    CHECK(len == COFFRE_KIT_SIZE && memcmp(back, kit, COFFRE_KIT_SIZE) == 0 && bad_line == 0);
    EXPECT(COFFRE_OK, coffre_kit_from_text(text, text_len, back, sizeof back, &len, NULL));

    text[9] = text[9] == 'q' || text[9] == 'Q' ? 'p' : 'q';
    EXPECT(COFFRE_ERR_BAD_KIT_LINE,
           coffre_kit_from_text(text, text_len, back, sizeof back, &len, &bad_line));
    CHECK(bad_line == 1 && len == 0);
}

static void round_trips(void)
{
    static const uint32_t kdfs[] = {COFFRE_KDF_PBKDF2, COFFRE_KDF_ARGON2ID};
    uint8_t kit[COFFRE_KIT_SIZE], kek[32], file[COFFRE_KEY_FILE_MAX];
    coffre_identity identity;
    coffre_kit_info info;
    size_t len;

    for (size_t i = 0; i < 2; i++) {
        coffre_password_options options = cheap(kdfs[i]);
        uint32_t is_argon2id = kdfs[i] == COFFRE_KDF_ARGON2ID;

        check_about("kit of a KEK");
        EXPECT(COFFRE_OK, create(&world.kek, &options, kit));
        EXPECT(COFFRE_OK, coffre_kit_inspect(kit, sizeof kit, &info));
        CHECK(info.key_kind == COFFRE_KIT_KEK && info.kdf == kdfs[i] && info.reserved == 0);
        CHECK(info.iterations == (is_argon2id ? 1 : 1000));
        CHECK(info.memory_kib == (is_argon2id ? MEMORY_KIB : 0) && info.lanes == is_argon2id);
        CHECK(memcmp(info.key_id, world.kek_id, 16) == 0);
        by_text(kit, COFFRE_KIT_LINES);
        by_text(kit, COFFRE_KIT_SCAN);
        EXPECT(COFFRE_OK, open_kit(kit, &identity));
        EXPECT(COFFRE_OK, coffre_identity_kek(&identity, kek));
        CHECK(memcmp(kek, world.kek_bytes, sizeof kek) == 0);
        coffre_identity_wipe(&identity);

        check_about("kit of a key pair");
        EXPECT(COFFRE_OK, create(&world.pair, &options, kit));
        EXPECT(COFFRE_OK, coffre_kit_inspect(kit, sizeof kit, &info));
        CHECK(info.key_kind == COFFRE_KIT_P256 && memcmp(info.key_id, world.pair_id, 16) == 0);
        by_text(kit, COFFRE_KIT_LINES);
        by_text(kit, COFFRE_KIT_SCAN);
        EXPECT(COFFRE_OK, open_kit(kit, &identity));
        EXPECT(COFFRE_OK,
               coffre_identity_write(&identity, COFFRE_KEY_FILE_PEM, file, sizeof file, &len));
        CHECK(len == world.private_len && memcmp(file, world.private_file, len) == 0);
        coffre_identity_wipe(&identity);
    }
}

static void defaults(void)
{
    const coffre_password_options options = COFFRE_PASSWORD_OPTIONS_INIT;
    uint8_t kit[COFFRE_KIT_SIZE];
    coffre_kit_info info;

    check_about("defaults");
    EXPECT(COFFRE_OK, create(&world.kek, NULL, kit));
    EXPECT(COFFRE_OK, coffre_kit_inspect(kit, sizeof kit, &info));
    CHECK(info.kdf == options.kdf && info.iterations == options.iterations);
}

static void refusals(void)
{
    coffre_password_options options = cheap(COFFRE_KDF_ARGON2ID);
    coffre_identity identity, of_password;
    coffre_policy policy = COFFRE_POLICY_INIT;
    uint8_t kit[COFFRE_KIT_SIZE], kek[32];
    size_t len;

    check_about("create");
    check_must(coffre_password_set(&world.context, &options, password, PASSWORD_LEN, workspace,
                                   sizeof workspace, &of_password),
               "password");
    EXPECT(COFFRE_ERR_UNSUPPORTED_KEY, create(&of_password, &options, kit));
    options.least_len = 29;
    EXPECT(COFFRE_ERR_WEAK_PASSWORD, create(&world.kek, &options, kit));
    options = cheap(COFFRE_KDF_ARGON2ID);
    options.hint = (const uint8_t *)"hint", options.hint_len = 4;
    EXPECT(COFFRE_ERR_INVALID_ARGUMENT, create(&world.kek, &options, kit));
    options.hint = world.plain, options.hint_len = 65;
    EXPECT(COFFRE_ERR_TOO_LARGE, create(&world.kek, &options, kit));
    options = cheap(COFFRE_KDF_PBKDF2);
    options.iterations = 999;
    EXPECT(COFFRE_ERR_INVALID_ARGUMENT, create(&world.kek, &options, kit));
    options = cheap(COFFRE_KDF_ARGON2ID);
    options.memory_kib++;
    EXPECT(COFFRE_ERR_WORKSPACE_TOO_SMALL, create(&world.kek, &options, kit));
    options = cheap(COFFRE_KDF_ARGON2ID);
    EXPECT(COFFRE_ERR_BUFFER_TOO_SMALL,
           coffre_kit_create(&world.context, &world.kek, &options, password, PASSWORD_LEN,
                             workspace, sizeof workspace, kit, sizeof kit - 1, &len));
    CHECK(len == COFFRE_KIT_SIZE);

    check_about("open");
    EXPECT(COFFRE_OK, create(&world.kek, &options, kit));
    EXPECT(COFFRE_ERR_WRONG_PASSWORD,
           open_with(NULL, kit, sizeof kit, password, PASSWORD_LEN - 1, &identity));
    CHECK(is_kept_or_zeroed(workspace, sizeof workspace));
    EXPECT(COFFRE_ERR_MALFORMED, open_with(NULL, kit, sizeof kit - 1, password, 9, &identity));
    policy.max_argon2_memory_kib = MEMORY_KIB - 1;
    EXPECT(COFFRE_ERR_OVER_COST,
           open_with(&policy, kit, sizeof kit, password, PASSWORD_LEN, &identity));
    poison(&identity, sizeof identity);
    EXPECT(COFFRE_ERR_WORKSPACE_TOO_SMALL,
           coffre_kit_open(&world.context, NULL, kit, sizeof kit, password, PASSWORD_LEN, NULL, 0,
                           &identity));
    CHECK(is_zeroed(&identity, sizeof identity));
    kit[50] ^= 1;
    EXPECT(COFFRE_ERR_DAMAGED, open_kit(kit, &identity));

    check_about("no KEK");
    poison(kek, sizeof kek);
    EXPECT(COFFRE_ERR_UNSUPPORTED_KEY, coffre_identity_kek(&world.pair, kek));
    EXPECT(COFFRE_ERR_UNSUPPORTED_KEY, coffre_identity_kek(&of_password, kek));
    EXPECT(COFFRE_ERR_BAD_STATE, coffre_identity_kek(&identity, kek));
    CHECK(is_poisoned(kek, sizeof kek));
    coffre_identity_wipe(&of_password);
}

static void bad_texts(void)
{
    static const char many[16385];
    coffre_password_options options = cheap(COFFRE_KDF_PBKDF2);
    uint8_t kit[COFFRE_KIT_SIZE], out[COFFRE_KIT_SIZE];
    char text[COFFRE_KIT_TEXT_MAX];
    coffre_kit_info info;
    uint32_t bad_line;
    size_t len;

    EXPECT(COFFRE_OK, create(&world.kek, &options, kit));
    check_about("to_text");
    EXPECT(COFFRE_ERR_INVALID_ARGUMENT, coffre_kit_to_text(kit, sizeof kit, 2, text, 296, &len));
    EXPECT(COFFRE_ERR_BUFFER_TOO_SMALL, coffre_kit_to_text(kit, sizeof kit, 0, text, 295, &len));
    CHECK(len == 296 && len <= COFFRE_KIT_TEXT_MAX);
    EXPECT(COFFRE_ERR_BUFFER_TOO_SMALL, coffre_kit_to_text(kit, sizeof kit, 1, NULL, 0, &len));
    CHECK(len == 239);
    kit[12] ^= 1;
    poison(text, sizeof text);
    poison(&info, sizeof info);
    EXPECT(COFFRE_ERR_DAMAGED, coffre_kit_to_text(kit, sizeof kit, 0, text, 296, &len));
    EXPECT(COFFRE_ERR_DAMAGED, coffre_kit_inspect(kit, sizeof kit, &info));
    EXPECT(COFFRE_ERR_MALFORMED, coffre_kit_inspect(NULL, 0, &info));
    CHECK(len == 0 && is_poisoned(text, sizeof text) && is_poisoned(&info, sizeof info));

    check_about("from_text");
    EXPECT(COFFRE_ERR_BAD_KIT_LINE,
           coffre_kit_from_text(NULL, 0, out, sizeof out, &len, &bad_line));
    CHECK(bad_line == 1 && len == 0);
    EXPECT(COFFRE_ERR_BAD_KIT_LINE,
           coffre_kit_from_text("# kit\nwhat?", 11, out, sizeof out, &len, &bad_line));
    CHECK(bad_line == 1);
    EXPECT(COFFRE_ERR_TOO_LARGE,
           coffre_kit_from_text(many, sizeof many, out, sizeof out, &len, &bad_line));
    CHECK(bad_line == 0 && len == 0);
    EXPECT(COFFRE_ERR_BUFFER_TOO_SMALL,
           coffre_kit_from_text("", 0, out, sizeof out - 1, &len, &bad_line));
    CHECK(bad_line == 0 && len == COFFRE_KIT_SIZE);
}

int main(void)
{
    world_make();
    round_trips();
    defaults();
    refusals();
    bad_texts();
    return check_end();
}
