/* sealed_file.c: a file sealed for several recipients. It knows keys as coffre's recipients and
 * identities, and not where they are kept.
 *
 *     length of the key record, u32, little-endian || key record || block 0 || block 1 || ...
 *
 * A block seals 1 MiB of the file under its position; the last one seals less, if need be nothing.
 * Positions and lengths are authentic, so blocks that were swapped, or cut off at the end, are
 * noticed. A product with many files keeps a manifest instead: ../appliance.
 */
#include "hsm.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_SIZE ((size_t)1 << 20)
#define RECORD_MAX 65536u /* far more than a few recipients and one session take */

static const size_t SEALED_MAX = COFFRE_BLOCK_SEALED_MAX(BLOCK_SIZE);

struct work {
    FILE *from;
    const char *name; /* of `from` */
    struct new_file to;
    coffre_session session;
    uint8_t *plain, *sealed, *memory;
    coffre_workspace workspace; /* of `memory` */
};

static enum exit_code work_begin(struct work *work, const char *from, const char *to)
{
    memset(work, 0, sizeof *work);
    work->name = from;
    work->from = fopen(from, "rb");
    if (work->from == NULL) {
        return fail(errno == ENOENT ? HSM_MISSING : HSM_ENVIRONMENT, "cannot open %s: %s", from,
                    strerror(errno));
    }
    size_t memory_len = coffre_seal_workspace(BLOCK_SIZE, NULL);
    if (memory_len < coffre_open_workspace()) memory_len = coffre_open_workspace();
    work->plain = malloc(BLOCK_SIZE);
    work->sealed = malloc(SEALED_MAX);
    work->memory = malloc(memory_len);
    if (work->plain == NULL || work->sealed == NULL || work->memory == NULL)
        return fail(HSM_ENVIRONMENT, "no memory");
    coffre_status status = coffre_workspace_init(&work->workspace, work->memory, memory_len);
    if (status != COFFRE_OK) return fail_status(status, "cannot make a workspace");
    return new_file_begin(&work->to, to);
}

static enum exit_code work_end(struct work *work, enum exit_code code)
{
    if (code == HSM_OK) code = new_file_finish(&work->to);
    new_file_drop(&work->to);
    if (work->from != NULL) fclose(work->from);
    if (work->plain != NULL) token_wipe(work->plain, BLOCK_SIZE);
    coffre_workspace_wipe(&work->workspace);
    free(work->plain);
    free(work->sealed);
    free(work->memory);
    coffre_session_wipe(&work->session);
    return code;
}

/* Reads `len` bytes, or fewer at the end of the file. */
static enum exit_code read_up_to(struct work *work, uint8_t *bytes, size_t len, size_t *got)
{
    *got = fread(bytes, 1, len, work->from);
    if (*got == len || !ferror(work->from)) return HSM_OK;
    return fail(HSM_ENVIRONMENT, "cannot read %s: %s", work->name, strerror(errno));
}

static enum exit_code read_exactly(struct work *work, uint8_t *bytes, size_t len)
{
    size_t got;
    enum exit_code code = read_up_to(work, bytes, len, &got);

    if (code != HSM_OK || got == len) return code;
    return fail(HSM_CORRUPT, "%s is cut short, or no sealed file", work->name);
}

/* Here every recipient's key is asked: adding the external one wraps a key in the token. */
static enum exit_code write_record(coffre_context *context, const coffre_recipient *recipients,
                                   size_t count, struct work *work)
{
    uint8_t record[RECORD_MAX], ids[2][16], length[4];
    size_t len = 0;
    coffre_record_writer writer = {0};
    coffre_status status = coffre_random_bytes(context, ids[0], sizeof ids);

    if (status == COFFRE_OK) {
        status = coffre_record_create(context, COFFRE_KEY_RECORD, ids[0], ids[1], 1, record,
                                      sizeof record, &writer);
    }
    for (size_t i = 0; i < count && status == COFFRE_OK; i++)
        status = coffre_record_add_recipient(context, &writer, &recipients[i]);
    if (status == COFFRE_OK) status = coffre_record_add_session(&writer, &work->session);
    if (status == COFFRE_OK) status = coffre_record_finish(&writer, &len, NULL);
    coffre_record_writer_wipe(&writer);
    if (status != COFFRE_OK) return fail_status(status, "cannot make the key record");
    for (size_t i = 0; i < sizeof length; i++)
        length[i] = (uint8_t)(len >> (8 * i));
    enum exit_code code = new_file_write(&work->to, length, sizeof length);
    return code == HSM_OK ? new_file_write(&work->to, record, len) : code;
}

static enum exit_code write_blocks(coffre_context *context, struct work *work)
{
    size_t got = BLOCK_SIZE, sealed_len;
    coffre_block_id id;

    for (uint64_t position = 0; got == BLOCK_SIZE; position++) {
        enum exit_code code = read_up_to(work, work->plain, BLOCK_SIZE, &got);
        if (code != HSM_OK) return code;
        coffre_status status = coffre_block_id_position(position, &id);
        if (status == COFFRE_OK) {
            status = coffre_block_seal(context, &work->session, &id, NULL, work->plain, got,
                                       &work->workspace, work->sealed, SEALED_MAX, &sealed_len,
                                       NULL);
        }
        if (status != COFFRE_OK) return fail_status(status, "cannot seal a block");
        code = new_file_write(&work->to, work->sealed, sealed_len);
        if (code != HSM_OK) return code;
    }
    return HSM_OK;
}

enum exit_code seal_file(coffre_context *context, const coffre_recipient *recipients, size_t count,
                         const char *from, const char *to)
{
    struct work work;
    enum exit_code code = work_begin(&work, from, to);

    if (code == HSM_OK) {
        coffre_status status = coffre_session_generate(context, &work.session);
        if (status != COFFRE_OK) code = fail_status(status, "cannot make a session key");
    }
    if (code == HSM_OK) code = write_record(context, recipients, count, &work);
    if (code == HSM_OK) code = write_blocks(context, &work);
    return work_end(&work, code);
}

/* The one session of the record. */
static coffre_status find_session(const coffre_context *context, const coffre_identity *identity,
                                  const uint8_t *bytes, size_t len, coffre_session *session)
{
    coffre_record record = {0};
    coffre_record_keys keys = {0};
    coffre_record_entry entry;
    coffre_status status = coffre_record_read(bytes, len, &record);

    if (status == COFFRE_OK) status = coffre_record_open(context, NULL, identity, &record, &keys);
    if (status == COFFRE_OK) status = coffre_record_entry_at(&record, 0, &entry);
    if (status == COFFRE_OK)
        status = coffre_record_session(context, &keys, &record, entry.id, session);
    coffre_record_keys_wipe(&keys);
    coffre_record_wipe(&record);
    return status;
}

static enum exit_code read_record(const coffre_context *context, const coffre_identity *identity,
                                  struct work *work)
{
    uint8_t record[RECORD_MAX], length[4];
    size_t len = 0;
    enum exit_code code = read_exactly(work, length, sizeof length);

    if (code != HSM_OK) return code;
    for (size_t i = 0; i < sizeof length; i++)
        len |= (size_t)length[i] << (8 * i);
    if (len > sizeof record) return fail(HSM_CORRUPT, "%s is no sealed file", work->name);
    code = read_exactly(work, record, len);
    if (code != HSM_OK) return code;
    coffre_status status = find_session(context, identity, record, len, &work->session);
    return status == COFFRE_OK ? HSM_OK : fail_status(status, "cannot open the key record");
}

/* Reads a block, which says itself how long it is, and opens it. */
static enum exit_code read_block(const coffre_context *context, struct work *work,
                                 uint64_t position, size_t *plain_len)
{
    coffre_block_expect expect = COFFRE_BLOCK_EXPECT_INIT;
    coffre_block_info info;
    enum exit_code code = read_exactly(work, work->sealed, COFFRE_BLOCK_HEADER_SIZE);

    if (code != HSM_OK) return code;
    coffre_status status = coffre_block_inspect(work->sealed, COFFRE_BLOCK_HEADER_SIZE, &info);
    if (status != COFFRE_OK) return fail_status(status, "cannot read a block");
    if (info.plain_len > BLOCK_SIZE || info.total_len > SEALED_MAX)
        return fail(HSM_CORRUPT, "%s: a block is larger than it can be", work->name);
    code = read_exactly(work, work->sealed + COFFRE_BLOCK_HEADER_SIZE,
                        (size_t)info.total_len - COFFRE_BLOCK_HEADER_SIZE);
    if (code != HSM_OK) return code;
    expect.flags = COFFRE_EXPECT_ID;
    status = coffre_block_id_position(position, &expect.id);
    if (status == COFFRE_OK) {
        status = coffre_block_open(context, NULL, &work->session, &expect, work->sealed,
                                   (size_t)info.total_len, &work->workspace, work->plain,
                                   BLOCK_SIZE, plain_len);
    }
    return status == COFFRE_OK ? HSM_OK : fail_status(status, "cannot open a block");
}

enum exit_code open_file(const coffre_context *context, const coffre_identity *identity,
                         const char *from, const char *to)
{
    struct work work;
    size_t len = BLOCK_SIZE;
    enum exit_code code = work_begin(&work, from, to);

    if (code == HSM_OK) code = read_record(context, identity, &work);
    for (uint64_t position = 0; code == HSM_OK && len == BLOCK_SIZE; position++) {
        code = read_block(context, &work, position, &len);
        if (code == HSM_OK) code = new_file_write(&work.to, work.plain, len);
    }
    if (code == HSM_OK && getc(work.from) != EOF)
        code = fail(HSM_CORRUPT, "%s goes on behind its last block", from);
    return work_end(&work, code);
}
