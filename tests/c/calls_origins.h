/* calls_origins.h: rows of calls.h: origin keys and signatures. */
#ifndef CALLS_ORIGINS_H
#define CALLS_ORIGINS_H

MAKE_COPY(whole, &world.whole, sizeof world.whole)
MAKE_SPACE(new_origin_key, sizeof(coffre_origin_key))
MAKE_SPACE(new_origin, sizeof(coffre_origin))
MAKE_SPACE(new_origin_info, sizeof(coffre_origin_info))
MAKE_SPACE(out_message, COFFRE_ORIGIN_MESSAGE_SIZE)

CALL(origin_key_generate) { return coffre_origin_key_generate(AT(0), AT(1)); }
CALL(origin_key_read) { return coffre_origin_key_read(AT(0), AT(1), LEN(1), AT(2)); }
CALL(origin_key_write) { return coffre_origin_key_write(AT(0), 0, AT(1), LEN(1), AT(2)); }
CALL(origin_key_public) { return coffre_origin_key_public(AT(0), AT(1)); }
CALL(origin_read) { return coffre_origin_read(AT(0), AT(1), LEN(1), AT(2)); }
CALL(origin_write) { return coffre_origin_write(AT(0), 1, AT(1), LEN(1), AT(2)); }
CALL(origin_id) { return coffre_origin_id(AT(0), AT(1)); }
CALL(origin_digest) { return coffre_origin_digest(AT(0), AT(1)); }
CALL(origin_sign)
{
    return coffre_origin_sign(AT(0), AT(1), AT(2), AT(3), AT(4), AT(5), LEN(5), AT(6));
}
CALL(origin_inspect) { return coffre_origin_inspect(AT(0), LEN(0), AT(1)); }
CALL(origin_export) { return coffre_origin_export(AT(0), LEN(0), AT(1), AT(2), LEN(2), AT(3)); }

static const struct call origin_calls[] = {
    {"coffre_origin_key_generate",
     run_origin_key_generate,
     {P_CONTEXT_X, P_NEW(origin_key), P_END}},
    {"coffre_origin_key_read",
     run_origin_key_read,
     {P_CONTEXT, P_BUFFER(private_file), P_NEW(origin_key), P_END}},
    {"coffre_origin_key_write",
     run_origin_key_write,
     {P_OBJECT(origin_key), P_OUT, P_OUT_LEN, P_END}},
    {"coffre_origin_key_public",
     run_origin_key_public,
     {P_OBJECT(origin_key), P_NEW(origin), P_END}},
    {"coffre_origin_read",
     run_origin_read,
     {P_CONTEXT, P_BUFFER(public_file), P_NEW(origin), P_END}},
    {"coffre_origin_write", run_origin_write, {P_OBJECT(origin), P_OUT, P_OUT_LEN, P_END}},
    {"coffre_origin_id", run_origin_id, {P_OBJECT(origin), P_RESULT(id, 16), P_END}},
    {"coffre_origin_digest", run_origin_digest, {P_OBJECT(origin), P_RESULT(digest, 32), P_END}},
    {"coffre_origin_sign",
     run_origin_sign,
     {P_CONTEXT, P_OBJECT(origin_key), P_OBJECT(keys), P_OBJECT(record),
      {"whole", 0, 8, make_whole}, P_OUT, P_OUT_LEN, P_END}},
    {"coffre_origin_inspect",
     run_origin_inspect,
     {P_BUFFER(signature), {"info", WRITES | OUTPUT, 1, make_new_origin_info}, P_END}},
    {"coffre_origin_export",
     run_origin_export,
     {P_BUFFER(signature), {"message", WRITES | OUTPUT, 1, make_out_message}, P_OUT, P_OUT_LEN,
      P_END}},
};

#endif
