/* token_errors.c: what a module's return codes mean, and the message of the last failure. */
#include "token_inside.h"

#include <stdarg.h>
#include <stdio.h>

#define ROW(rv, text)                                                                              \
    {                                                                                              \
        rv, #rv ": " text                                                                          \
    }

/* The codes that an operator meets; the rest are printed as a number. */
static const struct {
    CK_RV rv;
    const char *text;
} MEANINGS[] = {
    ROW(CKR_HOST_MEMORY, "no memory"),
    ROW(CKR_SLOT_ID_INVALID, "the token's slot is gone"),
    ROW(CKR_GENERAL_ERROR, "the module does not say why"),
    ROW(CKR_FUNCTION_FAILED, "the module does not say why"),
    ROW(CKR_ARGUMENTS_BAD, "the module does not take these arguments"),
    ROW(CKR_CANT_LOCK, "the module cannot lock"),
    ROW(CKR_ATTRIBUTE_SENSITIVE, "the token does not hand this out"),
    ROW(CKR_ATTRIBUTE_TYPE_INVALID, "the token does not know this attribute"),
    ROW(CKR_ATTRIBUTE_VALUE_INVALID, "the token does not take this attribute's value"),
    ROW(CKR_ACTION_PROHIBITED, "the token's policy forbids it"),
    ROW(CKR_DATA_INVALID, "the data are not valid"),
    ROW(CKR_DATA_LEN_RANGE, "the data have a wrong length"),
    ROW(CKR_DEVICE_ERROR, "the token or its slot has a problem"),
    ROW(CKR_DEVICE_MEMORY, "the token is full"),
    ROW(CKR_DEVICE_REMOVED, "the token was removed"),
    ROW(CKR_ENCRYPTED_DATA_INVALID, "the encrypted data are not valid"),
    ROW(CKR_ENCRYPTED_DATA_LEN_RANGE, "the encrypted data have a wrong length"),
    ROW(CKR_FUNCTION_CANCELED, "cancelled"),
    ROW(CKR_FUNCTION_NOT_SUPPORTED, "the module has no such function"),
    ROW(CKR_KEY_HANDLE_INVALID, "the key is gone"),
    ROW(CKR_KEY_SIZE_RANGE, "a key of a wrong size"),
    ROW(CKR_KEY_TYPE_INCONSISTENT, "a key of a wrong type"),
    ROW(CKR_KEY_FUNCTION_NOT_PERMITTED, "the key may not be used for this"),
    ROW(CKR_KEY_NOT_WRAPPABLE, "the token does not wrap this key"),
    ROW(CKR_MECHANISM_INVALID, "the token has no such mechanism"),
    ROW(CKR_MECHANISM_PARAM_INVALID, "the mechanism's parameters are not valid"),
    ROW(CKR_OBJECT_HANDLE_INVALID, "the object is gone"),
    ROW(CKR_OPERATION_ACTIVE, "the session is busy with another operation"),
    ROW(CKR_PIN_INCORRECT, "wrong PIN"),
    ROW(CKR_PIN_INVALID, "the PIN has characters that the token does not take"),
    ROW(CKR_PIN_LEN_RANGE, "the PIN is too short or too long"),
    ROW(CKR_PIN_EXPIRED, "the PIN has expired"),
    ROW(CKR_PIN_LOCKED, "the PIN is locked after too many wrong ones"),
    ROW(CKR_PUBLIC_KEY_INVALID, "the public key is not valid"),
    ROW(CKR_SESSION_CLOSED, "the session was closed"),
    ROW(CKR_SESSION_COUNT, "the token has no further session"),
    ROW(CKR_SESSION_HANDLE_INVALID, "the session is gone"),
    ROW(CKR_SESSION_READ_ONLY, "the session may only read"),
    ROW(CKR_TEMPLATE_INCOMPLETE, "the token wants more attributes"),
    ROW(CKR_TEMPLATE_INCONSISTENT, "the token does not take these attributes together"),
    ROW(CKR_TOKEN_NOT_PRESENT, "the token is not there"),
    ROW(CKR_TOKEN_NOT_RECOGNIZED, "the slot does not recognize the token"),
    ROW(CKR_TOKEN_WRITE_PROTECTED, "the token is write-protected"),
    ROW(CKR_UNWRAPPING_KEY_HANDLE_INVALID, "the key is gone"),
    ROW(CKR_UNWRAPPING_KEY_TYPE_INCONSISTENT, "the key cannot unwrap in this way"),
    ROW(CKR_USER_NOT_LOGGED_IN, "not logged in"),
    ROW(CKR_USER_PIN_NOT_INITIALIZED, "the token has no user PIN yet"),
    ROW(CKR_USER_ANOTHER_ALREADY_LOGGED_IN, "another user is logged in"),
    ROW(CKR_WRAPPED_KEY_INVALID, "the wrapped key is not valid"),
    ROW(CKR_WRAPPED_KEY_LEN_RANGE, "the wrapped key has a wrong length"),
    ROW(CKR_WRAPPING_KEY_HANDLE_INVALID, "the key is gone"),
    ROW(CKR_WRAPPING_KEY_TYPE_INCONSISTENT, "the key cannot wrap in this way"),
    ROW(CKR_BUFFER_TOO_SMALL, "the result is longer than expected"),
    ROW(CKR_CRYPTOKI_NOT_INITIALIZED, "the module is not initialized, as after a fork"),
};

const char *token_rv_text(CK_RV rv)
{
    for (size_t i = 0; i < COUNT_OF(MEANINGS); i++) {
        if (MEANINGS[i].rv == rv) return MEANINGS[i].text;
    }
    return "a code that has no name here";
}

enum token_result token_fail(struct token *token, enum token_result result, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    if (vsnprintf(token->problem, sizeof token->problem, format, arguments) < 0)
        token->problem[0] = '\0';
    va_end(arguments);
    return result;
}

enum token_result token_fail_rv(struct token *token, CK_RV rv, const char *call)
{
    bool pin = rv == CKR_PIN_INCORRECT || rv == CKR_PIN_INVALID || rv == CKR_PIN_LEN_RANGE ||
               rv == CKR_PIN_EXPIRED || rv == CKR_PIN_LOCKED;

    return token_fail(token, pin ? TOKEN_PIN_REFUSED : TOKEN_UNAVAILABLE, "%s gave 0x%lx, %s", call,
                      rv, token_rv_text(rv));
}

void token_wipe(void *bytes, size_t len)
{
    volatile uint8_t *at = bytes;

    while (len-- > 0)
        *at++ = 0;
}
