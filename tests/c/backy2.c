/* backy2.c: backy2's encryption version 1 both ways: what backy2 wrote opens, what it refuses is
 * refused, and so is what it accepts wrongly; a re-wrapped key is backy2's, byte for byte.
 *
 * Run it from the root of the tree. backy2.sh adds the other way: blocks that the library sealed
 * are opened as backy2 does it.
 */
#include "backy2_list.h"
#include "world.h"

#define BOMB ((size_t)COFFRE_BLOCK_MAX)

static coffre_policy policy;
static struct data base;

static void master_of(const char *word, coffre_v1_master *master)
{
    struct data key = from_hex(word);

    EXPECT(COFFRE_OK, coffre_v1_master_read(&world.context, key.at, key.len, master));
    free(key.at);
}

/* Opens a blob in exactly the workspace that it needs; `out` holds `cap` bytes. */
static coffre_status open_blob(const coffre_v1_master *master, struct data wrapped,
                               struct data blob, uint8_t *out, size_t cap, size_t *len)
{
    size_t memory_len = coffre_v1_open_workspace(blob.len);
    uint8_t *memory = poisoned(memory_len);
    coffre_workspace workspace;
    coffre_status status;

    lend(&workspace, memory, memory_len);
    poison(out, cap);
    *len = 1;
    status = coffre_v1_open(&world.context, &policy, master, wrapped.at, wrapped.len, blob.at,
                            blob.len, &workspace, out, cap, len);
    CHECK(status == COFFRE_OK || (*len == 0 && is_kept_or_zeroed(out, cap)));
    free(memory);
    return status;
}

static void opens_to(const coffre_v1_master *master, struct data wrapped, struct data blob,
                     struct data plain)
{
    uint8_t *out = poisoned(plain.len);
    size_t len;

    EXPECT(COFFRE_OK, open_blob(master, wrapped, blob, out, plain.len, &len));
    CHECK(len == plain.len && memcmp(out, plain.at, len) == 0);
    free(out);
}

/* What we seal we open, and its size is within the bound. */
static void seal_and_open(const coffre_v1_master *master, struct data plain)
{
    struct data wrapped = {poisoned(40), 40}, blob = {poisoned(1 << 20), 0};
    size_t memory_len = coffre_v1_seal_workspace(plain.len);
    uint8_t *memory = poisoned(memory_len);
    coffre_workspace workspace;

    lend(&workspace, memory, memory_len);
    EXPECT(COFFRE_OK, coffre_v1_seal(&world.context, &policy, master, plain.at, plain.len,
                                     &workspace, blob.at, coffre_v1_sealed_max(plain.len),
                                     &blob.len, wrapped.at));
    CHECK(blob.len > 32 && blob.len <= coffre_v1_sealed_max(plain.len));
    opens_to(master, wrapped, blob, plain);
    free(memory);
    free(blob.at);
    free(wrapped.at);
}

static void vector(char *const words[])
{
    coffre_v1_master old, new;
    struct data wrapped = from_hex(words[3]), rewrapped = from_hex(words[5]);
    struct data plain = from_file(words[6]), blob = from_file(words[7]);
    uint8_t result[COFFRE_V1_WRAPPED_KEY_SIZE];

    check_about(words[1]);
    master_of(words[2], &old);
    master_of(words[4], &new);
    opens_to(&old, wrapped, blob, plain);
    opens_to(&new, rewrapped, blob, plain);
    EXPECT(COFFRE_OK, coffre_v1_rewrap(&world.context, &old, &new, wrapped.at, wrapped.len,
                                       result));
    CHECK(rewrapped.len == sizeof result && memcmp(result, rewrapped.at, sizeof result) == 0);
    EXPECT(COFFRE_OK, coffre_v1_rewrap(&world.context, &new, &old, rewrapped.at, rewrapped.len,
                                       result));
    CHECK(memcmp(result, wrapped.at, sizeof result) == 0);
    poison(result, sizeof result);
    EXPECT(COFFRE_ERR_WRONG_KEY,
           coffre_v1_rewrap(&world.context, &new, &old, wrapped.at, wrapped.len, result));
    CHECK(is_zeroed(result, sizeof result));
    EXPECT(COFFRE_ERR_MALFORMED,
           coffre_v1_rewrap(&world.context, &old, &new, wrapped.at, 39, result));
    seal_and_open(&old, plain);
    free(wrapped.at);
    free(rewrapped.at);
    free(plain.at);
    free(blob.at);
}

/* A frame of 2 KiB that unpacks to 64 MiB: within the format, unless the policy says less. */
static void bomb(const coffre_v1_master *master, struct data wrapped, struct data blob)
{
    uint8_t *out = poisoned(BOMB);
    size_t len;

    EXPECT(COFFRE_OK, open_blob(master, wrapped, blob, out, BOMB, &len));
    CHECK(len == BOMB && is_zeroed(out, BOMB));
    policy.max_block = BOMB - 1;
    EXPECT(COFFRE_ERR_OVER_LIMIT, open_blob(master, wrapped, blob, out, BOMB, &len));
    CHECK(is_poisoned(out, BOMB));
    policy.max_block = BOMB;
    free(out);
}

static void negative(char *const words[])
{
    static const struct {
        const char *name;
        coffre_status status;
    } expected[] = {
        {"wrong_master_key", COFFRE_ERR_WRONG_KEY},
        {"envkey_flip_bit", COFFRE_ERR_WRONG_KEY},
        {"envkey_truncated_39", COFFRE_ERR_MALFORMED},
        {"envkey_empty", COFFRE_ERR_MALFORMED},
        {"tag_flip_bit", COFFRE_ERR_NOT_AUTHENTIC},
        {"ciphertext_flip_bit", COFFRE_ERR_NOT_AUTHENTIC},
        {"blob_truncated_by_1", COFFRE_ERR_NOT_AUTHENTIC},
        {"blob_31_bytes_only", COFFRE_ERR_MALFORMED},
    };
    struct data key = from_hex(words[2]), wrapped = from_hex(words[3]), blob = from_hex(words[4]);
    uint8_t out[4096];
    size_t len, known = 0;
    coffre_v1_master master;

    check_about(words[1]);
    if (strcmp(words[1], "master_key_len_16") == 0) {
        EXPECT(COFFRE_ERR_KEY_LENGTH,
               coffre_v1_master_read(&world.context, key.at, key.len, &master));
    } else if (EXPECT(COFFRE_OK,
                      coffre_v1_master_read(&world.context, key.at, key.len, &master))) {
        for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
            if (strcmp(words[1], expected[i].name) != 0) continue;
            EXPECT(expected[i].status,
                   open_blob(&master, wrapped, blob, out, sizeof out, &len));
            known++;
        }
        if (known > 0) {
            /* done */
        } else if (strcmp(words[1], "zstd_no_content_size") == 0 ||
                   strcmp(words[1], "zstd_two_frames") == 0) {
            EXPECT(COFFRE_ERR_BAD_FRAME,
                   open_blob(&master, wrapped, blob, out, sizeof out, &len));
        } else if (strcmp(words[1], "zstd_64MiB_zero_bomb") == 0) {
            EXPECT(COFFRE_ERR_BUFFER_TOO_SMALL,
                   coffre_v1_open(&world.context, &policy, &master, wrapped.at, wrapped.len,
                                  blob.at, blob.len, &world.workspace, out, sizeof out, &len));
            CHECK(len == BOMB);
            bomb(&master, wrapped, blob);
        } else { /* control, zstd_with_checksum */
            opens_to(&master, wrapped, blob, base);
        }
    }
    free(key.at);
    free(wrapped.at);
    free(blob.at);
}

static void base_line(char *const words[])
{
    base = from_hex(words[1]);
}

int main(void)
{
    world_make();
    policy = policy_lowest(1);
    each_line("base", base_line, 1);
    each_line("vector", vector, 9);
    each_line("negative", negative, 14);
    free(base.at);
    return check_end();
}
