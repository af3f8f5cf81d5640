/* part_instructions.c: how many instructions calls take, on an emulator whose clock counts them
 * (qemu -icount shift=0, which scripts/footprint.sh sets). A line each, `instructions WHAT COUNT`;
 * what grows with the length is told per KiB of plaintext, from the difference of two lengths.
 *
 * It tells nothing of time: a processor's clocks for an instruction, its flash's wait states and
 * its caches are not there.
 */
#include "pc_image.h"
#include "part.h"

#define SHORT 4096u
#define LONG  20480u
#define CHUNK 16384u /* of a block, without its tag */

static uint8_t plain[LONG], block[COFFRE_BLOCK_SEALED_MAX(LONG)], opened[LONG];
static coffre_context context;
static coffre_session session;
static uint8_t memory[65536];
static coffre_workspace workspace;
static uint64_t ticks_at_start, instructions_of_1024_ticks;

/* --- the clock --- */

/* Ticks since some time: of a counter that every processor of the kind has. */
static uint64_t ticks(void)
{
#if defined(__aarch64__)
    uint64_t now;

    __asm__ volatile("isb\nmrs %0, cntvct_el0" : "=r"(now)::"memory");
    return now;
#elif defined(__riscv)
    uint32_t low, high;

    __asm__ volatile(".option push\n.option arch, +zicsr\ncsrr %1, mcycleh\ncsrr %0, mcycle\n"
                     ".option pop"
                     : "=r"(low), "=r"(high)::"memory");
    return (uint64_t)high << 32 | low;
#elif defined(__arm__)
    /* SysTick, which counts 24 bits down: how often it went round is not known, so that a
     * measurement has to be shorter. */
    volatile uint32_t *const systick = (volatile uint32_t *)0xe000e010;

    if ((systick[0] & 1) == 0) {
        systick[1] = 0xffffff;
        systick[2] = 0;
        systick[0] = 5; /* by the processor's clock */
    }
    return 0xffffff - systick[2];
#endif
}

static void begin(void)
{
    ticks_at_start = ticks();
}

static uint64_t ticks_taken(void)
{
    uint64_t now = ticks();

#ifdef __arm__
    return (now - ticks_at_start) & 0xffffff;
#else
    return now - ticks_at_start;
#endif
}

static uint64_t taken(void)
{
    return ticks_taken() * instructions_of_1024_ticks / 1024;
}

/* Two million instructions say how many a tick stands for. */
static void calibrate(void)
{
    uintptr_t left = 1000000;

    begin();
#if defined(__aarch64__)
    __asm__ volatile("1: subs %0, %0, #1\nb.ne 1b" : "+r"(left)::"cc");
#elif defined(__riscv)
    __asm__ volatile("1: addi %0, %0, -1\nbnez %0, 1b" : "+r"(left));
#elif defined(__arm__)
    __asm__ volatile(".syntax unified\n1: subs %0, %0, #1\nbne 1b" : "+l"(left)::"cc");
#endif
    instructions_of_1024_ticks = 2000000u * 1024u / ticks_taken();
}

static void line(const char *what, uint64_t count)
{
    part_print("instructions ");
    part_print(what);
    part_print(" ");
    part_print_number(count);
    part_print("\n");
}

/* --- what is measured --- */

static void challenges(void)
{
    coffre_identity identity;
    coffre_record record;
    coffre_record_keys keys;

    begin();
    part_must(coffre_identity_from_kek(&context, image_kek, sizeof image_kek, &identity), "KEK");
    part_must(coffre_challenge_check(&context, &identity, image_instance, 0, image_challenge,
                                     image_challenge_len, NULL),
              "challenge");
    line("challenge,kek", taken());
    begin();
    part_must(coffre_record_read(image_key_record, image_key_record_len, &record), "key record");
    part_must(coffre_record_open(&context, NULL, &identity, &record, &keys), "its keys");
    part_must(coffre_record_session(&context, &keys, &record, image_session_id, &session),
              "session key");
    line("record,kek", taken());
    coffre_record_keys_wipe(&keys);
    coffre_identity_wipe(&identity);
    if (!part_has(COFFRE_FEATURE_PUBLIC_KEY)) return;
    part_must(coffre_identity_read(&context, image_private_key, image_private_key_len, &identity),
              "private key");
    begin();
    part_must(coffre_challenge_check(&context, &identity, image_instance, 0, image_key_record,
                                     image_key_record_len, NULL),
              "challenge for a public key");
    line("challenge,public-key", taken());
    coffre_identity_wipe(&identity);
}

static void password(void)
{
    static const uint8_t text[] = "a cable, a comb and 9 pears";
    coffre_password_options options = COFFRE_PASSWORD_OPTIONS_INIT;
    coffre_identity identity;
    uint64_t first;

    if (!part_has(COFFRE_FEATURE_PASSWORD | COFFRE_FEATURE_SEAL)) return;
    options.iterations = 1000;
    begin();
    part_must(coffre_password_set(&context, &options, text, sizeof text - 1, NULL, 0, &identity),
              "password");
    first = taken();
    coffre_identity_wipe(&identity);
    options.iterations = 2000;
    begin();
    part_must(coffre_password_set(&context, &options, text, sizeof text - 1, NULL, 0, &identity),
              "password");
    line("pbkdf2,1000-iterations", taken() - first);
    coffre_identity_wipe(&identity);
}

/* What a block of so many bytes takes. */
struct counts {
    uint64_t seal, open, digest, scrub;
};

static struct counts block_of(uint32_t flags, size_t plain_len)
{
    coffre_seal_options options = COFFRE_SEAL_OPTIONS_INIT;
    struct counts counts = {0, 0, 0, 0};
    coffre_block_id id;
    size_t block_len, len;
    uint8_t digest[32];

    options.flags = flags;
    part_must(coffre_block_id_position(1, &id), "block id");
    begin();
    part_must(coffre_block_seal(&context, &session, &id, &options, plain, plain_len, &workspace,
                                block, sizeof block, &block_len, NULL),
              "seal");
    counts.seal = taken();
    begin();
    part_must(coffre_block_open(&context, NULL, &session, NULL, block, block_len, &workspace,
                                opened, sizeof opened, &len),
              "open");
    counts.open = taken();
    begin();
    part_must(coffre_block_digest(2, block, block_len, digest), "digest");
    counts.digest = taken();
    begin();
    part_must(coffre_block_scrub(block, block_len, NULL), "scrub");
    counts.scrub = taken();
    return counts;
}

/* What the machine seals itself. */
static void blocks_of_its_own(void)
{
    const unsigned kib = (LONG - SHORT) / 1024;

    for (size_t i = 0; i < sizeof plain; i++)
        plain[i] = image_byte(i);

    part_must(coffre_workspace_init(&workspace, memory, sizeof memory), "workspace");
    struct counts less = block_of(COFFRE_SEAL_STORE, SHORT);
    struct counts more = block_of(COFFRE_SEAL_STORE, LONG);

    line("seal,stored,per-KiB", (more.seal - less.seal) / kib);
    line("open,stored,per-KiB", (more.open - less.open) / kib);
    line("open,stored,4-KiB", less.open);
    line("digest,per-KiB", (more.digest - less.digest) / kib);
    line("scrub,per-KiB", (more.scrub - less.scrub) / kib);
    if (part_has(COFFRE_FEATURE_ZSTD)) {
        less = block_of(COFFRE_SEAL_SMALL, SHORT);
        more = block_of(COFFRE_SEAL_SMALL, LONG);
        line("seal,zstd,per-KiB", (more.seal - less.seal) / kib);
        line("open,zstd,per-KiB", (more.open - less.open) / kib);
    }
    coffre_workspace_wipe(&workspace);
}

static int32_t sink(void *user, const uint8_t *bytes, size_t len)
{
    (void)user, (void)bytes, (void)len;
    return 0;
}

/* The first chunks of what a PC sealed: whoever only opens has no other blocks of this size. */
static void block_of_a_pc(void)
{
    static coffre_block_reader reader;
    uint8_t header[COFFRE_BLOCK_HEADER_SIZE];
    uint64_t at = IMAGE_LARGE_STORED;

    part_check(board_storage_read(at, header, sizeof header) == 0, "header from storage");
    at += sizeof header;
    part_must(coffre_block_reader_begin(&context, NULL, &session, NULL, header, memory,
                                        sizeof memory, &reader),
              "reader");
    for (int chunk = 0; chunk < 2; chunk++, at += CHUNK + 16) {
        part_check(board_storage_read(at, block, CHUNK + 16) == 0, "chunk from storage");
        begin();
        part_must(coffre_block_reader_push(&reader, block, CHUNK + 16, sink, NULL), "chunk");
    }
    line("read,stored,per-KiB", taken() / (CHUNK / 1024));
    coffre_block_reader_wipe(&reader);
    part_wipe(memory, sizeof memory);
}

int main(void)
{
    coffre_context_options options = COFFRE_CONTEXT_OPTIONS_INIT;

    calibrate();
    options.random = board_random;
    begin();
    part_must(coffre_context_init(&context, &options), "self-tests");
    line("context", taken());
    challenges();
    password();
    if (part_has(COFFRE_FEATURE_SEAL)) blocks_of_its_own();
    block_of_a_pc();
    line("tick", instructions_of_1024_ticks / 1024);
    coffre_session_wipe(&session);
    coffre_context_wipe(&context);
    part_check(instructions_of_1024_ticks > 0, "the clock counts instructions");
    return part_result();
}
