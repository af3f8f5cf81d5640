/* errors_services.c: key services and tokens: names and sizes that are refused; callbacks that
 * fail, refuse, lie or are missing. callbacks.c is about when they are called.
 */
#include "test_checksum.h"
#include "test_recipients.h"

#define STANZA 136

static uint8_t bytes[8192];
static size_t len;
static coffre_record read;
static coffre_record_keys keys;
static coffre_record_writer writer;

static coffre_status make(const coffre_key_service *service, coffre_identity *identity)
{
    coffre_status status;

    poison(identity, sizeof *identity);
    status = coffre_identity_external(&world.context, service, identity);
    CHECK(status == COFFRE_OK || is_zeroed(identity, sizeof *identity));
    return status;
}

static coffre_status make_named(const char *name)
{
    coffre_key_service service = service_of(name, &answerers[0]);
    coffre_identity identity;

    return make(&service, &identity);
}

static void names_and_sizes(void)
{
    static const char *const bad[] = {"",       "a\nb",  "\x1b[1m", "\x7f",
                                      "\xc2\x9f", "\xff", "\xe2\x82", "\xed\xbf\xbf"};
    char name[130] = {0};
    coffre_key_service service = service_of("kms", &answerers[0]);
    coffre_identity identity;

    check_about("name of a key");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        EXPECT(COFFRE_ERR_INVALID_ARGUMENT, make_named(bad[i]));
    EXPECT(COFFRE_ERR_INVALID_ARGUMENT, make_named(NULL));
    memset(name, 'n', 129);
    EXPECT(COFFRE_ERR_TOO_LARGE, make_named(name));
    name[128] = '\0';
    EXPECT(COFFRE_OK, make_named(name));
    EXPECT(COFFRE_OK, make_named("Schl\xc3\xbcssel 1"));

    check_about("size of what a service makes");
    service.sealed_max = 0;
    EXPECT(COFFRE_ERR_INVALID_ARGUMENT, make(&service, &identity));
    service.sealed_max = 4097;
    EXPECT(COFFRE_ERR_TOO_LARGE, make(&service, &identity));
    service.sealed_max = UINT32_MAX;
    EXPECT(COFFRE_ERR_TOO_LARGE, make(&service, &identity));
    service.sealed_max = 4096;
    EXPECT(COFFRE_OK, make(&service, &identity));
    coffre_recipient recipient;
    EXPECT(COFFRE_OK, coffre_identity_recipient(&identity, &recipient));
    CHECK(coffre_recipient_stanza_size(&recipient) == 28 + 1 + 3 + 2 + 4096 + 40);

    check_about("callbacks of a service");
    service.wrap = NULL;
    EXPECT(COFFRE_OK, make(&service, &identity));
    service.wrap = service_wrap, service.unwrap = NULL;
    EXPECT(COFFRE_OK, make(&service, &identity));
    service.wrap = NULL;
    EXPECT(COFFRE_ERR_INVALID_ARGUMENT, make(&service, &identity));
    service = service_of("kms", NULL); /* `user` is the callbacks' own matter */
    EXPECT(COFFRE_OK, make(&service, &identity));
    coffre_identity_wipe(&identity);
}

static coffre_status begin(size_t cap)
{
    return coffre_record_create(&world.context, COFFRE_KEY_RECORD, world.instance, world.point, 1,
                                bytes, cap, &writer);
}

static coffre_status add(const coffre_recipient *recipient)
{
    return coffre_record_add_recipient(&world.context, &writer, recipient);
}

static void finish(void)
{
    check_must(coffre_record_finish(&writer, &len, NULL), "record's end");
    check_must(coffre_record_read(bytes, len, &read), "record, read");
}

static void seal_to(const coffre_recipient *recipient)
{
    check_must(begin(sizeof bytes), "record");
    check_must(add(recipient), "recipient");
    check_must(coffre_record_add_session(&writer, &world.session), "session");
    finish();
}

static coffre_status open_with(const coffre_identity *identity)
{
    coffre_status status;

    poison(&keys, sizeof keys);
    status = coffre_record_open(&world.context, NULL, identity, &read, &keys);
    CHECK(status == COFFRE_OK || is_zeroed(&keys, sizeof keys));
    return status;
}

/* --- what callbacks answer --- */

static size_t claimed; /* how much the liar says that it made */

static int32_t lying_wrap(void *user, const uint8_t *key, uint8_t *sealed, size_t cap,
                          size_t *sealed_len)
{
    (void)user, (void)key;
    memset(sealed, 0x5A, cap); /* all of it is ours to write */
    *sealed_len = claimed;
    return 0;
}

static int32_t other_unwrap(void *user, const uint8_t *sealed, size_t sealed_len, uint8_t *key)
{
    (void)user, (void)sealed, (void)sealed_len;
    memset(key, 0x77, 32);
    return 0;
}

static int32_t other_exchange(void *user, const uint8_t *peer, uint8_t *z)
{
    (void)user, (void)peer;
    memset(z, 0x77, 32);
    return 0;
}

static coffre_status add_of(const coffre_key_service *service)
{
    coffre_identity identity;
    coffre_recipient recipient;
    coffre_status status;

    check_must(make(service, &identity), "service");
    check_must(coffre_identity_recipient(&identity, &recipient), "its recipient");
    check_must(begin(sizeof bytes), "record");
    status = add(&recipient);
    if (status == COFFRE_OK) return status;
    /* It changed nothing: the record goes on, and another can be added. */
    EXPECT(COFFRE_OK, add(&world.kek_recipient));
    finish();
    CHECK(len == coffre_record_size(coffre_recipient_stanza_size(&world.kek_recipient), 0));
    EXPECT(COFFRE_OK, open_with(&world.kek));
    return status;
}

static void wraps_that_fail(void)
{
    static const int32_t answers[] = {-1, COFFRE_CALLBACK_REFUSED, 2, INT32_MAX, INT32_MIN};
    static const size_t lies[] = {0, SERVICE_SEALED + 1, 4096, SIZE_MAX};
    coffre_key_service service = service_of("kms", &answerers[0]);

    check_about("a service that does not wrap");
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        answerers_say(answers[i]);
        EXPECT(COFFRE_ERR_CALLBACK, add_of(&service));
    }
    answerers_say(0);
    service.wrap = lying_wrap;
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
        claimed = lies[i];
        EXPECT(COFFRE_ERR_CALLBACK, add_of(&service));
    }
    claimed = 1; /* less than sealed_max is fine, and the record is as much shorter */
    EXPECT(COFFRE_OK, add_of(&service));
    finish();
    CHECK(len == coffre_record_size(28 + 1 + 3 + 2 + 1 + 40, 0));
    service.wrap = NULL;
    EXPECT(COFFRE_ERR_CALLBACK, add_of(&service));
}

static void opens_that_fail(void)
{
    struct kind *service = &kinds[EXTERNAL], *token = &kinds[TOKEN];
    coffre_key_service other = service_of("kms:backup", NULL);
    coffre_identity identity;

    check_about("a service that does not unwrap");
    seal_to(&service->recipients[0]);
    answerers_say(-1);
    EXPECT(COFFRE_ERR_CALLBACK, open_with(&service->identities[0]));
    EXPECT(COFFRE_ERR_CALLBACK,
           coffre_challenge_check(&world.context, &service->identities[0], world.instance, 0,
                                  bytes, len, NULL));
    CHECK(strcmp(coffre_challenge_verdict(COFFRE_ERR_CALLBACK), "not checked") == 0);
    answerers_say(COFFRE_CALLBACK_REFUSED);
    EXPECT(COFFRE_ERR_NOT_AUTHENTIC, open_with(&service->identities[0]));
    answerers_say(0);
    other.unwrap = other_unwrap; /* a key of the same name that is another one */
    EXPECT(COFFRE_OK, make(&other, &identity));
    EXPECT(COFFRE_ERR_NOT_AUTHENTIC, open_with(&identity));
    other.unwrap = NULL;
    EXPECT(COFFRE_OK, make(&other, &identity));
    EXPECT(COFFRE_ERR_CALLBACK, open_with(&identity));
    bytes[STANZA + 28 + 1 + 10 + 2] ^= 1; /* the first byte of `sealed` */
    fix_checksum(bytes, len);
    EXPECT(COFFRE_OK, coffre_record_read(bytes, len, &read));
    EXPECT(COFFRE_ERR_NOT_AUTHENTIC, open_with(&service->identities[0]));

    check_about("a token that does not answer");
    seal_to(&token->recipients[0]);
    answerers_say(-1);
    EXPECT(COFFRE_ERR_CALLBACK, open_with(&token->identities[0]));
    answerers_say(COFFRE_CALLBACK_REFUSED);
    EXPECT(COFFRE_ERR_NOT_AUTHENTIC, open_with(&token->identities[0]));
    answerers_say(0);
    EXPECT(COFFRE_OK, coffre_identity_token(&world.context, &token->recipients[0], other_exchange,
                                            NULL, &identity));
    EXPECT(COFFRE_ERR_NOT_AUTHENTIC, open_with(&identity));
    EXPECT(COFFRE_ERR_INVALID_ARGUMENT, coffre_identity_token(&world.context,
                                                              &token->recipients[0], NULL, NULL,
                                                              &identity));
    for (int i = 0; i < KINDS; i++) {
        if (i == P256 || i == TOKEN) continue;
        EXPECT(COFFRE_ERR_UNSUPPORTED_KEY,
               coffre_identity_token(&world.context, &kinds[i].recipients[0], other_exchange, NULL,
                                     &identity));
        CHECK(is_zeroed(&identity, sizeof identity));
    }
    unsigned asked = answerers[0].exchanges; /* a point off the curve is none of its business */
    bytes[STANZA + 28 + 40] ^= 1;
    fix_checksum(bytes, len);
    EXPECT(COFFRE_OK, coffre_record_read(bytes, len, &read));
    EXPECT(COFFRE_ERR_NOT_AUTHENTIC, open_with(&token->identities[0]));
    CHECK(answerers[0].exchanges == asked);
}

/* The token's key and the key file are the same key: either opens what was sealed to it. */
static void token_and_file(void)
{
    coffre_identity token;

    check_about("a token that holds the key of a file");
    seal_to(&kinds[TOKEN].recipients[0]);
    EXPECT(COFFRE_OK, open_with(&kinds[TOKEN].identities[0]));
    EXPECT(COFFRE_OK, coffre_identity_token(&world.context, &kinds[P256].recipients[0],
                                            token_exchange, &answerers[0], &token));
    EXPECT(COFFRE_ERR_WRONG_KEY, open_with(&token)); /* another public key */
    static const uint8_t sec1[] = {0x30, 0x31, 0x02, 0x01, 0x01, 0x04, 0x20, 0, 0, 0, 0, 0, 0, 0, 0,
                                   0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                                   0, 0, 1, 0xa0, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d,
                                   0x03, 0x01, 0x07};
    coffre_identity file;
    uint8_t id[16];
    EXPECT(COFFRE_OK, coffre_identity_read(&world.context, sec1, sizeof sec1, &file));
    EXPECT(COFFRE_OK, coffre_identity_id(&file, id));
    CHECK(memcmp(id, kinds[TOKEN].ids[0], 16) == 0);
    EXPECT(COFFRE_OK, open_with(&file));
}

int main(void)
{
    world_make();
    kinds_make();
    names_and_sizes();
    wraps_that_fail();
    opens_that_fail();
    token_and_file();
    return check_end();
}
