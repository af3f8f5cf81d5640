/* failing_module.c: a PKCS#11 module that hands everything on to the module $REAL_MODULE, but for
 * the call $FAILING_CALL, which returns the number $FAILING_RV instead. It stands for tokens that
 * are removed, lose their session, or break, while they are in use. */
#include <dlfcn.h>
#include <p11-kit/pkcs11.h>
#include <stdlib.h>
#include <string.h>

static CK_FUNCTION_LIST changed, *real;

static int fails(const char *call, CK_RV *rv)
{
    const char *which = getenv("FAILING_CALL"), *number = getenv("FAILING_RV");

    if (which == NULL || number == NULL || strcmp(which, call) != 0) return 0;
    *rv = strtoul(number, NULL, 0);
    return 1;
}

/* call(NAME, what the prototype has, what is handed on) */
#define CALL(name, parameters, arguments)                                                          \
    static CK_RV my_##name parameters                                                              \
    {                                                                                              \
        CK_RV rv;                                                                                  \
        return fails(#name, &rv) ? rv : real->name arguments;                                      \
    }

CALL(C_CreateObject,
     (CK_SESSION_HANDLE session, CK_ATTRIBUTE *template, CK_ULONG count, CK_OBJECT_HANDLE *object),
     (session, template, count, object))
CALL(C_DestroyObject, (CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object), (session, object))
CALL(C_GetTokenInfo, (CK_SLOT_ID slot, CK_TOKEN_INFO *info), (slot, info))
CALL(C_WrapKey,
     (CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE kek,
      CK_OBJECT_HANDLE key, CK_BYTE *wrapped, CK_ULONG *len),
     (session, mechanism, kek, key, wrapped, len))
CALL(C_UnwrapKey,
     (CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE kek, CK_BYTE *wrapped,
      CK_ULONG len, CK_ATTRIBUTE *template, CK_ULONG count, CK_OBJECT_HANDLE *key),
     (session, mechanism, kek, wrapped, len, template, count, key))
CALL(C_DeriveKey,
     (CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE base,
      CK_ATTRIBUTE *template, CK_ULONG count, CK_OBJECT_HANDLE *key),
     (session, mechanism, base, template, count, key))

CK_RV C_GetFunctionList(CK_FUNCTION_LIST **list)
{
    void *module = dlopen(getenv("REAL_MODULE"), RTLD_NOW | RTLD_LOCAL), *symbol;
    CK_C_GetFunctionList get_list;

    if (module == NULL || (symbol = dlsym(module, "C_GetFunctionList")) == NULL)
        return CKR_GENERAL_ERROR;
    memcpy(&get_list, &symbol, sizeof get_list);
    CK_RV rv = get_list(&real);
    if (rv != CKR_OK) return rv;
    changed = *real;
    changed.C_CreateObject = my_C_CreateObject;
    changed.C_DestroyObject = my_C_DestroyObject;
    changed.C_GetTokenInfo = my_C_GetTokenInfo;
    changed.C_WrapKey = my_C_WrapKey;
    changed.C_UnwrapKey = my_C_UnwrapKey;
    changed.C_DeriveKey = my_C_DeriveKey;
    *list = &changed;
    return CKR_OK;
}
