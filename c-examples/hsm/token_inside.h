/* token_inside.h: what the token*.c files share, and nobody else includes. */
#ifndef HSM_TOKEN_INSIDE_H
#define HSM_TOKEN_INSIDE_H

#include <p11-kit/pkcs11.h>

#include "token.h"

static inline const CK_FUNCTION_LIST *p11(const struct token *token)
{
    return token->functions;
}

/* Templates are not written to, though their type says that they may be. */
static inline CK_ATTRIBUTE attribute(CK_ATTRIBUTE_TYPE type, const void *value, size_t len)
{
    return (CK_ATTRIBUTE){type, (void *)(uintptr_t)value, len};
}

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

/* The name of a CK_RV with what it means; never NULL. */
const char *token_rv_text(CK_RV rv);

/* Sets the message and returns the result, so that a failure is one statement. */
enum token_result token_fail(struct token *token, enum token_result result, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* For a failed call of the module: `call` is its name. PIN errors are TOKEN_PIN_REFUSED, all others
 * TOKEN_UNAVAILABLE. */
enum token_result token_fail_rv(struct token *token, CK_RV rv, const char *call);

/* Finds the one object of that class, key type and label. */
enum token_result token_find_object(struct token *token, CK_OBJECT_CLASS object_class,
                                    CK_KEY_TYPE type, const char *label, CK_OBJECT_HANDLE *found);

#endif
