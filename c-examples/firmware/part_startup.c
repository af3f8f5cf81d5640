/* part_startup.c: the start-up challenge: before anything depends on the key at hand, the machine
 * checks that it opens what it has to open. A wrong key is found out now, by name, and not in a
 * year's restore.
 */
#include "pc_image.h"
#include "part.h"

#include <string.h>

static coffre_context context;
static coffre_identity right, wrong;

/* Checks a record in flash, prints the verdict as an operator would want it, and compares it. */
static coffre_challenge_report start_with(const coffre_identity *identity, uint64_t lowest,
                                          const uint8_t *record, size_t len, coffre_status expected,
                                          const char *what)
{
    coffre_challenge_report report;
    coffre_status status =
        coffre_challenge_check(&context, identity, image_instance, lowest, record, len, &report);

    if (status == COFFRE_ERR_WRONG_KEY) {
        part_print("the record expects key ");
        part_print_key_id(report.expected_key_id);
        part_print(", the key at hand is ");
        part_print_key_id(report.found_key_id);
        part_print("\n");
    }
    part_print(coffre_challenge_verdict(status));
    part_print(":\n");
    part_expect(expected, status, what);
    return report;
}

static void challenge(void)
{
    uint8_t copy[512], id[16];
    coffre_challenge_report report;

    start_with(&right, IMAGE_CHALLENGE_GENERATION, image_challenge, image_challenge_len, COFFRE_OK,
               "the right key");

    report = start_with(&wrong, 0, image_challenge, image_challenge_len, COFFRE_ERR_WRONG_KEY,
                        "another key");
    part_must(coffre_identity_id(&right, id), "right key's id");
    part_check(memcmp(report.expected_key_id, id, sizeof id) == 0, "the expected key is named");
    part_must(coffre_identity_id(&wrong, id), "wrong key's id");
    part_check(memcmp(report.found_key_id, id, sizeof id) == 0, "the found key is named");

    memcpy(copy, image_challenge, image_challenge_len);
    copy[image_challenge_len / 2] ^= 1;
    start_with(&right, 0, copy, image_challenge_len, COFFRE_ERR_DAMAGED, "a flipped bit");
    start_with(&right, 0, image_challenge, image_challenge_len - 1, COFFRE_ERR_MALFORMED,
               "a byte is missing");
    start_with(&right, IMAGE_CHALLENGE_GENERATION + 1, image_challenge, image_challenge_len,
               COFFRE_ERR_STALE, "an old challenge");
    memset(copy, 0x77, 16);
    part_expect(COFFRE_ERR_FOREIGN,
                coffre_challenge_check(&context, &right, copy, 0, image_challenge,
                                       image_challenge_len, NULL),
                "another machine's challenge");
}

/* A key record can be checked in the same way, and opened after that. */
static void key_record(const coffre_identity *identity, const char *whose)
{
    coffre_record record;
    coffre_record_keys keys;
    coffre_session session;

    start_with(identity, IMAGE_RECORD_GENERATION, image_key_record, image_key_record_len, COFFRE_OK,
               whose);
    part_must(coffre_record_read(image_key_record, image_key_record_len, &record), "key record");
    part_must(coffre_record_open(&context, NULL, identity, &record, &keys), "its keys");
    part_expect(COFFRE_OK,
                coffre_record_session(&context, &keys, &record, image_session_id, &session),
                "the session key of the backup");
    coffre_session_wipe(&session);
    coffre_record_keys_wipe(&keys);
    coffre_record_wipe(&record);
}

int main(void)
{
    part_begin(&context);
    part_must(coffre_identity_from_kek(&context, image_kek, sizeof image_kek, &right), "KEK");
    part_must(coffre_identity_from_kek(&context, image_other_kek, 32, &wrong), "other KEK");
    challenge();
    key_record(&right, "the key record in flash, by the KEK");
    coffre_identity_wipe(&wrong);
    coffre_identity_wipe(&right);
    if (part_has(COFFRE_FEATURE_PUBLIC_KEY)) {
        part_must(coffre_identity_read(&context, image_private_key, image_private_key_len, &right),
                  "private key");
        key_record(&right, "the key record in flash, by a private key");
        coffre_identity_wipe(&right);
    }
    coffre_context_wipe(&context);
    return part_end();
}
