/* token.c: opens a token and finds keys in it; see token.h. Read next: token_calls.c. */
#include "token_inside.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum token_result load_module(struct token *token, const char *path)
{
    CK_C_GetFunctionList get_list;
    CK_FUNCTION_LIST *list = NULL;
    CK_C_INITIALIZE_ARGS threads = {.flags = CKF_OS_LOCKING_OK};

    token->module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (token->module == NULL) {
        return token_fail(token, TOKEN_UNAVAILABLE, "cannot load the PKCS#11 module: %s",
                          dlerror());
    }
    void *symbol = dlsym(token->module, "C_GetFunctionList");
    if (symbol == NULL)
        return token_fail(token, TOKEN_UNAVAILABLE, "%s is not a PKCS#11 module", path);
    memcpy(&get_list, &symbol, sizeof get_list); /* POSIX allows it, ISO C knows no such cast */
    CK_RV rv = get_list(&list);
    if (rv != CKR_OK || list == NULL) return token_fail_rv(token, rv, "C_GetFunctionList");
    rv = list->C_Initialize(&threads);
    if (rv != CKR_OK && rv != CKR_CRYPTOKI_ALREADY_INITIALIZED)
        return token_fail_rv(token, rv, "C_Initialize");
    token->functions = list;
    token->must_finalize = rv == CKR_OK; /* otherwise somebody else in this process uses it */
    return TOKEN_OK;
}

/* A token's label has no NUL: it is padded with blanks. */
static bool has_label(const CK_TOKEN_INFO *info, const char *label)
{
    size_t len = strlen(label);

    if (len > sizeof info->label || memcmp(info->label, label, len) != 0) return false;
    while (len < sizeof info->label && info->label[len] == ' ')
        len++;
    return len == sizeof info->label;
}

static enum token_result choose_slot(struct token *token, const CK_SLOT_ID *slots, CK_ULONG count,
                                     CK_SLOT_ID *slot, CK_FLAGS *flags)
{
    CK_ULONG found = 0;

    for (CK_ULONG i = 0; i < count; i++) {
        CK_TOKEN_INFO info;
        /* A token that cannot be read is not the one that is wanted: others may be broken. */
        if (p11(token)->C_GetTokenInfo(slots[i], &info) != CKR_OK) continue;
        if ((info.flags & CKF_TOKEN_INITIALIZED) == 0 || !has_label(&info, token->label)) continue;
        *slot = slots[i];
        *flags = info.flags;
        found++;
    }
    if (found == 1) return TOKEN_OK;
    if (found == 0) {
        return token_fail(token, TOKEN_NOT_FOUND,
                          "no token is labelled \"%s\" (slots with a token: %lu)", token->label,
                          count);
    }
    return token_fail(token, TOKEN_AMBIGUOUS, "%lu tokens are labelled \"%s\": which is meant?",
                      found, token->label);
}

static enum token_result find_slot(struct token *token, CK_SLOT_ID *slot, CK_FLAGS *flags)
{
    CK_ULONG count = 0;
    CK_RV rv = p11(token)->C_GetSlotList(CK_TRUE, NULL, &count);

    if (rv != CKR_OK) return token_fail_rv(token, rv, "C_GetSlotList");
    CK_SLOT_ID *slots = calloc(count + 1, sizeof *slots);
    if (slots == NULL) return token_fail(token, TOKEN_UNAVAILABLE, "no memory");
    rv = p11(token)->C_GetSlotList(CK_TRUE, slots, &count);
    enum token_result result = rv == CKR_OK ? choose_slot(token, slots, count, slot, flags)
                                            : token_fail_rv(token, rv, "C_GetSlotList");
    free(slots);
    return result;
}

static enum token_result log_in(struct token *token, const struct token_login *login,
                                CK_FLAGS flags)
{
    if ((flags & CKF_LOGIN_REQUIRED) == 0) return TOKEN_OK;
    if (login->pin == NULL && (flags & CKF_PROTECTED_AUTHENTICATION_PATH) == 0)
        return token_fail(token, TOKEN_PIN_REFUSED, "token \"%s\" wants a PIN", token->label);
    /* Tried once only: a token counts wrong PINs, and locks. */
    CK_RV rv = p11(token)->C_Login(token->session, CKU_USER, (CK_BYTE *)(uintptr_t)login->pin,
                                   login->pin_len);
    if (rv == CKR_OK || rv == CKR_USER_ALREADY_LOGGED_IN) return TOKEN_OK;
    return token_fail_rv(token, rv, "C_Login");
}

static enum token_result open_all(const struct token_login *login, struct token *token)
{
    CK_FLAGS flags = 0, mode = CKF_SERIAL_SESSION | (login->may_change ? CKF_RW_SESSION : 0UL);
    CK_SLOT_ID slot = 0;
    CK_SESSION_HANDLE session;

    if (strlen(login->label) > TOKEN_LABEL_MAX) {
        return token_fail(token, TOKEN_NOT_FOUND, "a token's label has at most %d bytes",
                          TOKEN_LABEL_MAX);
    }
    strcpy(token->label, login->label);
    enum token_result result = load_module(token, login->module);
    if (result == TOKEN_OK) result = find_slot(token, &slot, &flags);
    if (result != TOKEN_OK) return result;
    CK_RV rv = p11(token)->C_OpenSession(slot, mode, NULL, NULL, &session);
    if (rv != CKR_OK) return token_fail_rv(token, rv, "C_OpenSession");
    token->session = session;
    token->has_session = true;
    return log_in(token, login, flags);
}

enum token_result token_open(const struct token_login *login, struct token *token)
{
    memset(token, 0, sizeof *token);
    enum token_result result = open_all(login, token);
    if (result != TOKEN_OK) token_close(token);
    return result;
}

/* Its return codes tell nothing that could still be acted upon. The last session to be closed logs
 * out, and session objects go with it. */
void token_close(struct token *token)
{
    if (token->has_session) p11(token)->C_CloseSession(token->session);
    if (token->must_finalize) p11(token)->C_Finalize(NULL);
    if (token->module != NULL) dlclose(token->module);
    token->has_session = token->must_finalize = false;
    token->module = NULL;
    token->functions = NULL;
}

enum token_result token_find_object(struct token *token, CK_OBJECT_CLASS object_class,
                                    CK_KEY_TYPE type, const char *label, CK_OBJECT_HANDLE *found)
{
    const CK_BBOOL yes = CK_TRUE;
    CK_ATTRIBUTE wanted[] = {
        attribute(CKA_CLASS, &object_class, sizeof object_class),
        attribute(CKA_KEY_TYPE, &type, sizeof type),
        attribute(CKA_TOKEN, &yes, sizeof yes),
        attribute(CKA_LABEL, label, strlen(label)),
    };
    CK_OBJECT_HANDLE handles[2];
    CK_ULONG count = 0;

    CK_RV rv = p11(token)->C_FindObjectsInit(token->session, wanted, COUNT_OF(wanted));
    if (rv != CKR_OK) return token_fail_rv(token, rv, "C_FindObjectsInit");
    rv = p11(token)->C_FindObjects(token->session, handles, COUNT_OF(handles), &count);
    CK_RV final = p11(token)->C_FindObjectsFinal(token->session);
    if (rv != CKR_OK) return token_fail_rv(token, rv, "C_FindObjects");
    if (final != CKR_OK) return token_fail_rv(token, final, "C_FindObjectsFinal");
    const char *what = type == CKK_AES                   ? "AES key"
                       : object_class == CKO_PRIVATE_KEY ? "EC private key"
                                                         : "EC public key";
    if (count == 0) {
        return token_fail(token, TOKEN_NOT_FOUND, "token \"%s\" has no %s labelled \"%s\"",
                          token->label, what, label);
    }
    if (count > 1) { /* a label need not be unique */
        return token_fail(token, TOKEN_AMBIGUOUS,
                          "token \"%s\" has more than one %s labelled \"%s\": which is meant?",
                          token->label, what, label);
    }
    *found = handles[0];
    return TOKEN_OK;
}

/* A shorter key would be the weakest link of a chain of 256-bit keys. */
static enum token_result is_aes_256(struct token *token, CK_OBJECT_HANDLE key)
{
    CK_ULONG len = 0;
    CK_ATTRIBUTE asked = attribute(CKA_VALUE_LEN, &len, sizeof len);
    CK_RV rv = p11(token)->C_GetAttributeValue(token->session, key, &asked, 1);

    if (rv != CKR_OK) return token_fail_rv(token, rv, "C_GetAttributeValue of the key's length");
    if (len == 32) return TOKEN_OK;
    return token_fail(token, TOKEN_UNFIT, "an AES key of %lu bytes: 32 are wanted", len);
}

enum token_result token_find(struct token *token, enum token_kind kind, const char *label,
                             struct token_key *key)
{
    bool aes = kind == TOKEN_AES;
    CK_OBJECT_HANDLE handle = 0;
    enum token_result result = token_find_object(token, aes ? CKO_SECRET_KEY : CKO_PRIVATE_KEY,
                                                 aes ? CKK_AES : CKK_EC, label, &handle);

    if (result == TOKEN_OK && aes) result = is_aes_256(token, handle);
    *key = (struct token_key){token, handle};
    return result;
}

enum token_result token_key_name(struct token *token, const char *label, char name[TOKEN_NAME_SIZE])
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    const char *parts[] = {"pkcs11:token=", token->label, ";object=", label};
    size_t len = 0;

    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        for (const char *at = parts[i]; *at != '\0'; at++) {
            bool as_it_is = i % 2 == 0 || strchr(plain, *at) != NULL;
            if (len + (as_it_is ? 1 : 3) >= TOKEN_NAME_SIZE) {
                return token_fail(token, TOKEN_UNFIT,
                                  "the labels of token and key make a name of more than %d bytes",
                                  TOKEN_NAME_SIZE - 1);
            }
            if (as_it_is)
                name[len++] = *at;
            else
                len += (size_t)snprintf(name + len, 4, "%%%02X", (unsigned)(unsigned char)*at);
        }
    }
    name[len] = '\0';
    return TOKEN_OK;
}
