/* key_tool.c: key files from the command line, for openssl_keys.sh.
 *
 *   key_tool new DIRECTORY            writes private.pem, private.der, public.pem, public.der
 *   key_tool id FILE                  prints the key id of a private or public key file
 *   key_tool digest FILE              prints the SHA-256 of a public key's SPKI
 *   key_tool match PUBLIC PRIVATE     makes a challenge for one and checks it with the other
 */
#include "check.h"

static coffre_context context;

static void save(const char *directory, const char *name, const uint8_t *bytes, size_t len)
{
    char path[512];
    FILE *out;

    snprintf(path, sizeof path, "%s/%s", directory, name);
    out = fopen(path, "wb");
    if (out == NULL || fwrite(bytes, 1, len, out) != len || fclose(out) != 0) {
        perror(path);
        exit(EXIT_FAILURE);
    }
}

static size_t load(const char *path, uint8_t *bytes, size_t cap)
{
    FILE *in = fopen(path, "rb");
    size_t len;

    if (in == NULL) {
        perror(path);
        exit(EXIT_FAILURE);
    }
    len = fread(bytes, 1, cap, in);
    fclose(in);
    return len;
}

/* Reads a file as a public key, or as a private one and takes its public half. */
static void read_recipient(const char *path, coffre_recipient *recipient)
{
    uint8_t file[4096];
    size_t len = load(path, file, sizeof file);
    coffre_identity identity;

    if (coffre_recipient_read(&context, file, len, recipient) == COFFRE_OK) return;
    check_must(coffre_identity_read(&context, file, len, &identity), path);
    check_must(coffre_identity_recipient(&identity, recipient), path);
    coffre_identity_wipe(&identity);
}

static void new_pair(const char *directory)
{
    uint8_t file[COFFRE_KEY_FILE_MAX];
    coffre_identity identity;
    coffre_recipient recipient;
    size_t len;

    check_must(coffre_identity_generate(&context, &identity), "key pair");
    check_must(coffre_identity_recipient(&identity, &recipient), "public key");
    for (uint32_t form = 0; form < 2; form++) {
        int pem = form == COFFRE_KEY_FILE_PEM;

        check_must(coffre_identity_write(&identity, form, file, sizeof file, &len), "private");
        save(directory, pem ? "private.pem" : "private.der", file, len);
        check_must(coffre_recipient_write(&recipient, form, file, sizeof file, &len), "public");
        save(directory, pem ? "public.pem" : "public.der", file, len);
    }
    coffre_identity_wipe(&identity);
    coffre_recipient_wipe(&recipient);
}

static void print_id(const char *path)
{
    coffre_recipient recipient;
    uint8_t id[16];
    char text[COFFRE_KEY_ID_TEXT_SIZE];

    read_recipient(path, &recipient);
    check_must(coffre_recipient_id(&recipient, id), "key id");
    check_must(coffre_key_id_text(id, text), "key id");
    printf("%s\n", text);
}

static void print_digest(const char *path)
{
    coffre_recipient recipient;
    uint8_t digest[32];

    read_recipient(path, &recipient);
    check_must(coffre_recipient_digest(&recipient, digest), "digest");
    for (size_t i = 0; i < sizeof digest; i++)
        printf("%02x", digest[i]);
    printf("\n");
}

static void match(const char *public_path, const char *private_path)
{
    static const uint8_t instance[16] = "key_tool";
    uint8_t file[4096], challenge[512];
    size_t file_len = load(private_path, file, sizeof file), len;
    coffre_recipient recipient;
    coffre_identity identity;

    read_recipient(public_path, &recipient);
    check_must(coffre_identity_read(&context, file, file_len, &identity), private_path);
    check_must(coffre_challenge_create(&context, &recipient, instance, 1, challenge,
                                       sizeof challenge, &len),
               "challenge");
    printf("%s\n", coffre_challenge_verdict(coffre_challenge_check(&context, &identity, instance, 1,
                                                                   challenge, len, NULL)));
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";

    check_must(coffre_context_init(&context, NULL), "context");
    if (argc == 3 && strcmp(what, "new") == 0) new_pair(argv[2]);
    else if (argc == 3 && strcmp(what, "id") == 0) print_id(argv[2]);
    else if (argc == 3 && strcmp(what, "digest") == 0) print_digest(argv[2]);
    else if (argc == 4 && strcmp(what, "match") == 0) match(argv[2], argv[3]);
    else return 2;
    return 0;
}
