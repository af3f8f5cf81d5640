/* errors_passwords.c: passwords that are weak, wrong, or cost too much; hints and costs that the
 * format forbids, from a caller and from a file; workspaces; and one password in many records.
 */
#include "test_checksum.h"
#include "test_recipients.h"

#define STANZA 136
#define COST (STANZA + 28) /* where a password's stanza has its cost */
#define LAST (COST + 12 + 16 + 1 + 40 - 1)

static uint8_t workspace[COFFRE_ARGON2ID_WORKSPACE(64)];
static coffre_identity made;

static coffre_status set_to(const char *password, const coffre_password_options *options)
{
    coffre_status status;

    poison(&made, sizeof made);
    poison(workspace, sizeof workspace);
    status = coffre_password_set(&world.context, options, (const uint8_t *)password,
                                 strlen(password), workspace, sizeof workspace, &made);
    CHECK(status == COFFRE_OK || is_zeroed(&made, sizeof made));
    return status;
}

static coffre_status set_with(const coffre_password_options *options)
{
    return set_to(passwords[0], options);
}

static void weak(void)
{
    coffre_password_options options = cheap_password(PBKDF2);

    check_about("weak passwords");
    EXPECT(COFFRE_ERR_WEAK_PASSWORD, set_to("", NULL));
    EXPECT(COFFRE_ERR_WEAK_PASSWORD, set_to("only 14 bytes.", NULL));
    EXPECT(COFFRE_OK, set_to("just 15 bytes..", NULL));
    EXPECT(COFFRE_ERR_WEAK_PASSWORD, set_to("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", &options));
    EXPECT(COFFRE_ERR_WEAK_PASSWORD, set_to("abcdabcdabcdabcdabcdabcdabcdabcdab", &options));
    EXPECT(COFFRE_OK, set_to("abcdeabcdeabcdeabcde", &options));
    options.least_len = 30;
    EXPECT(COFFRE_ERR_WEAK_PASSWORD, set_to("29 bytes are still not enough", &options));
    EXPECT(COFFRE_OK, set_to("29 bytes are still not enough.", &options));
    options.least_len = 0; /* a product that has a better idea, and still no "aaaa" */
    EXPECT(COFFRE_OK, set_to("short", &options));
    EXPECT(COFFRE_ERR_WEAK_PASSWORD, set_to("shor", &options));
    options.least_len = UINT32_MAX;
    EXPECT(COFFRE_ERR_WEAK_PASSWORD, set_with(&options));
    coffre_identity_wipe(&made);
}

static void option_values(void)
{
    static const struct {
        const char *what;
        uint32_t kdf, iterations, memory_kib, passes, lanes;
        coffre_status status;
    } rows[] = {
        {"no kdf", 0, 1000, 16, 1, 1, COFFRE_ERR_INVALID_ARGUMENT},
        {"a stanza type that is no kdf", 5, 1000, 16, 1, 1, COFFRE_ERR_INVALID_ARGUMENT},
        {"999 iterations", COFFRE_KDF_PBKDF2, 999, 16, 1, 1, COFFRE_ERR_INVALID_ARGUMENT},
        {"0 iterations", COFFRE_KDF_PBKDF2, 0, 16, 1, 1, COFFRE_ERR_INVALID_ARGUMENT},
        {"1000 iterations", COFFRE_KDF_PBKDF2, 1000, 0, 0, 0, COFFRE_OK},
        {"no memory", COFFRE_KDF_ARGON2ID, 0, 0, 1, 1, COFFRE_ERR_INVALID_ARGUMENT},
        {"7 KiB", COFFRE_KDF_ARGON2ID, 0, 7, 1, 1, COFFRE_ERR_INVALID_ARGUMENT},
        {"8 KiB", COFFRE_KDF_ARGON2ID, 0, 8, 1, 1, COFFRE_OK},
        {"15 KiB in 2 lanes", COFFRE_KDF_ARGON2ID, 0, 15, 1, 2, COFFRE_ERR_INVALID_ARGUMENT},
        {"17 KiB in 2 lanes", COFFRE_KDF_ARGON2ID, 0, 17, 2, 2, COFFRE_OK},
        {"no lane", COFFRE_KDF_ARGON2ID, 0, 16, 1, 0, COFFRE_ERR_INVALID_ARGUMENT},
        {"17 lanes", COFFRE_KDF_ARGON2ID, 0, 1000, 1, 17, COFFRE_ERR_INVALID_ARGUMENT},
        {"2^32 - 1 lanes", COFFRE_KDF_ARGON2ID, 0, 64, 1, UINT32_MAX, COFFRE_ERR_INVALID_ARGUMENT},
        {"no pass", COFFRE_KDF_ARGON2ID, 0, 16, 0, 1, COFFRE_ERR_INVALID_ARGUMENT},
        {"beyond 4 GiB", COFFRE_KDF_ARGON2ID, 0, 4194305, 1, 1, COFFRE_ERR_INVALID_ARGUMENT},
        {"4 GiB that nobody lent", COFFRE_KDF_ARGON2ID, 0, 4194304, 1, 1,
         COFFRE_ERR_WORKSPACE_TOO_SMALL},
        {"a KiB more than was lent", COFFRE_KDF_ARGON2ID, 0, 65, 1, 1,
         COFFRE_ERR_WORKSPACE_TOO_SMALL},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        coffre_password_options options = COFFRE_PASSWORD_OPTIONS_INIT;

        options.kdf = rows[i].kdf, options.iterations = rows[i].iterations;
        options.memory_kib = rows[i].memory_kib, options.passes = rows[i].passes;
        options.lanes = rows[i].lanes;
        check_about(rows[i].what);
        EXPECT(rows[i].status, set_with(&options));
    }
    check_about("defaults");
    const coffre_password_options defaults = COFFRE_PASSWORD_OPTIONS_INIT;
    coffre_record_recipient seen;
    coffre_recipient recipient;
    coffre_record record;
    uint8_t challenge[512];
    size_t len;
    EXPECT(COFFRE_OK, set_with(NULL));
    EXPECT(COFFRE_OK, coffre_identity_recipient(&made, &recipient));
    EXPECT(COFFRE_OK, coffre_challenge_create(&world.context, &recipient, world.instance, 1,
                                              challenge, sizeof challenge, &len));
    CHECK(len == coffre_record_size(coffre_recipient_stanza_size(&recipient), 0));
    EXPECT(COFFRE_OK, coffre_record_read(challenge, len, &record));
    EXPECT(COFFRE_OK, coffre_record_recipient_at(&record, 0, &seen));
    CHECK(seen.type == defaults.kdf && seen.iterations == defaults.iterations);
    CHECK(defaults.iterations == 600000 && defaults.least_len == 15);
    CHECK(seen.memory_kib == 0 && seen.lanes == 0 && is_zeroed(seen.text, sizeof seen.text));
}

static coffre_status set_hint(const char *hint, size_t len)
{
    coffre_password_options options = cheap_password(PBKDF2);

    options.hint = (const uint8_t *)hint;
    options.hint_len = (uint32_t)len;
    return set_with(&options);
}

static void hints(void)
{
    static const char *const bad[] = {"a\nb", "\x1b[2J", "tab\t", "\x7f", "\xc2\x85", "\xff",
                                      "\xc0\x80", "\xed\xa0\x80", "cut \xe2\x82",
                                      "\xf5\x80\x80\x80"};
    char longest[66];
    coffre_record_recipient seen;
    coffre_recipient recipient;
    coffre_record record;
    uint8_t challenge[512];
    size_t len;

    check_about("hints");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        EXPECT(COFFRE_ERR_INVALID_ARGUMENT, set_hint(bad[i], strlen(bad[i])));
    EXPECT(COFFRE_ERR_INVALID_ARGUMENT, set_hint("a\0b", 3));
    EXPECT(COFFRE_ERR_INVALID_ARGUMENT, set_hint(NULL, 1));
    EXPECT(COFFRE_OK, set_hint(NULL, 0));
    memset(longest, 'h', sizeof longest);
    EXPECT(COFFRE_ERR_TOO_LARGE, set_hint(longest, 65));
    EXPECT(COFFRE_OK, set_hint("\xc3\xbc" "ber, \xf0\x9f\x90\x90", 11));
    EXPECT(COFFRE_OK, set_hint(longest, 64));
    EXPECT(COFFRE_OK, coffre_identity_recipient(&made, &recipient));
    EXPECT(COFFRE_OK, coffre_challenge_create(&world.context, &recipient, world.instance, 1,
                                              challenge, sizeof challenge, &len));
    EXPECT(COFFRE_OK, coffre_record_read(challenge, len, &record));
    poison(&seen, sizeof seen);
    EXPECT(COFFRE_OK, coffre_record_recipient_at(&record, 0, &seen));
    CHECK(memcmp(seen.text, longest, 64) == 0 && is_zeroed(seen.text + 64, 65));
    CHECK(strlen(seen.text) == 64);
}

/* --- what a file says --- */

static uint8_t file[512];
static coffre_record read;

/* The world's password record with 4 bytes of its cost, or one of its salt, changed. */
static coffre_status with_cost(size_t at, uint32_t value)
{
    memcpy(file, world.password_record, world.password_record_len);
    for (size_t i = 0; i < 4; i++)
        file[COST + at + i] = (uint8_t)(value >> 8 * i);
    fix_checksum(file, world.password_record_len);
    return coffre_record_read(file, world.password_record_len, &read);
}

static coffre_status derive_under(const coffre_policy *policy, const char *password, size_t len)
{
    coffre_status status;

    poison(&made, sizeof made);
    status = coffre_password_derive(&world.context, policy, &read, (const uint8_t *)password,
                                    strlen(password), workspace, len, &made);
    CHECK(status == COFFRE_OK || is_zeroed(&made, sizeof made));
    return status;
}

static void costs_of_a_file(void)
{
    enum { MEMORY = 0, PASSES = 4, LANES = 8, SALT = 12 };
    coffre_policy policy = COFFRE_POLICY_INIT;
    coffre_record_keys keys;

    check_about("costs in a file");
    EXPECT(COFFRE_ERR_MALFORMED, with_cost(MEMORY, 7));
    EXPECT(COFFRE_ERR_MALFORMED, with_cost(MEMORY, 4194305));
    EXPECT(COFFRE_ERR_MALFORMED, with_cost(PASSES, 0));
    EXPECT(COFFRE_ERR_MALFORMED, with_cost(LANES, 0));
    EXPECT(COFFRE_ERR_MALFORMED, with_cost(LANES, 17));
    EXPECT(COFFRE_OK, with_cost(MEMORY, 4194304)); /* at once, and nothing lent */
    EXPECT(COFFRE_ERR_OVER_COST, derive_under(NULL, WORLD_PASSWORD, 0));
    EXPECT(COFFRE_OK, with_cost(PASSES, UINT32_MAX));
    EXPECT(COFFRE_ERR_OVER_COST, derive_under(NULL, WORLD_PASSWORD, sizeof workspace));
    EXPECT(COFFRE_OK, with_cost(PASSES, 2));
    policy.max_argon2_passes = 1;
    EXPECT(COFFRE_ERR_OVER_COST, derive_under(&policy, WORLD_PASSWORD, sizeof workspace));
    policy.max_argon2_passes = 2, policy.max_argon2_memory_kib = WORLD_ARGON2ID_KIB;
    EXPECT(COFFRE_OK, derive_under(&policy, WORLD_PASSWORD, sizeof workspace));
    check_about("a password in another setting than the file's");
    EXPECT(COFFRE_ERR_WRONG_PASSWORD,
           coffre_record_open(&world.context, NULL, &made, &read, &keys));
    EXPECT(COFFRE_ERR_NOT_AUTHENTIC,
           coffre_record_open(&world.context, NULL, &world.password, &read, &keys));
    EXPECT(COFFRE_OK, with_cost(SALT, 0x12345678));
    EXPECT(COFFRE_ERR_NOT_AUTHENTIC,
           coffre_record_open(&world.context, NULL, &world.password, &read, &keys));
    for (size_t at = PASSES; at <= SALT; at += SALT - PASSES) { /* R11: it is not even tried */
        EXPECT(COFFRE_OK, with_cost(at, 7));
        file[LAST] ^= 1; /* of the wrapped key */
        fix_checksum(file, world.password_record_len);
        EXPECT(COFFRE_OK, coffre_record_read(file, world.password_record_len, &read));
        EXPECT(COFFRE_ERR_NOT_AUTHENTIC,
               coffre_record_open(&world.context, NULL, &world.password, &read, &keys));
    }
}

static void derivation(void)
{
    size_t needed = coffre_password_workspace_size(WORLD_ARGON2ID_KIB);
    coffre_challenge_report report;
    coffre_record_keys keys;

    check_about("derivation");
    EXPECT(COFFRE_OK,
           coffre_record_read(world.password_record, world.password_record_len, &read));
    for (size_t off = 0; off < 70; off++) { /* at any alignment, in exactly what is needed */
        coffre_status status;

        poison(workspace, sizeof workspace);
        status = coffre_password_derive(&world.context, NULL, &read,
                                        (const uint8_t *)WORLD_PASSWORD, strlen(WORLD_PASSWORD),
                                        workspace + off, needed, &made);
        EXPECT(COFFRE_OK, status);
        EXPECT(COFFRE_OK, coffre_record_open(&world.context, NULL, &made, &read, &keys));
        CHECK(is_poisoned(workspace, off));
        CHECK(is_kept_or_zeroed(workspace + off, needed));
        CHECK(is_poisoned(workspace + off + needed, sizeof workspace - off - needed));
    }
    EXPECT(COFFRE_ERR_WORKSPACE_TOO_SMALL, derive_under(NULL, WORLD_PASSWORD, needed - 1));
    EXPECT(COFFRE_OK, derive_under(NULL, WORLD_PASSWORD "!", needed));
    EXPECT(COFFRE_ERR_WRONG_PASSWORD,
           coffre_record_open(&world.context, NULL, &made, &read, &keys));
    EXPECT(COFFRE_ERR_WRONG_PASSWORD,
           coffre_challenge_check(&world.context, &made, world.instance, 0, world.password_record,
                                  world.password_record_len, &report));
    CHECK(strcmp(coffre_challenge_verdict(COFFRE_ERR_WRONG_PASSWORD), "wrong key") == 0);
    CHECK(memcmp(report.expected_key_id, report.found_key_id, 16) == 0);
    EXPECT(COFFRE_OK, derive_under(NULL, "", needed)); /* wrong, but nothing to refuse */
    EXPECT(COFFRE_ERR_WRONG_PASSWORD,
           coffre_record_open(&world.context, NULL, &made, &read, &keys));
    read = world.read; /* no password opens it */
    EXPECT(COFFRE_ERR_WRONG_KEY, derive_under(NULL, WORLD_PASSWORD, needed));
}

/* A password's identity is no key file, and its recipient no public key. */
static void no_key(void)
{
    coffre_recipient recipient;
    uint8_t out[COFFRE_KEY_FILE_MAX];
    size_t len;

    check_about("a password is no key file");
    EXPECT(COFFRE_OK, coffre_identity_recipient(&world.password, &recipient));
    EXPECT(COFFRE_ERR_UNSUPPORTED_KEY,
           coffre_identity_write(&world.password, COFFRE_KEY_FILE_PEM, out, sizeof out, &len));
    EXPECT(COFFRE_ERR_UNSUPPORTED_KEY,
           coffre_recipient_write(&recipient, COFFRE_KEY_FILE_PEM, out, sizeof out, &len));
    EXPECT(COFFRE_ERR_UNSUPPORTED_KEY, coffre_recipient_digest(&recipient, out));
}

int main(void)
{
    world_make();
    weak();
    option_values();
    hints();
    costs_of_a_file();
    derivation();
    no_key();
    return check_end();
}
