/* calls_blocks.h: rows of calls.h: blocks of all versions. */
#ifndef CALLS_BLOCKS_H
#define CALLS_BLOCKS_H

MAKE_COPY(block, world.block, world.block_len)
MAKE_COPY(header, world.block, COFFRE_BLOCK_HEADER_SIZE)
MAKE_COPY(after_header, world.block + COFFRE_BLOCK_HEADER_SIZE,
          world.block_len - COFFRE_BLOCK_HEADER_SIZE)
MAKE_COPY(id, &world.id, sizeof world.id)
MAKE_COPY(blob, world.blob, world.blob_len)
MAKE_COPY(wrapped, world.wrapped, COFFRE_V1_WRAPPED_KEY_SIZE)
MAKE_SPACE(memory, COFFRE_SEAL_WORKSPACE)
MAKE_SPACE(new_workspace, sizeof(coffre_workspace))
MAKE_SPACE(new_id, sizeof(coffre_block_id))
MAKE_SPACE(new_info, sizeof(coffre_block_info))
MAKE_SPACE(new_reader, sizeof(coffre_block_reader))
MAKE_SPACE(new_scrubber, sizeof(coffre_scrubber))
MAKE_SPACE(new_type, sizeof(uint32_t))
MAKE_SPACE(new_master, sizeof(coffre_v1_master))
MAKE_SPACE(new_statuses, 2 * sizeof(coffre_status))
MAKE_SPACE(out80, 80)

/* Two rows. */
static inline void make_wrapped_keys(struct arg *arg)
{
    arg_space(arg, 80);
    memcpy(arg->at, world.wrapped, 40);
    memcpy((uint8_t *)arg->at + 40, world.wrapped, 40);
}

static inline void make_seal_options(struct arg *arg)
{
    coffre_seal_options options = COFFRE_SEAL_OPTIONS_INIT;
    arg_copy(arg, &options, sizeof options);
}

static inline void make_expect(struct arg *arg)
{
    coffre_block_expect expect = COFFRE_BLOCK_EXPECT_INIT;
    expect.flags = COFFRE_EXPECT_ID;
    expect.id = world.id;
    arg_copy(arg, &expect, sizeof expect);
}

/* A reader that has its header, and lends a workspace of its own. */
static inline void make_reader(struct arg *arg)
{
    arg_space(arg, sizeof(coffre_block_reader));
    arg_lend(arg, COFFRE_SEAL_WORKSPACE);
    check_must(coffre_block_reader_begin(&world.context, NULL, &world.session, NULL, world.block,
                                         arg->lent, arg->lent_size, arg->at),
               "block reader");
}

static inline void make_full_reader(struct arg *arg)
{
    const uint8_t *rest = world.block + COFFRE_BLOCK_HEADER_SIZE;

    make_reader(arg);
    check_must(coffre_block_reader_push(arg->at, rest, world.block_len - COFFRE_BLOCK_HEADER_SIZE,
                                        null_sink, NULL),
               "reader's bytes");
}

static inline void make_scrubber(struct arg *arg)
{
    arg_space(arg, sizeof(coffre_scrubber));
    check_must(coffre_scrub_begin(arg->at), "scrubber");
    check_must(coffre_scrub_push(arg->at, world.block, world.block_len), "scrubber's bytes");
}

CALL(block_id_position) { return coffre_block_id_position(7, AT(0)); }
CALL(block_id_hash) { return coffre_block_id_hash(AT(0), AT(1), AT(2), LEN(2), AT(3)); }
CALL(workspace_init) { return coffre_workspace_init(AT(0), AT(1), LEN(1)); }
CALL(block_seal)
{
    return coffre_block_seal(AT(0), AT(1), AT(2), AT(3), AT(4), LEN(4), AT(5), AT(6), LEN(6),
                             AT(7), AT(8));
}
CALL(block_inspect) { return coffre_block_inspect(AT(0), LEN(0), AT(1)); }
CALL(block_scrub) { return coffre_block_scrub(AT(0), LEN(0), AT(1)); }
CALL(block_digest) { return coffre_block_digest(2, AT(0), LEN(0), AT(1)); }
CALL(block_open)
{
    return coffre_block_open(AT(0), AT(1), AT(2), AT(3), AT(4), LEN(4), AT(5), AT(6), LEN(6),
                             AT(7));
}
CALL(block_reader_begin)
{
    return coffre_block_reader_begin(AT(0), AT(1), AT(2), AT(3), AT(4), AT(5), LEN(5), AT(6));
}
CALL(block_reader_push)
{
    return coffre_block_reader_push(AT(0), AT(1), LEN(1), null_sink, NULL);
}
CALL(block_reader_finish) { return coffre_block_reader_finish(AT(0)); }
CALL(scrub_begin) { return coffre_scrub_begin(AT(0)); }
CALL(scrub_push) { return coffre_scrub_push(AT(0), AT(1), LEN(1)); }
CALL(scrub_finish) { return coffre_scrub_finish(AT(0), AT(1)); }
CALL(v1_master_read) { return coffre_v1_master_read(AT(0), AT(1), LEN(1), AT(2)); }
CALL(v1_master_id) { return coffre_v1_master_id(AT(0), AT(1)); }
CALL(v1_seal)
{
    return coffre_v1_seal(AT(0), AT(1), AT(2), AT(3), LEN(3), AT(4), AT(5), LEN(5), AT(6), AT(7));
}
CALL(v1_open)
{
    return coffre_v1_open(AT(0), AT(1), AT(2), AT(3), LEN(3), AT(4), LEN(4), AT(5), AT(6), LEN(6),
                          AT(7));
}
CALL(v1_rewrap) { return coffre_v1_rewrap(AT(0), AT(1), AT(2), AT(3), LEN(3), AT(4)); }
CALL(v1_rewrap_batch)
{
    return coffre_v1_rewrap_batch(AT(0), AT(1), AT(2), AT(3), LEN(3) / 40, AT(4), AT(5));
}
CALL(v0_seal) { return coffre_v0_seal(AT(0), AT(1), LEN(1), AT(2), LEN(2), AT(3)); }
CALL(v0_open) { return coffre_v0_open(AT(0), AT(1), LEN(1), AT(2), LEN(2), AT(3)); }

#define P_INFO {"info", WRITES | OUTPUT | OPTIONAL, 8, make_new_info}
#define P_EXPECT {"expect", SIZED | OPTIONAL, 8, make_expect}
#define P_READER(name) {#name, OBJECT | PINNED | WRITES, 8, make_##name}

static const struct call block_calls[] = {
    {"coffre_block_id_position",
     run_block_id_position,
     {{"id", WRITES | OUTPUT, 1, make_new_id}, P_END}},
    {"coffre_block_id_hash",
     run_block_id_hash,
     {P_CONTEXT, P_OBJECT(id_key), P_BUFFER(plain), {"id", WRITES | OUTPUT, 1, make_new_id},
      P_END}},
    {"coffre_workspace_init",
     run_workspace_init,
     {P_NEW(workspace), {"memory", WRITES | LENGTH, 1, make_memory}, P_END}},
    {"coffre_block_seal",
     run_block_seal,
     {P_CONTEXT_X, P_OBJECT(session), P_BYTES(id),
      {"options", SIZED | OPTIONAL, 4, make_seal_options}, P_BUFFER(plain), P_WORKSPACE, P_OUT,
      P_OUT_LEN, P_INFO, P_END}},
    {"coffre_block_inspect",
     run_block_inspect,
     {P_BUFFER(block), {"info", WRITES | OUTPUT, 8, make_new_info}, P_END}},
    {"coffre_block_scrub", run_block_scrub, {P_BUFFER(block), P_INFO, P_END}},
    {"coffre_block_digest", run_block_digest, {P_BUFFER(block), P_RESULT(digest, 32), P_END}},
    {"coffre_block_open",
     run_block_open,
     {P_CONTEXT, P_POLICY, P_OBJECT(session), P_EXPECT, P_BUFFER(block), P_WORKSPACE, P_OUT,
      P_OUT_LEN, P_END}},
    {"coffre_block_reader_begin",
     run_block_reader_begin,
     {P_CONTEXT, P_POLICY, P_OBJECT(session), P_EXPECT, P_BYTES(header),
      {"workspace", WRITES | LENGTH, 1, make_memory}, P_NEW(reader), P_END}},
    {"coffre_block_reader_push",
     run_block_reader_push,
     {P_READER(reader), P_BUFFER(after_header), P_END}},
    {"coffre_block_reader_finish", run_block_reader_finish, {P_READER(full_reader), P_END}},
    {"coffre_scrub_begin", run_scrub_begin, {P_NEW(scrubber), P_END}},
    {"coffre_scrub_push", run_scrub_push, {P_READER(scrubber), P_BUFFER(block), P_END}},
    {"coffre_scrub_finish",
     run_scrub_finish,
     {{"scrubber", OBJECT | PINNED, 8, make_scrubber}, {"object_type", WRITES | OUTPUT, 4,
      make_new_type}, P_END}},
    {"coffre_v1_master_read",
     run_v1_master_read,
     {P_CONTEXT, P_BUFFER(kek_bytes), P_NEW(master), P_END}},
    {"coffre_v1_master_id", run_v1_master_id, {P_OBJECT(master), P_RESULT(id, 16), P_END}},
    {"coffre_v1_seal",
     run_v1_seal,
     {P_CONTEXT_X, P_OLD_POLICY, P_OBJECT(master), P_BUFFER(plain), P_WORKSPACE, P_OUT, P_OUT_LEN,
      P_RESULT(wrapped_key, 40), P_END}},
    {"coffre_v1_open",
     run_v1_open,
     {P_CONTEXT, P_OLD_POLICY, P_OBJECT(master), P_BUFFER(wrapped), P_BUFFER(blob), P_WORKSPACE,
      P_OUT, P_OUT_LEN, P_END}},
    {"coffre_v1_rewrap",
     run_v1_rewrap,
     {P_CONTEXT, P_OBJECT(master), P_OBJECT(other_master), P_BUFFER(wrapped),
      P_RESULT(rewrapped_key, 40), P_END}},
    {"coffre_v1_rewrap_batch",
     run_v1_rewrap_batch,
     {P_CONTEXT, P_OBJECT(master), P_OBJECT(other_master), P_BUFFER(wrapped_keys),
      P_RESULT(rewrapped_keys, 80), {"statuses", WRITES | OUTPUT, 4, make_new_statuses}, P_END}},
    {"coffre_v0_seal",
     run_v0_seal,
     {P_OLD_POLICY, P_BUFFER(plain), P_OUT, P_OUT_LEN, P_END}},
    {"coffre_v0_open",
     run_v0_open,
     {P_OLD_POLICY, P_BUFFER(plain), P_OUT, P_OUT_LEN, P_END}},
};

#endif
