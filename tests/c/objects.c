/* objects.c: the caller's memory of objects: made in memory that holds anything, moved by memcpy
 * where that is allowed and refused where it isn't, wiped to zeros; and const objects read by
 * threads.
 */
#include <pthread.h>

#include "calls.h"

/* An object, how it is made at any place, and how it ends. */
struct kind {
    const char *name;
    size_t size;
    const void *example; /* to be moved, or NULL for a pinned one */
    void (*make)(struct arg *);
    void (*wipe)(void *);
};

#define WIPE(name)                                                                                \
    static void wipe_##name(void *object) { coffre_##name##_wipe(object); }
WIPE(context)
WIPE(identity)
WIPE(recipient)
WIPE(session)
WIPE(id_key)
WIPE(v1_master)
WIPE(record)
WIPE(record_keys)
WIPE(workspace)
WIPE(block_reader)
WIPE(scrubber)
WIPE(record_writer)
WIPE(manifest_writer)
WIPE(manifest_reader)
WIPE(origin_key)
WIPE(origin)

MAKE_COPY(password_identity, &world.password, sizeof world.password)

static void wiping(void)
{
    static const struct kind kinds[] = {
        {"context", sizeof(coffre_context), &world.context, make_context, wipe_context},
        {"identity", sizeof(coffre_identity), &world.pair, make_pair, wipe_identity},
        {"KEK", sizeof(coffre_identity), &world.kek, make_kek, wipe_identity},
        {"recipient", sizeof(coffre_recipient), &world.pair_recipient, make_pair_recipient,
         wipe_recipient},
        {"session", sizeof(coffre_session), &world.session, make_session, wipe_session},
        {"id key", sizeof(coffre_id_key), &world.id_key, make_id_key, wipe_id_key},
        {"master key", sizeof(coffre_v1_master), &world.master, make_master, wipe_v1_master},
        {"password", sizeof(coffre_identity), &world.password, make_password_identity,
         wipe_identity},
        {"record", sizeof(coffre_record), &world.read, make_record, wipe_record},
        {"origin key", sizeof(coffre_origin_key), &world.origin_key, make_origin_key,
         wipe_origin_key},
        {"origin", sizeof(coffre_origin), &world.origin, make_origin, wipe_origin},
        {"record keys", sizeof(coffre_record_keys), &world.keys, make_keys, wipe_record_keys},
        {"workspace", sizeof(coffre_workspace), NULL, make_workspace, wipe_workspace},
        {"block reader", sizeof(coffre_block_reader), NULL, make_reader, wipe_block_reader},
        {"scrubber", sizeof(coffre_scrubber), NULL, make_scrubber, wipe_scrubber},
        {"record writer", sizeof(coffre_record_writer), NULL, make_writer, wipe_record_writer},
        {"manifest writer", sizeof(coffre_manifest_writer), NULL, make_manifest_writer,
         wipe_manifest_writer},
        {"manifest reader", sizeof(coffre_manifest_reader), NULL, make_manifest_reader,
         wipe_manifest_reader},
    };

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct arg arg;

        check_about(kinds[i].name);
        kinds[i].make(&arg);
        CHECK(arg.size == kinds[i].size && !is_zeroed(arg.at, arg.size));
        kinds[i].wipe(arg.at);
        CHECK(is_zeroed(arg.at, arg.size));
        kinds[i].wipe(arg.at); /* again, and what was never live, and nothing */
        CHECK(is_zeroed(arg.at, arg.size));
        poison(arg.at, arg.size);
        kinds[i].wipe(arg.at);
        CHECK(is_zeroed(arg.at, arg.size));
        kinds[i].wipe(NULL);
        if (kinds[i].example == NULL) { /* a moved one is not live, but wiped all the same */
            struct arg pinned;
            kinds[i].make(&pinned);
            memcpy(arg.at, pinned.at, arg.size);
            kinds[i].wipe(arg.at);
            CHECK(is_zeroed(arg.at, arg.size));
            kinds[i].wipe(pinned.at);
            arg_free(&pinned);
        }
        arg_free(&arg);
    }
}

/* Each object at another place, the old one destroyed, at every 8-byte step of a cache line. */
static void moving(void)
{
    struct world *w = &world;
    static uint8_t out[8192];
    uint64_t places[128];
    size_t len;
    uint8_t id[16];

    check_about("moved objects");
    for (size_t step = 0; step < 8; step++) {
        coffre_context *context = memcpy(places + step, &w->context, sizeof w->context);
        coffre_session *session = memcpy(context + 1, &w->session, sizeof w->session);

        EXPECT(COFFRE_OK, coffre_block_open(context, NULL, session, NULL, w->block, w->block_len,
                                            &w->workspace, out, sizeof out, &len));
        CHECK(len == WORLD_PLAIN && memcmp(out, w->plain, len) == 0);
        EXPECT(COFFRE_OK, coffre_session_id(session, id));
        CHECK(memcmp(id, w->session_id, 16) == 0);

        coffre_identity *identity = memcpy(places + step, &w->pair, sizeof w->pair);
        coffre_record_keys *keys = (coffre_record_keys *)(identity + 1);
        EXPECT(COFFRE_OK, coffre_record_open(&w->context, NULL, identity, &w->read, keys));
        coffre_record_keys *moved = memcpy(keys + 1, keys, sizeof *keys);
        coffre_record_keys_wipe(keys);
        coffre_session found;
        EXPECT(COFFRE_OK,
               coffre_record_session(&w->context, moved, &w->read, w->session_id, &found));
        EXPECT(COFFRE_ERR_BAD_STATE,
               coffre_record_session(&w->context, keys, &w->read, w->session_id, &found));
        CHECK(is_zeroed(&found, sizeof found));
    }
    /* A context that moved goes on drawing. */
    coffre_context moved;
    memcpy(&moved, &w->context, sizeof moved);
    EXPECT(COFFRE_OK, coffre_random_bytes(&moved, out, 64));
    coffre_context_wipe(&moved);
    EXPECT(COFFRE_ERR_BAD_STATE, coffre_random_bytes(&moved, out, 64));
}

/* A pinned object lives where it was made: its copy is refused, and it itself goes on. */
static void pinned(void)
{
    struct arg writer;
    coffre_record_writer copy;
    size_t len;

    check_about("pinned objects");
    make_writer(&writer);
    memcpy(&copy, writer.at, sizeof copy);
    EXPECT(COFFRE_ERR_BAD_STATE, coffre_record_add_session(&copy, &world.other_session));
    EXPECT(COFFRE_ERR_BAD_STATE, coffre_record_finish(&copy, &len, NULL));
    CHECK(len == 0);
    EXPECT(COFFRE_OK, coffre_record_add_session(writer.at, &world.other_session));
    EXPECT(COFFRE_OK, coffre_record_finish(writer.at, &len, NULL));
    CHECK(len == coffre_record_size(coffre_recipient_stanza_size(&world.kek_recipient), 2));
    arg_free(&writer);
}

/* A workspace keeps to its memory, at any address, and leaves zeros there. */
static void lent(void)
{
    struct world *w = &world;
    static uint8_t memory[COFFRE_SEAL_WORKSPACE + 16], out[8192];
    coffre_workspace workspace, copy;
    size_t len;

    check_about("lent memory");
    for (size_t off = 0; off <= 8; off++) {
        poison(memory, sizeof memory);
        lend(&workspace, memory + off, COFFRE_SEAL_WORKSPACE);
        EXPECT(COFFRE_OK, coffre_block_seal(&w->context, &w->session, &w->id, NULL, w->plain,
                                            WORLD_PLAIN, &workspace, out, sizeof out, &len, NULL));
        EXPECT(COFFRE_OK,
               coffre_block_open(&w->context, NULL, &w->session, NULL, w->block, w->block_len,
                                 &workspace, out, sizeof out, &len));
        CHECK(len == WORLD_PLAIN && memcmp(out, w->plain, len) == 0);
        CHECK(!is_kept_or_zeroed(memory + off, COFFRE_SEAL_WORKSPACE));
        memcpy(&copy, &workspace, sizeof copy);
        EXPECT(COFFRE_ERR_BAD_STATE,
               coffre_block_open(&w->context, NULL, &w->session, NULL, w->block, w->block_len,
                                 &copy, out, sizeof out, &len));
        coffre_workspace_wipe(&copy);
        CHECK(!is_kept_or_zeroed(memory + off, COFFRE_SEAL_WORKSPACE));
        coffre_workspace_wipe(&workspace);
        CHECK(is_zeroed(&workspace, sizeof workspace));
        CHECK(is_poisoned(memory, off) && is_zeroed(memory + off, COFFRE_SEAL_WORKSPACE));
        CHECK(is_poisoned(memory + off + COFFRE_SEAL_WORKSPACE, 16 - off));
    }
}

/* --- threads: each its own buffers, all the same const context, session, keys, identity --- */

#define THREADS 4
#define ROUNDS 200

struct thread {
    pthread_t id;
    unsigned number, failures;
};

static void *read_with_const(void *user)
{
    const struct world *w = &world;
    struct thread *thread = user;
    uint8_t *memory = malloc(COFFRE_OPEN_WORKSPACE), *out = malloc(WORLD_PLAIN);
    coffre_workspace workspace;
    coffre_block_id id, first;
    size_t len;

    if (memory == NULL || out == NULL ||
        coffre_workspace_init(&workspace, memory, COFFRE_OPEN_WORKSPACE) != COFFRE_OK) {
        thread->failures = ROUNDS;
        return NULL;
    }
    coffre_block_id_hash(&w->context, &w->id_key, w->plain, sizeof w->plain, &first);
    for (unsigned round = 0; round < ROUNDS; round++) {
        coffre_session session;
        coffre_record_keys keys;
        int good = coffre_block_open(&w->context, NULL, &w->session, NULL, w->block, w->block_len,
                                     &workspace, out, WORLD_PLAIN, &len) == COFFRE_OK;

        good = good && len == WORLD_PLAIN && memcmp(out, w->plain, len) == 0;
        good = good && coffre_record_session(&w->context, &w->keys, &w->read, w->session_id,
                                             &session) == COFFRE_OK;
        good = good && coffre_block_id_hash(&w->context, &w->id_key, w->plain, sizeof w->plain,
                                            &id) == COFFRE_OK;
        good = good && memcmp(&id, &first, sizeof id) == 0;
        if (round % 20 == 0)
            good = good && coffre_record_open(&w->context, NULL, &w->pair, &w->read,
                                              &keys) == COFFRE_OK;
        thread->failures += !good;
    }
    coffre_workspace_wipe(&workspace);
    free(memory);
    free(out);
    return NULL;
}

/* Each thread makes a context of its own at the same time, and seals with it. */
static void *seal_with_own(void *user)
{
    const struct world *w = &world;
    struct thread *thread = user;
    struct test_random source = {thread->number, 0, RANDOM_GOOD, 0};
    uint8_t *memory = malloc(COFFRE_SEAL_WORKSPACE), *out = malloc(8192);
    coffre_workspace workspace;
    coffre_context context;
    size_t len;

    if (memory == NULL || out == NULL ||
        coffre_workspace_init(&workspace, memory, COFFRE_SEAL_WORKSPACE) != COFFRE_OK ||
        test_random_context(&source, &context) != COFFRE_OK) {
        thread->failures = ROUNDS;
        return NULL;
    }
    for (unsigned round = 0; round < ROUNDS; round++)
        thread->failures += coffre_block_seal(&context, &w->session, &w->id, NULL, w->plain,
                                              WORLD_PLAIN, &workspace, out, 8192, &len,
                                              NULL) != COFFRE_OK;
    coffre_context_wipe(&context);
    coffre_workspace_wipe(&workspace);
    free(memory);
    free(out);
    return NULL;
}

static void threads(void *(*work)(void *))
{
    struct thread all[THREADS];

    memset(all, 0, sizeof all);
    for (unsigned i = 0; i < THREADS; i++) {
        all[i].number = i + 1;
        CHECK(pthread_create(&all[i].id, NULL, work, &all[i]) == 0);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        CHECK(pthread_join(all[i].id, NULL) == 0);
        CHECK(all[i].failures == 0);
    }
}

int main(void)
{
    world_make();
    wiping();
    moving();
    pinned();
    lent();
    check_about("threads that read");
    threads(read_with_const);
    check_about("threads that seal");
    threads(seal_with_own);
    return check_end();
}
