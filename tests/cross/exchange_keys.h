/* exchange_keys.h: key files, and records for each kind of recipient; challenge, slots and kits.
 */
#ifndef EXCHANGE_KEYS_H
#define EXCHANGE_KEYS_H

#define RECORD_MAX 1024

static coffre_password_options pbkdf2_options(void)
{
    coffre_password_options options = COFFRE_PASSWORD_OPTIONS_INIT;

    options.iterations = 1000;
    options.hint = (const uint8_t *)"lamps";
    options.hint_len = 5;
    return options;
}

/* --- write --- */

static void write_kits(void)
{
    struct world *w = &world;
    coffre_password_options options = pbkdf2_options();
    uint8_t kit[COFFRE_KIT_SIZE];
    char text[COFFRE_KIT_TEXT_MAX];
    size_t len;

    put("kek.kit", w->kit, sizeof w->kit);
    check_about("kits");
    EXPECT(COFFRE_OK, coffre_kit_to_text(w->kit, sizeof w->kit, COFFRE_KIT_LINES, text,
                                         sizeof text, &len));
    put("kek.kit.lines", text, len);
    EXPECT(COFFRE_OK, coffre_kit_to_text(w->kit, sizeof w->kit, COFFRE_KIT_SCAN, text,
                                         sizeof text, &len));
    put("kek.kit.scan", text, len);
    options.hint = NULL, options.hint_len = 0;
    EXPECT(COFFRE_OK, coffre_kit_create(&w->context, &w->pair, &options,
                                        (const uint8_t *)WORLD_PASSWORD, sizeof WORLD_PASSWORD - 1,
                                        NULL, 0, kit, sizeof kit, &len));
    put("pair.kit", kit, len);
}

/* The record, one generation later and with another session, in the other slot; and under another
 * storage key. */
static void write_next_records(void)
{
    struct world *w = &world;
    uint8_t bytes[RECORD_MAX];
    size_t len;
    coffre_record_writer writer;

    put("slot_0", w->record, w->record_len);
    check_about("next records");
    EXPECT(COFFRE_OK, coffre_record_edit(&w->context, &w->keys, &w->read, 4, bytes, sizeof bytes,
                                         &writer));
    EXPECT(COFFRE_OK, coffre_record_add_session(&writer, &w->other_session));
    EXPECT(COFFRE_OK, coffre_record_finish(&writer, &len, NULL));
    put("slot_1", bytes, len);
    EXPECT(COFFRE_OK, coffre_record_rotate(&w->context, &w->keys, &w->read, 5, bytes, sizeof bytes,
                                           &writer));
    EXPECT(COFFRE_OK, coffre_record_add_recipient(&w->context, &writer, &w->pair_recipient));
    EXPECT(COFFRE_OK, coffre_record_finish(&writer, &len, NULL));
    put("rotated.key", bytes, len);
}

static void write_pbkdf2_record(void)
{
    struct world *w = &world;
    coffre_password_options options = pbkdf2_options();
    uint8_t bytes[RECORD_MAX];
    size_t len;
    coffre_identity identity;
    coffre_recipient recipient;
    coffre_record_writer writer;

    check_about("PBKDF2");
    EXPECT(COFFRE_OK, coffre_password_set(&w->context, &options, (const uint8_t *)WORLD_PASSWORD,
                                          sizeof WORLD_PASSWORD - 1, NULL, 0, &identity));
    EXPECT(COFFRE_OK, coffre_identity_recipient(&identity, &recipient));
    EXPECT(COFFRE_OK, coffre_record_create(&w->context, COFFRE_KEY_RECORD, w->instance, w->point, 1,
                                           bytes, sizeof bytes, &writer));
    EXPECT(COFFRE_OK, coffre_record_add_recipient(&w->context, &writer, &recipient));
    EXPECT(COFFRE_OK, coffre_record_add_session(&writer, &w->session));
    EXPECT(COFFRE_OK, coffre_record_finish(&writer, &len, NULL));
    put("pbkdf2.key", bytes, len);
}

static void write_keys(void)
{
    struct world *w = &world;

    put("instance.id", w->instance, 16);
    put("point.id", w->point, 16);
    put("session.id", w->session_id, 16);
    put("other_session.id", w->other_session_id, 16);
    put("kek.bin", w->kek_bytes, 32);
    put("pair.pem", w->private_file, w->private_len);
    put("pair.pub", w->public_file, w->public_len);
    put("point.key", w->record, w->record_len);
    put("repository.key", w->repository, w->repository_len);
    put("argon2id.key", w->password_record, w->password_record_len);
    put("challenge", w->challenge, w->challenge_len);
    write_pbkdf2_record();
    write_next_records();
    write_kits();
}

/* --- open --- */

/* Opens a record file with an identity; the record's bytes go to `bytes`. */
static void open_record(const char *name, const coffre_identity *identity, uint8_t *bytes,
                        coffre_record *record, coffre_record_keys *keys)
{
    size_t len = get(name, bytes, RECORD_MAX);
    uint8_t instance[16], scope[16];

    check_about(name);
    check_must(coffre_record_read(bytes, len, record), name);
    check_must(coffre_record_open(&world.context, NULL, identity, record, keys), name);
    EXPECT(COFFRE_OK, coffre_record_keys_scope(keys, instance, scope));
    CHECK(memcmp(instance, world.instance, 16) == 0);
}

/* A record for a password: found in it, derived from it, and the session in it is the point's. */
static void open_password(const char *name, uint32_t type)
{
    struct world *w = &world;
    uint8_t bytes[RECORD_MAX];
    size_t len = get(name, bytes, sizeof bytes);
    coffre_record record;
    coffre_record_recipient recipient;
    coffre_record_keys keys;
    coffre_session session;
    coffre_identity identity;

    check_must(coffre_record_read(bytes, len, &record), name);
    EXPECT(COFFRE_OK, coffre_record_recipient_at(&record, 0, &recipient));
    CHECK(recipient.type == type);
    EXPECT(COFFRE_OK, coffre_password_derive(&w->context, NULL, &record,
                                             (const uint8_t *)WORLD_PASSWORD,
                                             sizeof WORLD_PASSWORD - 1, w->scratch,
                                             sizeof w->scratch, &identity));
    open_record(name, &identity, bytes, &record, &keys);
    EXPECT(COFFRE_OK, coffre_record_session(&w->context, &keys, &record, w->session_id, &session));
}

static void open_slots(void)
{
    struct world *w = &world;
    uint8_t slots[2][RECORD_MAX];
    size_t len[2] = {get("slot_0", slots[0], RECORD_MAX), get("slot_1", slots[1], RECORD_MAX)};
    coffre_record record;
    coffre_record_keys keys;
    coffre_slots_report report;

    check_about("slots");
    EXPECT(COFFRE_OK, coffre_slots_open(&w->context, NULL, &w->pair, COFFRE_KEY_RECORD, w->instance,
                                        w->point, slots[0], len[0], slots[1], len[1], &record,
                                        &keys, &report));
    CHECK(report.used == 1 && report.generation[0] == 3 && report.generation[1] == 4);
    EXPECT(COFFRE_OK, coffre_record_session(&w->context, &keys, &record, w->other_session_id,
                                            &w->other_session));
}

static void open_challenge(void)
{
    struct world *w = &world;
    uint8_t bytes[RECORD_MAX];
    size_t len = get("challenge", bytes, sizeof bytes);
    coffre_challenge_report report;

    check_about("challenge");
    EXPECT(COFFRE_OK,
           coffre_challenge_check(&w->context, &w->pair, w->instance, 2, bytes, len, &report));
    CHECK(report.generation == 2 && report.object_type == COFFRE_CHALLENGE);
    EXPECT(COFFRE_ERR_WRONG_KEY,
           coffre_challenge_check(&w->context, &w->kek, w->instance, 2, bytes, len, &report));
}

static void open_kit(const char *name, const coffre_identity *inside)
{
    struct world *w = &world;
    uint8_t id[16], inside_id[16];
    coffre_identity identity;

    get_all(name, w->kit, sizeof w->kit);
    EXPECT(COFFRE_OK, coffre_kit_open(&w->context, NULL, w->kit, sizeof w->kit,
                                      (const uint8_t *)WORLD_PASSWORD, sizeof WORLD_PASSWORD - 1,
                                      w->scratch, sizeof w->scratch, &identity));
    EXPECT(COFFRE_OK, coffre_identity_id(&identity, id));
    EXPECT(COFFRE_OK, coffre_identity_id(inside, inside_id));
    CHECK(memcmp(id, inside_id, 16) == 0);
}

/* A kit's text says what the kit says: the kit of the KEK was opened last. */
static void open_kit_text(const char *name)
{
    char text[COFFRE_KIT_TEXT_MAX];
    size_t text_len = get(name, text, sizeof text), len;
    uint8_t kit[COFFRE_KIT_SIZE];

    check_about(name);
    EXPECT(COFFRE_OK, coffre_kit_from_text(text, text_len, kit, sizeof kit, &len, NULL));
    CHECK(len == sizeof kit && memcmp(kit, world.kit, sizeof kit) == 0);
}

static void open_files(void)
{
    struct world *w = &world;
    uint8_t recipient_id[16];

    get_all("instance.id", w->instance, 16);
    get_all("point.id", w->point, 16);
    get_all("session.id", w->session_id, 16);
    get_all("other_session.id", w->other_session_id, 16);
    get_all("kek.bin", w->kek_bytes, 32);
    check_must(coffre_identity_from_kek(&w->context, w->kek_bytes, 32, &w->kek), "kek.bin");
    w->private_len = get("pair.pem", w->private_file, sizeof w->private_file);
    check_must(coffre_identity_read(&w->context, w->private_file, w->private_len, &w->pair),
               "pair.pem");
    w->public_len = get("pair.pub", w->public_file, sizeof w->public_file);
    check_must(coffre_recipient_read(&w->context, w->public_file, w->public_len,
                                     &w->pair_recipient),
               "pair.pub");
    check_about("pair");
    EXPECT(COFFRE_OK, coffre_identity_id(&w->pair, w->pair_id));
    EXPECT(COFFRE_OK, coffre_recipient_id(&w->pair_recipient, recipient_id));
    CHECK(memcmp(w->pair_id, recipient_id, 16) == 0);
}

static void open_keys(void)
{
    struct world *w = &world;
    uint8_t bytes[RECORD_MAX];
    coffre_record record;
    coffre_record_keys keys;

    open_files();
    open_record("repository.key", &w->pair, w->repository, &w->repository_read,
                &w->repository_keys);
    EXPECT(COFFRE_OK, coffre_record_id_key(&w->context, &w->repository_keys, &w->repository_read, 9,
                                           &w->id_key));
    open_record("rotated.key", &w->pair, bytes, &record, &keys);
    open_password("pbkdf2.key", COFFRE_RECIPIENT_PBKDF2);
    open_password("argon2id.key", COFFRE_RECIPIENT_ARGON2ID);
    open_slots();
    open_challenge();
    open_kit("pair.kit", &w->pair);
    open_kit("kek.kit", &w->kek);
    open_kit_text("kek.kit.lines");
    open_kit_text("kek.kit.scan");
    /* What the blocks need, by the public key and by the KEK. */
    open_record("point.key", &w->pair, w->record, &w->read, &w->keys);
    EXPECT(COFFRE_OK, coffre_record_session(&w->context, &w->keys, &w->read, w->session_id,
                                            &w->session));
    open_record("point.key", &w->kek, w->record, &w->read, &w->keys);
    EXPECT(COFFRE_OK, coffre_record_session(&w->context, &w->keys, &w->read, w->session_id,
                                            &w->session));
}

#endif
