/* calls_kits.h: rows of calls.h: the recovery kit. */
#ifndef CALLS_KITS_H
#define CALLS_KITS_H

MAKE_COPY(kit, world.kit, sizeof world.kit)
MAKE_SPACE(new_kit_info, sizeof(coffre_kit_info))
MAKE_SPACE(out_kit_text, COFFRE_KIT_TEXT_MAX)
MAKE_SPACE(out_bad_line, sizeof(uint32_t))

static inline void make_kit_text(struct arg *arg)
{
    char text[COFFRE_KIT_TEXT_MAX];
    size_t len;

    check_must(coffre_kit_to_text(world.kit, sizeof world.kit, COFFRE_KIT_LINES, text, sizeof text,
                                  &len),
               "kit's text");
    arg_copy(arg, text, len);
}

CALL(kit_create)
{
    return coffre_kit_create(AT(0), AT(1), AT(2), AT(3), LEN(3), AT(4), LEN(4), AT(5), LEN(5),
                             AT(6));
}
CALL(kit_inspect) { return coffre_kit_inspect(AT(0), LEN(0), AT(1)); }
CALL(kit_open)
{
    return coffre_kit_open(AT(0), AT(1), AT(2), LEN(2), AT(3), LEN(3), AT(4), LEN(4), AT(5));
}
CALL(kit_to_text)
{
    return coffre_kit_to_text(AT(0), LEN(0), COFFRE_KIT_SCAN, AT(1), LEN(1), AT(2));
}
CALL(kit_from_text)
{
    return coffre_kit_from_text(AT(0), LEN(0), AT(1), LEN(1), AT(2), AT(3));
}
CALL(identity_kek) { return coffre_identity_kek(AT(0), AT(1)); }

static const struct call kit_calls[] = {
    {"coffre_kit_create",
     run_kit_create,
     {P_CONTEXT_X, P_OBJECT(kek),
      {"options", SIZED | OPTIONAL, sizeof(void *), make_password_options}, P_BUFFER(password),
      P_PASSWORD_WORKSPACE, P_OUT, P_OUT_LEN, P_END}},
    {"coffre_kit_inspect",
     run_kit_inspect,
     {P_BUFFER(kit), {"info", WRITES | OUTPUT, 4, make_new_kit_info}, P_END}},
    {"coffre_kit_open",
     run_kit_open,
     {P_CONTEXT, P_POLICY, P_BUFFER(kit), P_BUFFER(password), P_PASSWORD_WORKSPACE,
      P_NEW(identity), P_END}},
    {"coffre_kit_to_text",
     run_kit_to_text,
     {P_BUFFER(kit), {"text", WRITES | OUTPUT | LENGTH, 1, make_out_kit_text}, P_OUT_LEN, P_END}},
    {"coffre_kit_from_text",
     run_kit_from_text,
     {P_BUFFER(kit_text), P_OUT, P_OUT_LEN,
      {"bad_line", WRITES | OUTPUT | OPTIONAL, 4, make_out_bad_line}, P_END}},
    {"coffre_identity_kek", run_identity_kek, {P_OBJECT(kek), P_RESULT(kek, 32), P_END}},
};

#endif
