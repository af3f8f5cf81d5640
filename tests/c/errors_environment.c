/* errors_environment.c: random sources that fail, stand still or repeat; sinks that are NULL or
 * refuse.
 */
#include "calls.h"

static coffre_recipient service; /* a key service's; it wraps nothing when there is no key */

static int32_t copying_wrap(void *user, const uint8_t *key, uint8_t *sealed, size_t cap,
                            size_t *sealed_len)
{
    (void)user;
    memcpy(sealed, key, cap < 32 ? cap : 32);
    *sealed_len = 32;
    return 0;
}

static void make_key_service(void)
{
    coffre_key_service said = COFFRE_KEY_SERVICE_INIT;
    coffre_identity identity;

    said.name = "a service", said.wrap = copying_wrap;
    check_must(coffre_identity_external(&world.context, &said, &identity), "service");
    check_must(coffre_identity_recipient(&identity, &service), "its recipient");
}

/* Adds a recipient to a record, and puts it in the place of another. */
static coffre_status draw_for(coffre_context *context, const coffre_recipient *recipient)
{
    struct world *w = &world;
    uint8_t bytes[1024];
    coffre_record_writer writer;
    coffre_record record;
    coffre_record_info info;
    coffre_record_recipient seen;
    coffre_status status;
    size_t len;

    check_must(coffre_record_create(&w->context, COFFRE_KEY_RECORD, w->instance, w->point, 1,
                                    bytes, sizeof bytes, &writer),
               "writer");
    check_must(coffre_record_add_recipient(&w->context, &writer, &w->kek_recipient), "KEK");
    status = coffre_record_add_recipient(context, &writer, recipient);
    if (status == COFFRE_OK) {
        check_must(coffre_recipient_id(recipient, seen.id), "id");
        return coffre_record_replace_recipient(context, &writer, seen.id, recipient);
    }
    /* Nothing was added or taken away, and the record goes on. */
    EXPECT(status, coffre_record_replace_recipient(context, &writer, w->kek_id, recipient));
    EXPECT(COFFRE_OK, coffre_record_finish(&writer, &len, NULL));
    EXPECT(COFFRE_OK, coffre_record_read(bytes, len, &record));
    EXPECT(COFFRE_OK, coffre_record_inspect(&record, &info));
    EXPECT(COFFRE_OK, coffre_record_recipient_at(&record, 0, &seen));
    CHECK(info.recipient_count == 1 && memcmp(seen.id, w->kek_id, 16) == 0);
    return status;
}

/* Whatever draws random bytes, and what it makes. */
static coffre_status draw(unsigned which, coffre_context *context)
{
    struct world *w = &world;
    static uint8_t out[8192], extra[40];
    static uint64_t object[256];
    coffre_policy old = policy_lowest(1);
    coffre_password_options options = world_password_options();
    coffre_status status = COFFRE_OK;
    size_t len = 0;

    poison(out, sizeof out);
    poison(object, sizeof object);
    poison(extra, sizeof extra);
    switch (which) {
    case 0: status = coffre_random_bytes(context, out, 100); break;
    case 1: status = coffre_identity_generate(context, (coffre_identity *)object); break;
    case 2: status = coffre_session_generate(context, (coffre_session *)object); break;
    case 3: status = coffre_id_key_generate(context, 1, (coffre_id_key *)object); break;
    case 4:
        status = coffre_block_seal(context, &w->session, &w->id, NULL, w->plain, WORLD_PLAIN,
                                   &w->workspace, out, sizeof out, &len, NULL);
        break;
    case 5:
        status = coffre_v1_seal(context, &old, &w->master, w->plain, WORLD_PLAIN, &w->workspace,
                                out, sizeof out, &len, extra);
        CHECK(status == COFFRE_OK || is_zeroed(extra, 40));
        break;
    case 6:
        status = coffre_metadata_seal(context, &w->keys, w->plain, 50, &w->workspace, out,
                                      sizeof out, &len, extra);
        CHECK(status == COFFRE_OK || is_zeroed(extra, 32));
        break;
    case 7:
        status = coffre_challenge_create(context, &w->pair_recipient, w->instance, 1, out,
                                         sizeof out, &len);
        break;
    case 8:
        status = coffre_record_create(context, COFFRE_KEY_RECORD, w->instance, w->point, 1, out,
                                      sizeof out, (coffre_record_writer *)object);
        break;
    case 9:
        status = coffre_record_rotate(context, &w->keys, &w->read, 9, out, sizeof out,
                                      (coffre_record_writer *)object);
        break;
    case 10:
        status = coffre_password_set(context, &options, w->plain, 100, w->scratch,
                                     sizeof w->scratch, (coffre_identity *)object);
        break;
    case 11: status = coffre_origin_key_generate(context, (coffre_origin_key *)object); break;
    case 12:
        status = coffre_kit_create(context, &w->kek, &options, w->plain, 100, w->scratch,
                                   sizeof w->scratch, out, sizeof out, &len);
        break;
    case 13:
        return draw_for(context, &w->pair_recipient);
    default:
        return draw_for(context, &service);
    }
    if (status != COFFRE_OK) {
        CHECK(len == 0 && is_kept_or_zeroed(out, sizeof out));
        CHECK(is_kept_or_zeroed(object, sizeof object) && object[0] != (uint64_t)POISON * 0x0101);
    }
    return status;
}

#define DRAWERS 15

/* After any number of good draws each fault is seen at once; a later good draw works again. */
static void random_sources(void)
{
    char about[64];

    for (unsigned which = 0; which < DRAWERS; which++) {
        struct test_random good = {5, 0, RANDOM_GOOD, 0};
        coffre_context context;
        unsigned draws;

        check_must(test_random_context(&good, &context), "context");
        good.draws = 0;
        snprintf(about, sizeof about, "drawer %u", which);
        check_about(about);
        EXPECT(COFFRE_OK, draw(which, &context));
        draws = good.draws;
        CHECK(draws >= 1);
        for (unsigned n = 0; n < draws; n++) {
            struct test_random fails = {5, n, RANDOM_FAILS, 0};
            struct test_random stuck = {5, n, RANDOM_CONSTANT, 0};

            check_must(test_random_context(&fails, &context), "context");
            EXPECT(COFFRE_ERR_RANDOM, draw(which, &context));
            fails.fault = RANDOM_GOOD;
            EXPECT(COFFRE_OK, draw(which, &context));
            check_must(test_random_context(&stuck, &context), "context");
            EXPECT(COFFRE_ERR_RANDOM, draw(which, &context));
            stuck.fault = RANDOM_GOOD;
            EXPECT(COFFRE_OK, draw(which, &context));
        }
        struct test_random repeats = {5, 0, RANDOM_REPEATS, 0};
        check_must(test_random_context(&repeats, &context), "context");
        coffre_status first = draw(which, &context); /* one draw is not yet a repeat */
        EXPECT(COFFRE_ERR_RANDOM_REPEATED, first == COFFRE_OK ? draw(which, &context) : first);
        EXPECT(COFFRE_ERR_RANDOM_REPEATED, draw(which, &context));
    }
}

/* Equal bytes from the source in two places give different keys. */
static void hedge(void)
{
    struct test_random first = {77, 0, RANDOM_GOOD, 0}, second = {77, 0, RANDOM_GOOD, 0};
    coffre_context one, two;
    uint8_t a[64], b[64], zeros[64] = {0};

    check_about("random bytes");
    check_must(test_random_context(&first, &one), "context");
    check_must(test_random_context(&second, &two), "context");
    EXPECT(COFFRE_OK, coffre_random_bytes(&one, a, sizeof a));
    EXPECT(COFFRE_OK, coffre_random_bytes(&two, b, sizeof b));
    CHECK(memcmp(a, b, sizeof a) == 0 && memcmp(a, zeros, sizeof a) != 0);
    CHECK(memcmp(a, a + 32, 32) != 0);
    EXPECT(COFFRE_OK, coffre_random_bytes(&one, b, sizeof b));
    CHECK(memcmp(a, b, sizeof a) != 0);
    EXPECT(COFFRE_OK, coffre_random_bytes(&one, NULL, 0));
    for (size_t len = 1; len < sizeof a; len++) {
        poison(a, sizeof a);
        EXPECT(COFFRE_OK, coffre_random_bytes(&one, a, len));
        CHECK(is_poisoned(a + len, sizeof a - len));
    }
}

static void sinks(void)
{
    struct world *w = &world;
    struct arg reader, writer;
    coffre_manifest_info info = w->manifest_info;
    coffre_manifest_writer begun;
    const uint8_t *rest = w->block + COFFRE_BLOCK_HEADER_SIZE;
    size_t rest_len = w->block_len - COFFRE_BLOCK_HEADER_SIZE;

    check_about("sinks of a block");
    make_reader(&reader);
    EXPECT(COFFRE_ERR_INVALID_ARGUMENT,
           coffre_block_reader_push(reader.at, rest, rest_len, NULL, NULL));
    EXPECT(COFFRE_OK, coffre_block_reader_push(reader.at, rest, rest_len, null_sink, NULL));
    EXPECT(COFFRE_OK, coffre_block_reader_finish(reader.at));
    arg_free(&reader);
    make_reader(&reader);
    EXPECT(COFFRE_ERR_CALLBACK,
           coffre_block_reader_push(reader.at, rest, rest_len, failing_sink, NULL));
    EXPECT(COFFRE_ERR_BAD_STATE,
           coffre_block_reader_push(reader.at, rest, rest_len, null_sink, NULL));
    EXPECT(COFFRE_ERR_BAD_STATE, coffre_block_reader_finish(reader.at));
    arg_free(&reader);

    check_about("sinks of a manifest");
    EXPECT(COFFRE_ERR_INVALID_ARGUMENT,
           coffre_manifest_begin(&w->context, &w->keys, &info, NULL, NULL, &begun));
    EXPECT(COFFRE_ERR_CALLBACK,
           coffre_manifest_begin(&w->context, &w->keys, &info, failing_sink, NULL, &begun));
    CHECK(is_zeroed(&begun, sizeof begun));
    make_manifest_writer(&writer);
    EXPECT(COFFRE_ERR_INVALID_ARGUMENT, coffre_manifest_add(writer.at, &w->entry, NULL, NULL));
    EXPECT(COFFRE_ERR_CALLBACK, coffre_manifest_add(writer.at, &w->entry, failing_sink, NULL));
    EXPECT(COFFRE_ERR_BAD_STATE, coffre_manifest_add(writer.at, &w->entry, null_sink, NULL));
    arg_free(&writer);
    make_full_manifest_writer(&writer);
    EXPECT(COFFRE_ERR_INVALID_ARGUMENT, coffre_manifest_finish(writer.at, NULL, NULL, NULL));
    EXPECT(COFFRE_ERR_CALLBACK, coffre_manifest_finish(writer.at, failing_sink, NULL, NULL));
    EXPECT(COFFRE_ERR_BAD_STATE, coffre_manifest_finish(writer.at, null_sink, NULL, NULL));
    arg_free(&writer);
}

/* Numbers that are no status have a name and a message, too. */
static void unknown_statuses(void)
{
    static const coffre_status numbers[] = {1, -10, -84, -1000, INT32_MIN, INT32_MAX};

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        CHECK(*coffre_status_name(numbers[i]) != '\0');
        CHECK(*coffre_status_message(numbers[i]) != '\0');
    }
    CHECK(coffre_version() != NULL && *coffre_version() != '\0');
    CHECK(strcmp(coffre_status_name(COFFRE_OK), "COFFRE_OK") == 0);
    CHECK(strcmp(coffre_status_name(COFFRE_ERR_STALE), "COFFRE_ERR_STALE") == 0);
}

int main(void)
{
    world_make();
    make_key_service();
    random_sources();
    hedge();
    sinks();
    unknown_statuses();
    return check_end();
}
