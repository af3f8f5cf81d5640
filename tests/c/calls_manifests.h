/* calls_manifests.h: rows of calls.h: metadata and manifest. */
#ifndef CALLS_MANIFESTS_H
#define CALLS_MANIFESTS_H

#define MANIFEST_SEGMENT (world.manifest + COFFRE_MANIFEST_HEADER_SIZE)
#define MANIFEST_SEGMENT_LEN                                                                      \
    (world.manifest_len - COFFRE_MANIFEST_HEADER_SIZE - COFFRE_MANIFEST_TRAILER_SIZE)

MAKE_COPY(metadata, world.metadata, world.metadata_len)
MAKE_COPY(info, &world.manifest_info, sizeof world.manifest_info)
MAKE_COPY(entry, &world.entry, sizeof world.entry)
MAKE_COPY(manifest_header, world.manifest, COFFRE_MANIFEST_HEADER_SIZE)
MAKE_COPY(segment, MANIFEST_SEGMENT, MANIFEST_SEGMENT_LEN)
MAKE_COPY(trailer, MANIFEST_SEGMENT + MANIFEST_SEGMENT_LEN, COFFRE_MANIFEST_TRAILER_SIZE)
MAKE_COPY(first_entry, MANIFEST_SEGMENT, 128)
MAKE_COPY(segment_mac, MANIFEST_SEGMENT + MANIFEST_SEGMENT_LEN - 32, 32)
MAKE_SPACE(new_whole, sizeof(coffre_manifest_whole))
MAKE_SPACE(new_manifest_info, sizeof(coffre_manifest_info))
MAKE_SPACE(new_entry, sizeof(coffre_manifest_entry))
MAKE_SPACE(new_manifest_writer, sizeof(coffre_manifest_writer))
MAKE_SPACE(new_manifest_reader, sizeof(coffre_manifest_reader))

static inline void make_manifest_writer(struct arg *arg)
{
    coffre_manifest_info info = world.manifest_info;

    arg_space(arg, sizeof(coffre_manifest_writer));
    check_must(coffre_manifest_begin(&world.context, &world.keys, &info, null_sink, NULL, arg->at),
               "manifest writer");
}

static inline void make_full_manifest_writer(struct arg *arg)
{
    make_manifest_writer(arg);
    check_must(coffre_manifest_add(arg->at, &world.entry, null_sink, NULL), "entry 0");
    check_must(coffre_manifest_add(arg->at, &world.entry, null_sink, NULL), "entry 1");
}

static inline void make_manifest_reader(struct arg *arg)
{
    arg_space(arg, sizeof(coffre_manifest_reader));
    check_must(coffre_manifest_open(&world.context, NULL, &world.keys, world.manifest, arg->at),
               "manifest reader");
}

static inline void make_full_manifest_reader(struct arg *arg)
{
    make_manifest_reader(arg);
    check_must(coffre_manifest_segment(arg->at, 0, MANIFEST_SEGMENT, MANIFEST_SEGMENT_LEN),
               "segment");
}

/* A reader that has both entries of the only segment. */
static inline void make_read_manifest_reader(struct arg *arg)
{
    coffre_manifest_entry entry;

    make_manifest_reader(arg);
    for (size_t i = 0; i < 2; i++)
        check_must(coffre_manifest_provisional_entry(arg->at, MANIFEST_SEGMENT + i * 128, &entry),
                   "entry");
}

CALL(metadata_seal)
{
    return coffre_metadata_seal(AT(0), AT(1), AT(2), LEN(2), AT(3), AT(4), LEN(4), AT(5), AT(6));
}
CALL(metadata_open)
{
    return coffre_metadata_open(AT(0), AT(1), AT(2), AT(3), LEN(3), AT(4), AT(5), LEN(5), AT(6),
                                AT(7));
}
CALL(manifest_begin)
{
    return coffre_manifest_begin(AT(0), AT(1), AT(2), null_sink, NULL, AT(3));
}
CALL(manifest_add) { return coffre_manifest_add(AT(0), AT(1), null_sink, NULL); }
CALL(manifest_finish) { return coffre_manifest_finish(AT(0), null_sink, NULL, AT(1)); }
CALL(manifest_inspect) { return coffre_manifest_inspect(AT(0), AT(1)); }
CALL(manifest_open) { return coffre_manifest_open(AT(0), AT(1), AT(2), AT(3), AT(4)); }
CALL(manifest_segment) { return coffre_manifest_segment(AT(0), 0, AT(1), LEN(1)); }
CALL(manifest_entry_at) { return coffre_manifest_entry_at(AT(0), 0, AT(1), LEN(1), 1, AT(2)); }
CALL(manifest_close)
{
    return coffre_manifest_close(AT(0), AT(1), AT(2), AT(3), AT(4), LEN(4), AT(5));
}
CALL(manifest_check_segment)
{
    return coffre_manifest_check_segment(AT(0), 0, AT(1), LEN(1));
}
CALL(manifest_provisional_entry) { return coffre_manifest_provisional_entry(AT(0), AT(1), AT(2)); }
CALL(manifest_end_segment) { return coffre_manifest_end_segment(AT(0), AT(1)); }

#define P_PINNED(name) {#name, OBJECT | PINNED | WRITES, 8, make_##name}

static const struct call manifest_calls[] = {
    {"coffre_metadata_seal",
     run_metadata_seal,
     {P_CONTEXT_X, P_OBJECT(keys), P_BUFFER(plain), P_WORKSPACE, P_OUT, P_OUT_LEN,
      P_RESULT(digest, 32), P_END}},
    {"coffre_metadata_open",
     run_metadata_open,
     {P_CONTEXT, P_POLICY, P_OBJECT(keys), P_BUFFER(metadata), P_WORKSPACE, P_OUT, P_OUT_LEN,
      P_RESULT(digest, 32), P_END}},
    {"coffre_manifest_begin",
     run_manifest_begin,
     {P_CONTEXT, P_OBJECT(keys), {"info", WRITES, 8, make_info}, P_NEW(manifest_writer), P_END}},
    {"coffre_manifest_add",
     run_manifest_add,
     {P_PINNED(manifest_writer), {"entry", 0, 8, make_entry}, P_END}},
    {"coffre_manifest_finish",
     run_manifest_finish,
     {P_PINNED(full_manifest_writer), {"whole", WRITES | OUTPUT | OPTIONAL, 8, make_new_whole},
      P_END}},
    {"coffre_manifest_inspect",
     run_manifest_inspect,
     {P_BYTES(manifest_header), P_NEW(manifest_info), P_END}},
    {"coffre_manifest_open",
     run_manifest_open,
     {P_CONTEXT, P_POLICY, P_OBJECT(keys), P_BYTES(manifest_header), P_NEW(manifest_reader),
      P_END}},
    {"coffre_manifest_segment",
     run_manifest_segment,
     {P_PINNED(manifest_reader), P_BUFFER(segment), P_END}},
    {"coffre_manifest_entry_at",
     run_manifest_entry_at,
     {{"reader", OBJECT | PINNED, 8, make_manifest_reader}, P_BUFFER(segment), P_NEW(entry),
      P_END}},
    {"coffre_manifest_close",
     run_manifest_close,
     {P_PINNED(full_manifest_reader), P_BYTES(trailer),
      {"origin", OBJECT | OPTIONAL, 8, make_origin}, P_OBJECT(record),
      {"signature", LENGTH, 1, make_signature},
      {"whole", WRITES | OUTPUT | OPTIONAL, 8, make_new_whole}, P_END}},
    {"coffre_manifest_check_segment",
     run_manifest_check_segment,
     {{"reader", OBJECT | PINNED, 8, make_manifest_reader}, P_BUFFER(segment), P_END}},
    {"coffre_manifest_provisional_entry",
     run_manifest_provisional_entry,
     {P_PINNED(manifest_reader), P_BYTES(first_entry), P_NEW(entry), P_END}},
    {"coffre_manifest_end_segment",
     run_manifest_end_segment,
     {P_PINNED(read_manifest_reader), P_BYTES(segment_mac), P_END}},
};

#endif
