/* neighbours.c: one program with libcoffre, another Rust library and the system's zstd. Each
 * answers for itself; the linker was told (--wrap) to count who calls zstd by name.
 */
#include "coffre.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

size_t second_decimal(uint64_t number, uint8_t *out, size_t cap);
uint64_t second_divide(uint64_t a, uint64_t b);

static unsigned calls_by_name;

size_t __real_ZSTD_compress2(ZSTD_CCtx *, void *, size_t, const void *, size_t);
size_t __wrap_ZSTD_compress2(ZSTD_CCtx *context, void *to, size_t cap, const void *from, size_t len)
{
    calls_by_name++;
    return __real_ZSTD_compress2(context, to, cap, from, len);
}

size_t __real_ZSTD_decompressStream(ZSTD_DStream *, ZSTD_outBuffer *, ZSTD_inBuffer *);
size_t __wrap_ZSTD_decompressStream(ZSTD_DStream *context, ZSTD_outBuffer *to, ZSTD_inBuffer *from)
{
    calls_by_name++;
    return __real_ZSTD_decompressStream(context, to, from);
}

static void check(int holds, const char *what)
{
    printf("%s %s\n", holds ? "ok" : "FAILED", what);
    if (!holds) exit(EXIT_FAILURE);
}

static uint8_t plain[20000], packed[40000], opened[20000], memory[COFFRE_SEAL_WORKSPACE];

static void by_coffre(void)
{
    coffre_context context;
    coffre_session session;
    coffre_workspace workspace;
    coffre_block_id id;
    coffre_block_info info;
    size_t len, opened_len;

    check(coffre_context_init(&context, NULL) == COFFRE_OK, "coffre's self-tests");
    check(coffre_self_test(&context, memory, sizeof memory) == COFFRE_OK, "and those with zstd");
    coffre_session_generate(&context, &session);
    coffre_block_id_position(1, &id);
    coffre_workspace_init(&workspace, memory, sizeof memory);
    check(coffre_block_seal(&context, &session, &id, NULL, plain, sizeof plain, &workspace, packed,
                            sizeof packed, &len, &info) == COFFRE_OK &&
              info.flags == COFFRE_BLOCK_COMPRESSED,
          "coffre seals, compressed");
    check(coffre_block_open(&context, NULL, &session, NULL, packed, len, &workspace, opened,
                            sizeof opened, &opened_len) == COFFRE_OK &&
              memcmp(opened, plain, sizeof plain) == 0,
          "coffre opens");
    coffre_workspace_wipe(&workspace);
}

static void by_zstd(void)
{
    size_t len = ZSTD_compress(packed, sizeof packed, plain, sizeof plain, 1);

    check(ZSTD_versionNumber() == ZSTD_VERSION_NUMBER, "zstd is the system's");
    printf("zstd %s\n", ZSTD_versionString());
    check(ZSTD_decompress(opened, sizeof opened, packed, len) == sizeof plain, "zstd, both ways");
}

static void by_second(void)
{
    uint8_t text[24];
    size_t len = second_decimal(second_divide(90210, 3), text, sizeof text);

    check(len == 5 && memcmp(text, "30070", 5) == 0, "the second Rust library");
}

int main(void)
{
    for (size_t i = 0; i < sizeof plain; i++)
        plain[i] = (uint8_t)(i % 251);
    by_coffre();
    check(calls_by_name == 0, "coffre called no zstd but its own");
    by_zstd();
    by_second();
    return EXIT_SUCCESS;
}
