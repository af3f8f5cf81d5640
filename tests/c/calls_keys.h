/* calls_keys.h: rows of calls.h: context, key files, sessions. */
#ifndef CALLS_KEYS_H
#define CALLS_KEYS_H

MAKE_COPY(private_file, world.private_file, world.private_len)
MAKE_COPY(public_file, world.public_file, world.public_len)
MAKE_SPACE(new_context, sizeof(coffre_context))
MAKE_SPACE(self_test_workspace, coffre_self_test_workspace())
MAKE_SPACE(out_text, COFFRE_KEY_ID_TEXT_SIZE)

static inline void make_context_options(struct arg *arg)
{
    coffre_context_options options = COFFRE_CONTEXT_OPTIONS_INIT;
    arg_copy(arg, &options, sizeof options);
}

CALL(context_init) { return coffre_context_init(AT(0), AT(1)); }
CALL(random_bytes) { return coffre_random_bytes(AT(0), AT(1), LEN(1)); }
CALL(self_test) { return coffre_self_test(AT(0), AT(1), LEN(1)); }
CALL(identity_from_kek) { return coffre_identity_from_kek(AT(0), AT(1), LEN(1), AT(2)); }
CALL(identity_generate) { return coffre_identity_generate(AT(0), AT(1)); }
CALL(identity_read) { return coffre_identity_read(AT(0), AT(1), LEN(1), AT(2)); }
CALL(identity_write) { return coffre_identity_write(AT(0), 0, AT(1), LEN(1), AT(2)); }
CALL(identity_id) { return coffre_identity_id(AT(0), AT(1)); }
CALL(identity_recipient) { return coffre_identity_recipient(AT(0), AT(1)); }
CALL(recipient_read) { return coffre_recipient_read(AT(0), AT(1), LEN(1), AT(2)); }
CALL(recipient_write) { return coffre_recipient_write(AT(0), 1, AT(1), LEN(1), AT(2)); }
CALL(recipient_id) { return coffre_recipient_id(AT(0), AT(1)); }
CALL(recipient_digest) { return coffre_recipient_digest(AT(0), AT(1)); }
CALL(key_id_text) { return coffre_key_id_text(AT(0), AT(1)); }
CALL(session_generate) { return coffre_session_generate(AT(0), AT(1)); }
CALL(session_id) { return coffre_session_id(AT(0), AT(1)); }
CALL(id_key_generate) { return coffre_id_key_generate(AT(0), 1, AT(1)); }

static const struct call key_calls[] = {
    {"coffre_context_init",
     run_context_init,
     {P_NEW(context), {"options", SIZED | OPTIONAL, sizeof(void *), make_context_options},
      P_END}},
    {"coffre_random_bytes",
     run_random_bytes,
     {P_CONTEXT_X, {"out", WRITES | OUTPUT | LENGTH, 1, make_out}, P_END}},
    {"coffre_self_test",
     run_self_test,
     {P_CONTEXT_X, {"workspace", WRITES | LENGTH, 1, make_self_test_workspace}, P_END}},
    {"coffre_identity_from_kek",
     run_identity_from_kek,
     {P_CONTEXT, P_BUFFER(kek_bytes), P_NEW(identity), P_END}},
    {"coffre_identity_generate", run_identity_generate, {P_CONTEXT_X, P_NEW(identity), P_END}},
    {"coffre_identity_read",
     run_identity_read,
     {P_CONTEXT, P_BUFFER(private_file), P_NEW(identity), P_END}},
    {"coffre_identity_write", run_identity_write, {P_OBJECT(pair), P_OUT, P_OUT_LEN, P_END}},
    {"coffre_identity_id", run_identity_id, {P_OBJECT(pair), P_RESULT(id, 16), P_END}},
    {"coffre_identity_recipient",
     run_identity_recipient,
     {P_OBJECT(pair), P_NEW(recipient), P_END}},
    {"coffre_recipient_read",
     run_recipient_read,
     {P_CONTEXT, P_BUFFER(public_file), P_NEW(recipient), P_END}},
    {"coffre_recipient_write",
     run_recipient_write,
     {P_OBJECT(pair_recipient), P_OUT, P_OUT_LEN, P_END}},
    {"coffre_recipient_id",
     run_recipient_id,
     {P_OBJECT(pair_recipient), P_RESULT(id, 16), P_END}},
    {"coffre_recipient_digest",
     run_recipient_digest,
     {P_OBJECT(pair_recipient), P_RESULT(digest, 32), P_END}},
    {"coffre_key_id_text",
     run_key_id_text,
     {P_BYTES(kek_id), {"text", WRITES | OUTPUT, 1, make_out_text}, P_END}},
    {"coffre_session_generate", run_session_generate, {P_CONTEXT_X, P_NEW(session), P_END}},
    {"coffre_session_id", run_session_id, {P_OBJECT(session), P_RESULT(id, 16), P_END}},
    {"coffre_id_key_generate", run_id_key_generate, {P_CONTEXT_X, P_NEW(id_key), P_END}},
};

#endif
