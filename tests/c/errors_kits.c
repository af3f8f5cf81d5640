/* errors_kits.c: recovery kits: keys that no kit takes, wrong passwords, costs, damage and forgery.
 * kit_lines.c is about their text.
 */
#include "test_checksum.h"
#include "test_recipients.h"

static uint8_t kit[COFFRE_KIT_SIZE];
static char text[COFFRE_KIT_TEXT_MAX];
static size_t text_len;
static coffre_identity opened;

static coffre_status create(const coffre_identity *identity, const char *password,
                            const coffre_password_options *options)
{
    coffre_status status;
    size_t len = 9;

    poison(kit, sizeof kit);
    status = coffre_kit_create(&world.context, identity, options, (const uint8_t *)password,
                               strlen(password), world.scratch, sizeof world.scratch, kit,
                               sizeof kit, &len);
    if (status == COFFRE_OK) CHECK(len == COFFRE_KIT_SIZE);
    else CHECK(len == 0 && is_kept_or_zeroed(kit, sizeof kit));
    return status;
}

static coffre_status open_under(const coffre_policy *policy, const char *password, size_t len)
{
    coffre_status status;

    poison(&opened, sizeof opened);
    status = coffre_kit_open(&world.context, policy, kit, len, (const uint8_t *)password,
                             strlen(password), world.scratch, sizeof world.scratch, &opened);
    CHECK(status == COFFRE_OK || is_zeroed(&opened, sizeof opened));
    return status;
}

static coffre_status open_with(const char *password)
{
    return open_under(NULL, password, sizeof kit);
}

static void keys_in_kits(void)
{
    coffre_kit_info info;
    uint8_t kek[32], id[16], file[COFFRE_KEY_FILE_MAX], again[COFFRE_KEY_FILE_MAX];
    size_t len, again_len;

    for (int i = 0; i < KINDS; i++) {
        for (int kdf = PBKDF2; kdf <= ARGON2ID; kdf++) {
            coffre_password_options options = cheap_password(kdf);
            const coffre_identity *identity = &kinds[i].identities[0];

            check_about(kinds[i].name);
            if (i != KEK && i != P256) {
                EXPECT(COFFRE_ERR_UNSUPPORTED_KEY, create(identity, passwords[0], &options));
                continue;
            }
            EXPECT(COFFRE_OK, create(identity, passwords[0], &options));
            EXPECT(COFFRE_OK, coffre_kit_inspect(kit, sizeof kit, &info));
            CHECK(info.key_kind == (i == KEK ? COFFRE_KIT_KEK : COFFRE_KIT_P256));
            CHECK(info.kdf == options.kdf && info.reserved == 0);
            CHECK(info.iterations == (kdf == PBKDF2 ? options.iterations : options.passes));
            CHECK(info.memory_kib == (kdf == PBKDF2 ? 0 : options.memory_kib));
            CHECK(info.lanes == (kdf == PBKDF2 ? 0u : 1u));
            CHECK(memcmp(info.key_id, kinds[i].ids[0], 16) == 0);
            EXPECT(COFFRE_OK, open_with(passwords[0]));
            EXPECT(COFFRE_OK, coffre_identity_id(&opened, id));
            CHECK(memcmp(id, kinds[i].ids[0], 16) == 0);
            EXPECT(COFFRE_ERR_WRONG_PASSWORD, open_with(passwords[1]));
            EXPECT(COFFRE_ERR_WRONG_PASSWORD, open_with(""));
        }
    }
    check_about("what comes out of a kit");
    EXPECT(COFFRE_OK, create(&world.kek, passwords[0], NULL));
    EXPECT(COFFRE_OK, open_with(passwords[0]));
    EXPECT(COFFRE_OK, coffre_identity_kek(&opened, kek));
    CHECK(memcmp(kek, world.kek_bytes, 32) == 0);
    for (int i = P256; i < KINDS; i++) {
        poison(kek, sizeof kek);
        EXPECT(COFFRE_ERR_UNSUPPORTED_KEY, coffre_identity_kek(&kinds[i].identities[0], kek));
        CHECK(is_poisoned(kek, sizeof kek));
    }
    coffre_password_options options = cheap_password(ARGON2ID);
    EXPECT(COFFRE_OK, create(&world.pair, passwords[0], &options));
    EXPECT(COFFRE_OK, open_with(passwords[0]));
    EXPECT(COFFRE_OK, coffre_identity_write(&opened, 1, file, sizeof file, &len));
    EXPECT(COFFRE_OK, coffre_identity_write(&world.pair, 1, again, sizeof again, &again_len));
    CHECK(len == again_len && memcmp(file, again, len) == 0);
}

static void passwords_and_costs(void)
{
    coffre_password_options options = cheap_password(ARGON2ID);
    coffre_policy policy = COFFRE_POLICY_INIT;
    size_t needed = coffre_password_workspace_size(options.memory_kib);

    check_about("passwords and costs");
    EXPECT(COFFRE_ERR_WEAK_PASSWORD, create(&world.kek, "only 14 bytes.", &options));
    EXPECT(COFFRE_ERR_WEAK_PASSWORD, create(&world.kek, "aaaaaaaaaaaaaaaaaaaaaaaa", NULL));
    options.hint = (const uint8_t *)"hint", options.hint_len = 4;
    EXPECT(COFFRE_ERR_INVALID_ARGUMENT, create(&world.kek, passwords[0], &options));
    options.hint_len = 0, options.lanes = 17;
    EXPECT(COFFRE_ERR_INVALID_ARGUMENT, create(&world.kek, passwords[0], &options));
    options.lanes = 1, options.kdf = 9;
    EXPECT(COFFRE_ERR_INVALID_ARGUMENT, create(&world.kek, passwords[0], &options));
    options.kdf = COFFRE_KDF_ARGON2ID, options.memory_kib = 4194304;
    EXPECT(COFFRE_ERR_WORKSPACE_TOO_SMALL, create(&world.kek, passwords[0], &options));
    options = cheap_password(ARGON2ID);
    EXPECT(COFFRE_OK, create(&world.kek, passwords[0], &options));
    EXPECT(COFFRE_ERR_WORKSPACE_TOO_SMALL,
           coffre_kit_open(&world.context, NULL, kit, sizeof kit, (const uint8_t *)"x", 1,
                           world.scratch, needed - 1, &opened));
    policy.max_argon2_memory_kib = options.memory_kib - 1;
    EXPECT(COFFRE_ERR_OVER_COST, open_under(&policy, passwords[0], sizeof kit));
    policy.max_argon2_memory_kib++, policy.max_argon2_passes = 0;
    EXPECT(COFFRE_ERR_OVER_COST, open_under(&policy, passwords[0], sizeof kit));
    policy.max_argon2_passes = 1;
    EXPECT(COFFRE_OK, open_under(&policy, passwords[0], sizeof kit));
}

static void damage(void)
{
    coffre_kit_info info;
    size_t len;

    check_about("damaged kits");
    memcpy(kit, world.kit, sizeof kit);
    for (size_t bit = 0; bit < 8 * sizeof kit; bit++) {
        coffre_status expected = bit < 8 * 5 ? COFFRE_ERR_MALFORMED : COFFRE_ERR_DAMAGED;

        kit[bit / 8] ^= (uint8_t)(1 << bit % 8);
        poison(&info, sizeof info);
        EXPECT(expected, coffre_kit_inspect(kit, sizeof kit, &info));
        CHECK(is_poisoned(&info, sizeof info));
        EXPECT(expected, open_with(WORLD_PASSWORD));
        EXPECT(expected,
               coffre_kit_to_text(kit, sizeof kit, 0, text, sizeof text, &text_len));
        kit[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (size_t cut = 0; cut < sizeof kit; cut++) {
        EXPECT(COFFRE_ERR_MALFORMED, coffre_kit_inspect(kit, cut, &info));
        EXPECT(COFFRE_ERR_MALFORMED, open_under(NULL, WORLD_PASSWORD, cut));
    }
    EXPECT(COFFRE_OK, open_with(WORLD_PASSWORD));
    check_about("buffers for a kit");
    for (size_t cap = 0; cap < sizeof kit; cap++) {
        poison(kit, sizeof kit);
        EXPECT(COFFRE_ERR_BUFFER_TOO_SMALL,
               coffre_kit_create(&world.context, &world.kek, NULL, world.plain, 30, NULL, 0, kit,
                                 cap, &len));
        CHECK(len == COFFRE_KIT_SIZE && is_poisoned(kit, sizeof kit));
    }
}

/* Somebody who made the checksum fit. */
static void forged(void)
{
    static const struct {
        const char *what;
        size_t at;
        uint8_t change;
        coffre_status status;
    } faults[] = {
        {"version", 5, 1, COFFRE_ERR_UNSUPPORTED_VERSION},
        {"suite", 6, 2, COFFRE_ERR_UNSUPPORTED_SUITE},
        {"key kind 3", 8, 2, COFFRE_ERR_MALFORMED},
        {"kdf 5", 9, 1, COFFRE_ERR_MALFORMED},
        {"reserved", 10, 1, COFFRE_ERR_MALFORMED},
        {"no pass", 12, 1, COFFRE_ERR_MALFORMED},
        {"2^24 passes more", 15, 1, COFFRE_ERR_OVER_COST},
        {"no memory", 16, WORLD_ARGON2ID_KIB, COFFRE_ERR_MALFORMED},
        {"2 GiB more", 18, 0x20, COFFRE_ERR_OVER_COST},
        {"no lane", 20, 1, COFFRE_ERR_MALFORMED},
        {"salt", 24, 1, COFFRE_ERR_WRONG_PASSWORD},
        {"key id", 40, 1, COFFRE_ERR_WRONG_PASSWORD},
        {"the key", 56, 1, COFFRE_ERR_WRONG_PASSWORD},
    };
    coffre_kit_info info;

    check_about("a kit whose checksum fits");
    memcpy(kit, world.kit, sizeof kit);
    fix_checksum(kit, sizeof kit);
    CHECK(memcmp(kit, world.kit, sizeof kit) == 0);
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        coffre_status status = faults[i].status;
        int is_seen = status != COFFRE_ERR_WRONG_PASSWORD && status != COFFRE_ERR_OVER_COST;

        check_about(faults[i].what);
        memcpy(kit, world.kit, sizeof kit);
        kit[faults[i].at] ^= faults[i].change;
        fix_checksum(kit, sizeof kit);
        EXPECT(is_seen ? status : COFFRE_OK, coffre_kit_inspect(kit, sizeof kit, &info));
        EXPECT(status, open_with(WORLD_PASSWORD));
    }
}

int main(void)
{
    world_make();
    kinds_make();
    keys_in_kits();
    passwords_and_costs();
    damage();
    forged();
    return check_end();
}
