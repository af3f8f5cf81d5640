/* calls_records.h: rows of calls.h: records, written and read, two slots, and the challenge. */
#ifndef CALLS_RECORDS_H
#define CALLS_RECORDS_H

MAKE_COPY(record_bytes, world.record, world.record_len)
MAKE_COPY(challenge, world.challenge, world.challenge_len)
MAKE_SPACE(new_record, sizeof(coffre_record))
MAKE_SPACE(new_record_info, sizeof(coffre_record_info))
MAKE_SPACE(new_record_recipient, sizeof(coffre_record_recipient))
MAKE_SPACE(new_record_entry, sizeof(coffre_record_entry))
MAKE_SPACE(new_report, sizeof(coffre_challenge_report))
MAKE_SPACE(new_slots_report, sizeof(coffre_slots_report))
MAKE_SPACE(new_writer, sizeof(coffre_record_writer))

static inline void make_repository(struct arg *arg)
{
    arg_record(arg, world.repository, world.repository_len);
}

/* A writer of a key record with the KEK and one session, in a buffer of its own. */
static inline void make_writer(struct arg *arg)
{
    arg_space(arg, sizeof(coffre_record_writer));
    arg_lend(arg, 1024);
    check_must(coffre_record_create(&world.context, COFFRE_KEY_RECORD, world.instance, world.point,
                                    1, arg->lent, arg->lent_size, arg->at),
               "record writer");
    check_must(coffre_record_add_recipient(&world.context, arg->at, &world.kek_recipient), "KEK");
    check_must(coffre_record_add_session(arg->at, &world.session), "session");
}

CALL(record_read) { return coffre_record_read(AT(0), LEN(0), AT(1)); }
CALL(record_inspect) { return coffre_record_inspect(AT(0), AT(1)); }
CALL(record_recipient_at) { return coffre_record_recipient_at(AT(0), 1, AT(1)); }
CALL(record_entry_at) { return coffre_record_entry_at(AT(0), 0, AT(1)); }
CALL(record_entries) { return coffre_record_entries(AT(0), 0, AT(1), 1, AT(2)); }
CALL(record_keys_scope) { return coffre_record_keys_scope(AT(0), AT(1), AT(2)); }
CALL(record_open) { return coffre_record_open(AT(0), AT(1), AT(2), AT(3), AT(4)); }
CALL(record_session) { return coffre_record_session(AT(0), AT(1), AT(2), AT(3), AT(4)); }
CALL(record_id_key) { return coffre_record_id_key(AT(0), AT(1), AT(2), 9, AT(3)); }
CALL(record_create)
{
    return coffre_record_create(AT(0), COFFRE_KEY_RECORD, AT(1), AT(2), 1, AT(3), LEN(3), AT(4));
}
CALL(record_edit)
{
    return coffre_record_edit(AT(0), AT(1), AT(2), 99, AT(3), LEN(3), AT(4));
}
CALL(record_rotate)
{
    return coffre_record_rotate(AT(0), AT(1), AT(2), 99, AT(3), LEN(3), AT(4));
}
CALL(record_add_recipient) { return coffre_record_add_recipient(AT(0), AT(1), AT(2)); }
CALL(record_replace_recipient)
{
    return coffre_record_replace_recipient(AT(0), AT(1), AT(2), AT(3));
}
CALL(record_remove_recipient) { return coffre_record_remove_recipient(AT(0), AT(1)); }
CALL(record_add_session) { return coffre_record_add_session(AT(0), AT(1)); }
CALL(record_remove_session) { return coffre_record_remove_session(AT(0), AT(1)); }
CALL(record_add_id_key) { return coffre_record_add_id_key(AT(0), AT(1)); }
CALL(record_finish) { return coffre_record_finish(AT(0), AT(1), AT(2)); }
CALL(slots_open)
{
    return coffre_slots_open(AT(0), AT(1), AT(2), COFFRE_KEY_RECORD, AT(3), AT(4), AT(5), LEN(5),
                             AT(6), LEN(6), AT(7), AT(8), AT(9));
}
CALL(challenge_create)
{
    return coffre_challenge_create(AT(0), AT(1), AT(2), 1, AT(3), LEN(3), AT(4));
}
CALL(challenge_check)
{
    return coffre_challenge_check(AT(0), AT(1), AT(2), 0, AT(3), LEN(3), AT(4));
}

#define P_WRITER {"writer", OBJECT | PINNED | WRITES, 8, make_writer}
#define P_LENT {"buffer", WRITES | OUTPUT | LENGTH, 1, make_out}

static const struct call record_calls[] = {
    {"coffre_record_read", run_record_read, {P_BUFFER(record_bytes), P_NEW(record), P_END}},
    {"coffre_record_inspect", run_record_inspect, {P_OBJECT(record), P_NEW(record_info), P_END}},
    {"coffre_record_recipient_at",
     run_record_recipient_at,
     {P_OBJECT(record), {"recipient", WRITES | OUTPUT, 4, make_new_record_recipient}, P_END}},
    {"coffre_record_entry_at",
     run_record_entry_at,
     {P_OBJECT(record), {"entry", WRITES | OUTPUT, 4, make_new_record_entry}, P_END}},
    {"coffre_record_entries",
     run_record_entries,
     {P_OBJECT(record),
      {"entries", WRITES | OUTPUT, 4, make_new_record_entry},
      {"entries_len", WRITES | OUT_LEN, sizeof(size_t), make_out_len},
      P_END}},
    {"coffre_record_keys_scope",
     run_record_keys_scope,
     {P_OBJECT(keys), P_RESULT(instance_id, 16), P_RESULT(scope_id, 16), P_END}},
    {"coffre_record_open",
     run_record_open,
     {P_CONTEXT, P_POLICY, P_OBJECT(pair), P_OBJECT(record), P_NEW(keys), P_END}},
    {"coffre_record_session",
     run_record_session,
     {P_CONTEXT, P_OBJECT(keys), P_OBJECT(record), P_BYTES(session_id), P_NEW(session), P_END}},
    {"coffre_record_id_key",
     run_record_id_key,
     {P_CONTEXT, P_OBJECT(repository_keys), P_OBJECT(repository), P_NEW(id_key), P_END}},
    {"coffre_record_create",
     run_record_create,
     {P_CONTEXT_X, P_BYTES(instance), P_BYTES(point), P_LENT, P_NEW(writer), P_END}},
    {"coffre_record_edit",
     run_record_edit,
     {P_CONTEXT, P_OBJECT(keys), P_OBJECT(record), P_LENT, P_NEW(writer), P_END}},
    {"coffre_record_rotate",
     run_record_rotate,
     {P_CONTEXT_X, P_OBJECT(keys), P_OBJECT(record), P_LENT, P_NEW(writer), P_END}},
    {"coffre_record_add_recipient",
     run_record_add_recipient,
     {P_CONTEXT_X, P_WRITER, P_OBJECT(pair_recipient), P_END}},
    {"coffre_record_replace_recipient",
     run_record_replace_recipient,
     {P_CONTEXT_X, P_WRITER, P_BYTES(kek_id), P_OBJECT(pair_recipient), P_END}},
    {"coffre_record_remove_recipient",
     run_record_remove_recipient,
     {P_WRITER, P_BYTES(kek_id), P_END}},
    {"coffre_record_add_session",
     run_record_add_session,
     {P_WRITER, P_OBJECT(other_session), P_END}},
    {"coffre_record_remove_session",
     run_record_remove_session,
     {P_WRITER, P_BYTES(session_id), P_END}},
    {"coffre_record_add_id_key", run_record_add_id_key, {P_WRITER, P_OBJECT(id_key), P_END}},
    {"coffre_record_finish",
     run_record_finish,
     {P_WRITER, P_OUT_LEN, {"keys", WRITES | OUTPUT | OPTIONAL, 8, make_new_keys}, P_END}},
    {"coffre_slots_open",
     run_slots_open,
     {P_CONTEXT, P_POLICY, P_OBJECT(pair), P_BYTES(instance), P_BYTES(point),
      {"slot_0", LENGTH, 1, make_record_bytes}, {"slot_1", LENGTH, 1, make_record_bytes},
      P_NEW(record), P_NEW(keys), {"report", WRITES | OPTIONAL, 8, make_new_slots_report},
      P_END}},
    {"coffre_challenge_create",
     run_challenge_create,
     {P_CONTEXT_X, P_OBJECT(pair_recipient), P_BYTES(instance), P_OUT, P_OUT_LEN, P_END}},
    {"coffre_challenge_check",
     run_challenge_check,
     {P_CONTEXT, P_OBJECT(pair), P_BYTES(instance), P_BUFFER(challenge),
      {"report", WRITES | OUTPUT | OPTIONAL, 8, make_new_report}, P_END}},
};

#endif
