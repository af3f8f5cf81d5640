/* engine.c: seals a file's blocks with one engine and opens them with another.
 *
 * engine NAME [FILE]    NAME: afalg, openssl, or one of the library's own (none given: they are
 *                       listed). Without FILE it takes itself.
 */
#include "engine.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 65536, EXIT_NONE_HERE = 77 };

static void stop_unless_ok(coffre_status status, const char *what)
{
    if (status == COFFRE_OK) return;
    fprintf(stderr, "engine: %s: %s\n", what, coffre_status_message(status));
    exit(1);
}

static void list(void)
{
    const char *name;

    puts("engine NAME [FILE]; this processor and kernel have:");
    for (size_t i = 0; (name = coffre_engine_name(i)) != NULL; i++)
        printf("  %s\n", name);
    puts("  openssl");
    coffre_engine probe;
    printf("  afalg%s\n", engine_afalg(&probe) == 0 ? "" : " (no: the kernel has no AF_ALG aead)");
}

/* The caller's engine of that name into the options, or the library's. */
static void choose(const char *name, coffre_engine *engine, coffre_context_options *options)
{
    options->caller_engine = engine;
    if (strcmp(name, "afalg") == 0) {
        if (engine_afalg(engine) == 0) return;
        printf("afalg: skipped: this kernel has no AF_ALG aead (%s)\n", strerror(errno));
        exit(EXIT_NONE_HERE);
    }
    if (strcmp(name, "openssl") == 0) {
        if (engine_openssl(engine) == 0) return;
        fputs("engine: OpenSSL has no AES-256-GCM\n", stderr);
        exit(1);
    }
    options->caller_engine = NULL;
    options->engine = name;
}

static size_t copies(coffre_context *with, coffre_context *library, FILE *file)
{
    static uint8_t plain[BLOCK], back[BLOCK], sealed[COFFRE_BLOCK_SEALED_MAX(BLOCK)];
    coffre_seal_options stored = COFFRE_SEAL_OPTIONS_INIT;
    coffre_policy policy = COFFRE_POLICY_INIT;
    coffre_block_id id = {COFFRE_BLOCK_ID_POSITION, 8, {0}};
    coffre_session session;
    size_t len, sealed_len, back_len, blocks = 0;

    stored.flags = COFFRE_SEAL_STORE;
    stop_unless_ok(coffre_session_generate(with, &session), "session");
    while ((len = fread(plain, 1, sizeof plain, file)) > 0) {
        coffre_context *sides[2][2] = {{with, library}, {library, with}};

        for (int i = 0; i < 2; i++) {
            stop_unless_ok(coffre_block_seal(sides[i][0], &session, &id, &stored, plain, len, NULL,
                                             sealed, sizeof sealed, &sealed_len, NULL),
                           "seal");
            stop_unless_ok(coffre_block_open(sides[i][1], &policy, &session, NULL, sealed,
                                             sealed_len, NULL, back, sizeof back, &back_len),
                           "open");
            if (back_len != len || memcmp(back, plain, len) != 0) {
                fputs("engine: the block came back different\n", stderr);
                exit(1);
            }
        }
        blocks++;
    }
    coffre_session_wipe(&session);
    return blocks;
}

int main(int argc, char **argv)
{
    coffre_context_options options = COFFRE_CONTEXT_OPTIONS_INIT;
    coffre_context with, library;
    coffre_engine engine;
    FILE *file;
    size_t blocks;

    if (argc < 2) {
        list();
        return 0;
    }
    choose(argv[1], &engine, &options);
    stop_unless_ok(coffre_context_init(&with, &options), argv[1]);
    stop_unless_ok(coffre_context_init(&library, NULL), "the library's engine");
    file = fopen(argc > 2 ? argv[2] : argv[0], "rb");
    if (file == NULL) {
        fprintf(stderr, "engine: %s: %s\n", argc > 2 ? argv[2] : argv[0], strerror(errno));
        return 1;
    }
    blocks = copies(&with, &library, file);
    fclose(file);
    printf("%s (%s): %zu blocks sealed here and opened by %s, and the other way round\n", argv[1],
           coffre_context_engine(&with), blocks, coffre_context_engine(&library));
    coffre_context_wipe(&with);
    coffre_context_wipe(&library);
    return 0;
}
