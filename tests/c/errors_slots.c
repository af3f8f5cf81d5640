/* errors_slots.c: two slots that disagree, are empty, foreign, too old or broken: the status, and
 * what the report says of each. slots.c cuts the power in between.
 */
#include "test_checksum.h"
#include "test_recipients.h"

#define SLOT 1024

struct slot {
    uint8_t bytes[SLOT];
    size_t len; /* of what is handed over; 0: NULL */
};

static struct slot slots[2];
static coffre_record record;
static coffre_record_keys keys;
static coffre_slots_report report;

/* --- what stands in slots --- */

static struct slot slot_of(const uint8_t *bytes, size_t len)
{
    struct slot slot;

    memset(slot.bytes, 0xEE, sizeof slot.bytes); /* what follows the record is ignored */
    memcpy(slot.bytes, bytes, len);
    slot.len = SLOT;
    return slot;
}

static struct slot filled(uint8_t value)
{
    struct slot slot;

    memset(slot.bytes, value, sizeof slot.bytes);
    slot.len = SLOT;
    return slot;
}

/* The world's record in another generation, with another session in it. */
static struct slot edited(uint64_t generation)
{
    struct world *w = &world;
    coffre_record_writer writer;
    coffre_session session;
    uint8_t bytes[SLOT];
    size_t len;

    check_must(coffre_record_edit(&w->context, &w->keys, &w->read, generation, bytes, sizeof bytes,
                                  &writer),
               "edit");
    check_must(coffre_session_generate(&w->context, &session), "session");
    check_must(coffre_record_add_session(&writer, &session), "session into record");
    check_must(coffre_record_finish(&writer, &len, NULL), "record's end");
    return slot_of(bytes, len);
}

static struct slot world_record(void) /* generation 3 */
{
    return slot_of(world.record, world.record_len);
}

/* The slot with a byte changed; its checksum fits if it should. */
static struct slot altered(struct slot slot, size_t at, uint8_t change, int fit)
{
    size_t len = slot.bytes[12] | (size_t)slot.bytes[13] << 8;

    slot.bytes[at] ^= change;
    if (fit) fix_checksum(slot.bytes, len);
    return slot;
}

static struct slot record_of(uint32_t type, const uint8_t *instance, const uint8_t *scope)
{
    coffre_record_writer writer;
    uint8_t bytes[SLOT];
    size_t len;

    check_must(coffre_record_create(&world.context, type, instance, scope, 9, bytes, sizeof bytes,
                                    &writer),
               "record");
    check_must(coffre_record_add_recipient(&world.context, &writer, &world.kek_recipient), "KEK");
    check_must(coffre_record_finish(&writer, &len, NULL), "record's end");
    return slot_of(bytes, len);
}

/* --- opening them --- */

static coffre_status open_as(uint32_t type, const uint8_t *scope, const coffre_policy *policy,
                             const coffre_identity *identity)
{
    const uint8_t *at[2];
    coffre_status status;

    for (size_t i = 0; i < 2; i++)
        at[i] = slots[i].len > 0 ? slots[i].bytes : NULL;
    poison(&record, sizeof record);
    poison(&keys, sizeof keys);
    poison(&report, sizeof report);
    status = coffre_slots_open(&world.context, policy, identity, type, world.instance, scope,
                               at[0], slots[0].len, at[1], slots[1].len, &record, &keys, &report);
    CHECK(report.used <= COFFRE_SLOT_NONE && report.write_next <= COFFRE_SLOT_NONE);
    CHECK(report.fell_back <= 1 && report.settled <= 1);
    CHECK(report.used != report.write_next || report.used == COFFRE_SLOT_NONE);
    if (status == COFFRE_OK) CHECK(report.used != COFFRE_SLOT_NONE);
    else CHECK(is_zeroed(&record, sizeof record) && is_zeroed(&keys, sizeof keys));
    return status;
}

static coffre_status open_with(const coffre_identity *identity)
{
    return open_as(COFFRE_KEY_RECORD, world.point, NULL, identity);
}

static coffre_status open_both(struct slot slot_0, struct slot slot_1)
{
    slots[0] = slot_0;
    slots[1] = slot_1;
    return open_with(&world.kek);
}

/* Both ways round: `a` in slot 0, then in slot 1; `used` is where a's record would be, or 2. */
static void both_ways(const char *what, struct slot a, struct slot b, coffre_status expected,
                      uint32_t used, uint32_t fell_back, coffre_status of_a, coffre_status of_b)
{
    check_about(what);
    for (uint32_t swapped = 0; swapped < 2; swapped++) {
        EXPECT(expected, swapped ? open_both(b, a) : open_both(a, b));
        CHECK(report.used == (used == COFFRE_SLOT_NONE ? used : used ^ swapped));
        CHECK(report.fell_back == fell_back && report.settled == 0);
        EXPECT(of_a, report.status[swapped]);
        EXPECT(of_b, report.status[1 - swapped]);
    }
}

static void nothing(void)
{
    struct slot gone = filled(0);

    gone.len = 0;
    both_ways("zeros and ones", filled(0), filled(0xff), COFFRE_ERR_NOT_FOUND, COFFRE_SLOT_NONE, 0,
              COFFRE_ERR_NOT_FOUND, COFFRE_ERR_NOT_FOUND);
    CHECK(report.write_next == 0 && report.generation[0] == 0 && report.generation[1] == 0);
    both_ways("no bytes", gone, gone, COFFRE_ERR_NOT_FOUND, COFFRE_SLOT_NONE, 0,
              COFFRE_ERR_NOT_FOUND, COFFRE_ERR_NOT_FOUND);
    both_ways("one, and no bytes", world_record(), gone, COFFRE_OK, 0, 0, COFFRE_OK,
              COFFRE_ERR_NOT_FOUND);
    both_ways("one, and erased", world_record(), filled(0xff), COFFRE_OK, 0, 0, COFFRE_OK,
              COFFRE_ERR_NOT_FOUND);
    both_ways("one, and rubbish", world_record(), filled('x'), COFFRE_OK, 0, 1, COFFRE_OK,
              COFFRE_ERR_MALFORMED);
    both_ways("erased, and rubbish", filled(0xff), filled('x'), COFFRE_ERR_MALFORMED,
              COFFRE_SLOT_NONE, 0, COFFRE_ERR_NOT_FOUND, COFFRE_ERR_MALFORMED);
}

static void generations(void)
{
    coffre_policy policy = COFFRE_POLICY_INIT;
    struct slot third = world_record(), fourth = edited(4), also_fourth = edited(4);

    check_about("settled");
    EXPECT(COFFRE_OK, open_both(third, third));
    CHECK(report.settled == 1 && report.fell_back == 0 && report.used == 0);
    both_ways("a newer one", fourth, third, COFFRE_OK, 0, 0, COFFRE_OK, COFFRE_OK);
    CHECK(report.generation[0] == 3 && report.generation[1] == 4);
    both_ways("two of one generation", fourth, also_fourth, COFFRE_ERR_CONFLICT, COFFRE_SLOT_NONE,
              0, COFFRE_OK, COFFRE_OK);
    EXPECT(COFFRE_ERR_CONFLICT, open_both(fourth, also_fourth));
    CHECK(report.generation[0] == 4 && report.generation[1] == 4);
    both_ways("two of one generation, one forged", fourth, altered(also_fourth, 100, 1, 1),
              COFFRE_OK, 0, 1, COFFRE_OK, COFFRE_ERR_NOT_AUTHENTIC);
    both_ways("two of one generation, one damaged", fourth, altered(also_fourth, 100, 1, 0),
              COFFRE_OK, 0, 1, COFFRE_OK, COFFRE_ERR_DAMAGED);
    both_ways("a newer one that is forged", third, altered(fourth, 100, 1, 1), COFFRE_OK, 0, 1,
              COFFRE_OK, COFFRE_ERR_NOT_AUTHENTIC);
    both_ways("an older one that is forged", fourth, altered(third, 100, 1, 1), COFFRE_OK, 0, 0,
              COFFRE_OK, COFFRE_OK); /* read, not opened */

    check_about("rollback");
    policy.lowest_generation = 4;
    slots[0] = fourth, slots[1] = third;
    EXPECT(COFFRE_OK, open_as(COFFRE_KEY_RECORD, world.point, &policy, &world.kek));
    policy.lowest_generation = 5;
    EXPECT(COFFRE_ERR_ROLLBACK, open_as(COFFRE_KEY_RECORD, world.point, &policy, &world.kek));
    CHECK(report.used == 0 && report.write_next == 1 && report.generation[0] == 4);
    slots[0] = altered(fourth, 100, 1, 0), policy.lowest_generation = 4;
    EXPECT(COFFRE_ERR_ROLLBACK, open_as(COFFRE_KEY_RECORD, world.point, &policy, &world.kek));
    CHECK(report.used == 1 && report.fell_back == 1);
}

static void broken(void)
{
    struct slot third = world_record(), fourth = edited(4);

    both_ways("both damaged", altered(fourth, 100, 1, 0), altered(third, 100, 1, 0),
              COFFRE_ERR_DAMAGED, COFFRE_SLOT_NONE, 0, COFFRE_ERR_DAMAGED, COFFRE_ERR_DAMAGED);
    both_ways("both of version 3", altered(fourth, 5, 1, 1), altered(third, 5, 1, 1),
              COFFRE_ERR_UNSUPPORTED_VERSION, COFFRE_SLOT_NONE, 0, COFFRE_ERR_UNSUPPORTED_VERSION,
              COFFRE_ERR_UNSUPPORTED_VERSION);
    both_ways("both of suite 0", altered(fourth, 6, 1, 1), altered(third, 6, 1, 1),
              COFFRE_ERR_UNSUPPORTED_SUITE, COFFRE_SLOT_NONE, 0, COFFRE_ERR_UNSUPPORTED_SUITE,
              COFFRE_ERR_UNSUPPORTED_SUITE);
    both_ways("both forged", altered(fourth, 100, 1, 1), altered(third, 100, 1, 1),
              COFFRE_ERR_NOT_AUTHENTIC, COFFRE_SLOT_NONE, 0, COFFRE_ERR_NOT_AUTHENTIC,
              COFFRE_ERR_NOT_AUTHENTIC);
    both_ways("another storage key", altered(fourth, 64, 1, 1), altered(third, 64, 1, 1),
              COFFRE_ERR_OTHER_STORAGE_KEY, COFFRE_SLOT_NONE, 0, COFFRE_ERR_OTHER_STORAGE_KEY,
              COFFRE_ERR_OTHER_STORAGE_KEY);
    check_about("a slot that ends within its record");
    slots[0] = fourth, slots[1] = third;
    slots[0].len = 300;
    EXPECT(COFFRE_OK, open_with(&world.kek));
    EXPECT(COFFRE_ERR_MALFORMED, report.status[0]);
    CHECK(report.used == 1 && report.fell_back == 1);
}

static void foreign(void)
{
    const uint8_t elsewhere[16] = {1, 2, 3};
    struct slot ours = world_record();
    struct slot theirs = record_of(COFFRE_KEY_RECORD, elsewhere, world.point);
    struct slot other_point = record_of(COFFRE_KEY_RECORD, world.instance, elsewhere);
    struct slot other_type = record_of(COFFRE_REPOSITORY_RECORD, world.instance, NULL);

    both_ways("another installation's", ours, theirs, COFFRE_OK, 0, 1, COFFRE_OK,
              COFFRE_ERR_FOREIGN);
    both_ways("another restore point's", ours, other_point, COFFRE_OK, 0, 1, COFFRE_OK,
              COFFRE_ERR_FOREIGN);
    both_ways("another type", ours, other_type, COFFRE_OK, 0, 1, COFFRE_OK, COFFRE_ERR_FOREIGN);
    both_ways("both foreign", theirs, other_point, COFFRE_ERR_FOREIGN, COFFRE_SLOT_NONE, 0,
              COFFRE_ERR_FOREIGN, COFFRE_ERR_FOREIGN);

    check_about("types of records in slots");
    slots[0] = other_type, slots[1] = filled(0);
    EXPECT(COFFRE_OK, open_as(COFFRE_REPOSITORY_RECORD, NULL, NULL, &world.kek));
    slots[0] = record_of(COFFRE_CHALLENGE, world.instance, NULL);
    EXPECT(COFFRE_OK, open_as(COFFRE_CHALLENGE, NULL, NULL, &world.kek));
    EXPECT(COFFRE_ERR_INVALID_ARGUMENT,
           open_as(COFFRE_CHALLENGE, world.instance, NULL, &world.kek));
    EXPECT(COFFRE_ERR_INVALID_ARGUMENT, open_as(COFFRE_KEY_RECORD, NULL, NULL, &world.kek));
    EXPECT(COFFRE_ERR_INVALID_ARGUMENT, open_as(1, world.point, NULL, &world.kek));
    EXPECT(COFFRE_ERR_INVALID_ARGUMENT, open_as(UINT32_MAX, NULL, NULL, &world.kek));
}

/* The key service answers the second time: that is no reason to take an older record. */
static unsigned silences;

static int32_t hesitant_unwrap(void *user, const uint8_t *sealed, size_t sealed_len, uint8_t *key)
{
    if (silences > 0) return silences--, -1;
    return service_unwrap(user, sealed, sealed_len, key);
}

static void hesitant_service(void)
{
    coffre_key_service service = service_of("kms:backup", &answerers[0]);
    coffre_record_writer writer;
    coffre_identity identity;
    uint8_t bytes[SLOT];
    size_t len;

    check_about("a service that answers the second time");
    service.unwrap = hesitant_unwrap;
    check_must(coffre_identity_external(&world.context, &service, &identity), "service");
    for (uint64_t generation = 1; generation < 3; generation++) {
        check_must(coffre_record_create(&world.context, COFFRE_KEY_RECORD, world.instance,
                                        world.point, generation, bytes, sizeof bytes, &writer),
                   "record");
        check_must(coffre_record_add_recipient(&world.context, &writer,
                                               &kinds[EXTERNAL].recipients[0]),
                   "recipient");
        check_must(coffre_record_finish(&writer, &len, NULL), "record's end");
        slots[generation - 1] = slot_of(bytes, len);
    }
    silences = 1;
    EXPECT(COFFRE_ERR_CALLBACK, open_with(&identity));
    CHECK(report.used == COFFRE_SLOT_NONE && silences == 0);
    EXPECT(COFFRE_OK, open_with(&identity));
    CHECK(report.used == 1 && report.fell_back == 0);
}

/* A slot for each kind of recipient, and who stands before it. */
static void keys_at_hand(void)
{
    for (int i = 0; i < KINDS; i++) {
        struct kind *kind = &kinds[i];
        coffre_policy policy = COFFRE_POLICY_INIT;
        coffre_record_writer writer;
        uint8_t bytes[SLOT];
        size_t len;

        check_about(kind->name);
        check_must(coffre_record_create(&world.context, COFFRE_KEY_RECORD, world.instance,
                                        world.point, 1, bytes, sizeof bytes, &writer),
                   "record");
        check_must(coffre_record_add_recipient(&world.context, &writer, &kind->recipients[0]),
                   kind->name);
        check_must(coffre_record_finish(&writer, &len, NULL), "record's end");
        slots[0] = slots[1] = slot_of(bytes, len);
        EXPECT(COFFRE_OK, open_with(&kind->identities[0]));
        EXPECT(COFFRE_ERR_WRONG_KEY, open_with(&kind->identities[1]));
        CHECK(report.settled == 1); /* they are the same, whoever reads them */
        policy.recipients &= ~kind->allow;
        EXPECT(COFFRE_ERR_POLICY_RECIPIENT,
               open_as(COFFRE_KEY_RECORD, world.point, &policy, &kind->identities[0]));
        answerers_say(-1);
        EXPECT(i == EXTERNAL || i == TOKEN ? COFFRE_ERR_CALLBACK : COFFRE_OK,
               open_with(&kind->identities[0]));
        answerers_say(0);
    }
    check_about("a wrong password");
    coffre_identity typed;
    coffre_record read;
    EXPECT(COFFRE_OK,
           coffre_record_read(world.password_record, world.password_record_len, &read));
    EXPECT(COFFRE_OK, coffre_password_derive(&world.context, NULL, &read, (const uint8_t *)"no", 2,
                                             world.scratch, sizeof world.scratch, &typed));
    slots[0] = slots[1] = slot_of(world.password_record, world.password_record_len);
    EXPECT(COFFRE_ERR_WRONG_PASSWORD, open_with(&typed));
    slots[1] = filled(0);
    EXPECT(COFFRE_ERR_WRONG_PASSWORD, open_with(&typed));
    EXPECT(COFFRE_OK, open_with(&world.password));
}

int main(void)
{
    world_make();
    kinds_make();
    nothing();
    generations();
    broken();
    foreign();
    keys_at_hand();
    hesitant_service();
    return check_end();
}
