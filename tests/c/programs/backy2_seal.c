/* backy2_seal.c: seals blocks of version 1 into files, with a list of their keys, for
 * backy2_peer.py to open them as backy2 does.
 *
 * Usage: backy2_seal DIRECTORY   (from the root of the tree; writes N.plain, N.blob and list.json)
 */
#include "backy2_list.h"
#include "world.h"

static const char *directory;
static coffre_policy policy;
static FILE *list;
static unsigned written;

static FILE *create(const char *name)
{
    char path[512];

    snprintf(path, sizeof path, "%s/%s", directory, name);
    return fopen(path, "wb");
}

static void save(const char *ending, const uint8_t *bytes, size_t len)
{
    char name[64];
    FILE *out;

    snprintf(name, sizeof name, "%u.%s", written, ending);
    out = create(name);
    if (!CHECK(out != NULL)) return;
    CHECK(fwrite(bytes, 1, len, out) == len);
    CHECK(fclose(out) == 0);
}

static void list_key(const char *before, const char *name, const uint8_t *bytes, size_t len)
{
    fprintf(list, "%s\"%s\": \"", before, name);
    for (size_t i = 0; i < len; i++)
        fprintf(list, "%02x", bytes[i]);
    fprintf(list, "\"");
}

/* Seals a block, and re-wraps its key for another master key. */
static void seal(const uint8_t key[32], const uint8_t *plain, size_t plain_len)
{
    uint8_t new_key[32], wrapped[40], rewrapped[40];
    coffre_v1_master master, new_master;
    size_t cap = coffre_v1_sealed_max(plain_len), len = 0;
    uint8_t *blob = poisoned(cap);

    test_random_bytes(&world.source.state, new_key, sizeof new_key);
    EXPECT(COFFRE_OK, coffre_v1_master_read(&world.context, key, 32, &master));
    EXPECT(COFFRE_OK, coffre_v1_master_read(&world.context, new_key, 32, &new_master));
    EXPECT(COFFRE_OK, coffre_v1_seal(&world.context, &policy, &master, plain, plain_len,
                                     &world.workspace, blob, cap, &len, wrapped));
    EXPECT(COFFRE_OK, coffre_v1_rewrap(&world.context, &master, &new_master, wrapped,
                                       sizeof wrapped, rewrapped));
    save("plain", plain, plain_len);
    save("blob", blob, len);
    fprintf(list, "%s {\"name\": \"%u\"", written > 0 ? ",\n" : "", written);
    list_key(", ", "master_key", key, 32);
    list_key(", ", "enc_envkey", wrapped, sizeof wrapped);
    list_key(", ", "new_master_key", new_key, 32);
    list_key(", ", "new_enc_envkey", rewrapped, sizeof rewrapped);
    fprintf(list, "}");
    written++;
    free(blob);
}

/* The plaintexts of backy2's own vectors. */
static void vector(char *const words[])
{
    struct data key = from_hex(words[2]), plain = from_file(words[6]);

    seal(key.at, plain.at, plain.len);
    free(key.at);
    free(plain.at);
}

/* backy2's block size is 4 MiB; and sizes around those at which zstd changes its mind. */
static void more(void)
{
    static const size_t sizes[] = {2, 31, 256, 257, 511, 512, 16384, 131071, 131072, 131073,
                                   4194303, 4194304};
    uint8_t key[32], *plain = poisoned(4194304);

    test_random_bytes(&world.source.state, key, sizeof key);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        test_text(plain, sizes[i]);
        seal(key, plain, sizes[i]);
        test_random_bytes(&world.source.state, plain, sizes[i] / 2);
        seal(key, plain, sizes[i]);
        memset(plain, 0, sizes[i]);
        seal(key, plain, sizes[i]);
    }
    free(plain);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "Usage: backy2_seal DIRECTORY\n");
        return 2;
    }
    directory = argv[1];
    world_make();
    policy = policy_lowest(1);
    list = create("list.json");
    if (list == NULL) {
        perror(directory);
        return 1;
    }
    fprintf(list, "[");
    each_line("vector", vector, 9);
    more();
    fprintf(list, "]\n");
    CHECK(fclose(list) == 0);
    return check_end();
}
