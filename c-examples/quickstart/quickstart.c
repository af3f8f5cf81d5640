/* quickstart.c: the shortest useful program with coffre: a key, a sealed block, the block opened, a
 * flipped bit.
 *
 * Read it from top to bottom. It knows nothing of files: block and key record are arrays here, and
 * what a backup program stores. ../appliance shows where they go, and what else a product needs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "coffre.h"

static void must(coffre_status status, const char *what)
{
    if (status == COFFRE_OK) return;
    fprintf(stderr, "%s: %s (%s)\n", what, coffre_status_message(status),
            coffre_status_name(status));
    exit(EXIT_FAILURE);
}

int main(void)
{
    static const uint8_t plain[] =
        "One block of a disk image, or whatever else has to come back unchanged.";
    static const uint8_t instance[16] = "one machine"; /* both ids are random in a product */
    static const uint8_t point[16] = "one backup";
    static uint8_t block[COFFRE_BLOCK_SEALED_MAX(sizeof plain)], opened[sizeof plain], record[1024];
    size_t block_len = 0, opened_len = 0, record_len = 0;

    coffre_context context; /* runs the self-tests; every call takes it: there are no globals */
    must(coffre_context_init(&context, NULL), "self-tests");
    size_t memory_len = coffre_seal_workspace(sizeof plain, NULL);
    if (memory_len < coffre_open_workspace()) memory_len = coffre_open_workspace();
    uint8_t *memory = malloc(memory_len); /* the library never allocates */
    coffre_workspace workspace;           /* serves call after call; one for each thread */
    if (memory == NULL) return EXIT_FAILURE;
    must(coffre_workspace_init(&workspace, memory, memory_len), "workspace");

    /* The key pair of the operator, a session key for this run, and the record that holds the
     * second under the first. */
    coffre_identity identity;
    coffre_recipient recipient;
    coffre_session session;
    coffre_record_writer writer;
    must(coffre_identity_generate(&context, &identity), "key pair");
    must(coffre_identity_recipient(&identity, &recipient), "public key");
    must(coffre_session_generate(&context, &session), "session key");
    must(coffre_record_create(&context, COFFRE_KEY_RECORD, instance, point, 1, record,
                              sizeof record, &writer),
         "record");
    must(coffre_record_add_recipient(&context, &writer, &recipient), "recipient");
    must(coffre_record_add_session(&writer, &session), "session key into record");
    must(coffre_record_finish(&writer, &record_len, NULL), "record's end");

    coffre_block_id id;
    uint8_t session_id[16];
    coffre_block_id_position(7, &id);
    must(coffre_session_id(&session, session_id), "session id");
    must(coffre_block_seal(&context, &session, &id, NULL, plain, sizeof plain, &workspace, block,
                           sizeof block, &block_len, NULL),
         "seal");
    coffre_session_wipe(
        &session); /* from here on there are the key pair, the record and the block, as on disk */
    printf("sealed %zu bytes into %zu, with a key record of %zu\n", sizeof plain, block_len,
           record_len);

    coffre_record read;
    coffre_record_keys keys;
    must(coffre_record_read(record, record_len, &read), "read the record");
    must(coffre_record_open(&context, NULL, &identity, &read, &keys), "open the record");
    must(coffre_record_session(&context, &keys, &read, session_id, &session), "its session key");
    must(coffre_block_open(&context, NULL, &session, NULL, block, block_len, &workspace, opened,
                           sizeof opened, &opened_len),
         "open");
    if (opened_len != sizeof plain || memcmp(opened, plain, sizeof plain) != 0) return EXIT_FAILURE;
    printf("opened: %s\n", (const char *)opened);

    block[block_len / 2] ^= 1;
    coffre_status flipped =
        coffre_block_open(&context, NULL, &session, NULL, block, block_len, &workspace, opened,
                          sizeof opened, &opened_len);
    printf("one bit flipped: %s, %zu bytes handed out\n", coffre_status_name(flipped), opened_len);

    coffre_record_keys_wipe(&keys);
    coffre_record_wipe(&read);
    coffre_session_wipe(&session);
    coffre_identity_wipe(&identity);
    coffre_workspace_wipe(&workspace); /* zeroes its memory, in which plaintext was */
    coffre_context_wipe(&context);
    free(memory);
    return flipped == COFFRE_OK ? EXIT_FAILURE : EXIT_SUCCESS;
}
