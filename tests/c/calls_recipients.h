/* calls_recipients.h: rows of calls.h: passwords, keys in key services and tokens. */
#ifndef CALLS_RECIPIENTS_H
#define CALLS_RECIPIENTS_H

MAKE_COPY(password, WORLD_PASSWORD, sizeof WORLD_PASSWORD - 1)
MAKE_SPACE(password_workspace, COFFRE_ARGON2ID_WORKSPACE(WORLD_ARGON2ID_KIB))

/* A record that the password of world.h opens. */
static inline void make_password_record(struct arg *arg)
{
    arg_record(arg, world.password_record, world.password_record_len);
}

static inline void make_password_options(struct arg *arg)
{
    coffre_password_options options = world_password_options();
    arg_copy(arg, &options, sizeof options);
}

static inline int32_t callback_unreachable(void *user, const uint8_t *peer, uint8_t *z)
{
    (void)user, (void)peer, (void)z;
    return -1;
}

static inline int32_t unwrap_unreachable(void *user, const uint8_t *sealed, size_t len,
                                         uint8_t *key)
{
    (void)user, (void)sealed, (void)len, (void)key;
    return -1;
}

static inline void make_service(struct arg *arg)
{
    coffre_key_service service = COFFRE_KEY_SERVICE_INIT;

    service.name = "calls.h";
    service.unwrap = unwrap_unreachable;
    arg_copy(arg, &service, sizeof service);
}

CALL(password_set)
{
    return coffre_password_set(AT(0), AT(1), AT(2), LEN(2), AT(3), LEN(3), AT(4));
}
CALL(password_derive)
{
    return coffre_password_derive(AT(0), AT(1), AT(2), AT(3), LEN(3), AT(4), LEN(4), AT(5));
}
CALL(identity_external) { return coffre_identity_external(AT(0), AT(1), AT(2)); }
CALL(identity_token)
{
    return coffre_identity_token(AT(0), AT(1), callback_unreachable, NULL, AT(2));
}

#define P_PASSWORD_WORKSPACE {"workspace", WRITES | LENGTH, 1, make_password_workspace}

static const struct call recipient_calls[] = {
    {"coffre_password_set",
     run_password_set,
     {P_CONTEXT_X, {"options", SIZED | OPTIONAL, sizeof(void *), make_password_options},
      P_BUFFER(password),
      P_PASSWORD_WORKSPACE, P_NEW(identity), P_END}},
    {"coffre_password_derive",
     run_password_derive,
     {P_CONTEXT, P_POLICY, P_OBJECT(password_record), P_BUFFER(password), P_PASSWORD_WORKSPACE,
      P_NEW(identity), P_END}},
    {"coffre_identity_external",
     run_identity_external,
     {P_CONTEXT, {"service", SIZED, sizeof(void *), make_service}, P_NEW(identity), P_END}},
    {"coffre_identity_token",
     run_identity_token,
     {P_CONTEXT, P_OBJECT(pair_recipient), P_NEW(identity), P_END}},
};

#endif
