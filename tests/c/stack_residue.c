/* After a call that makes, opens or moves keys, no copy of them stays on the stack.
 *
 * Each object is searched for on the stack below the caller, 32 bytes at a time. It knows nothing
 * of registers or of the caller's own copies. AddressSanitizer keeps locals elsewhere: SKIPPED.
 */
#include "check.h"
#include "coffre.h"

#include <string.h>

#if !defined(__SANITIZE_ADDRESS__)
#define BELOW 60000u /* how far down calls are taken to reach */
#define OWN 600u     /* what the search itself uses */

static coffre_context context;
static coffre_identity identity;
static coffre_recipient recipient;
static coffre_session session, found;
static coffre_id_key id_key;
static coffre_record_writer writer;
static coffre_record_keys keys;
static uint8_t record[4096], session_id[16];
static size_t record_len;

static int is_zero(const uint8_t *bytes)
{
    for (size_t i = 0; i < 32; i++)
        if (bytes[i] != 0) return 0;
    return 1;
}

/* How many 32-byte windows of an object, after its tag, lie on the stack below. */
static __attribute__((noinline)) unsigned residue(const void *object, size_t size)
{
    volatile uint8_t here = 0;
    const uint8_t *top = (const uint8_t *)&here, *bytes = object;
    unsigned count = 0;

    for (size_t at = 8; at + 32 <= size; at += 8) {
        if (is_zero(bytes + at)) continue;
        for (const uint8_t *low = top - BELOW; low < top - OWN; low++) {
            if (memcmp(low, bytes + at, 32) != 0) continue;
            count++;
            break;
        }
    }
    return count;
}

#define CLEAN(object, call)                              \
    do {                                                 \
        check_about(#call);                              \
        EXPECT(COFFRE_OK, call);                         \
        CHECK(residue(&(object), sizeof(object)) == 0u); \
    } while (0)

int main(void)
{
    static const uint8_t instance[16] = "an instance", point[16] = "a point", kek[32] = "a key";

    EXPECT(COFFRE_OK, coffre_context_init(&context, NULL));
    CLEAN(identity, coffre_identity_from_kek(&context, kek, sizeof kek, &identity));
    CLEAN(identity, coffre_identity_generate(&context, &identity));
    CLEAN(session, coffre_session_generate(&context, &session));
    CLEAN(id_key, coffre_id_key_generate(&context, 1, &id_key));
    EXPECT(COFFRE_OK, coffre_identity_recipient(&identity, &recipient));
    CLEAN(writer, coffre_record_create(&context, COFFRE_KEY_RECORD, instance, point, 1, record,
                                       sizeof record, &writer));
    CLEAN(writer, coffre_record_add_recipient(&context, &writer, &recipient));
    CLEAN(session, coffre_record_add_session(&writer, &session));
    CLEAN(keys, coffre_record_finish(&writer, &record_len, &keys));
    CLEAN(keys, coffre_record_open(&context, NULL, &identity, record, record_len, &keys));
    EXPECT(COFFRE_OK, coffre_session_id(&session, session_id));
    CLEAN(found, coffre_record_session(&context, &keys, record, record_len, session_id, &found));
    return check_end();
}
#else
int main(void)
{
    printf("SKIPPED: AddressSanitizer keeps locals elsewhere\n");
    return 77;
}
#endif
