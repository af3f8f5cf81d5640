/* options.c: see options.h. */
#include "options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crew.h"
#include "meta_store.h"
#include "text.h"

enum takes { FLAG, TEXT, DIRECTORIES, BLOCK_SIZE, THREADS };

#define AT(member) offsetof(struct options, member)

static const struct {
    const char *name;
    enum takes takes;
    size_t at;
    const char *usage, *does;
} OPTIONS[] = {
    {"repo", TEXT, AT(repo), "--repo DIR", "the repository (default: $APPLIANCE_REPO, or ./repo)"},
    {"keys", TEXT, AT(keys), "--keys DIR", "the keys (default: $APPLIANCE_KEYS, or ./keys)"},
    {"password-file", TEXT, AT(password_file), "--password-file FILE",
     "holds the password of --keys (default: $APPLIANCE_PASSWORD_FILE, or the terminal)"},
    {"new-keys", TEXT, AT(new_keys), "--new-keys DIR",
     "rekey: the keys that take their place; add-key: the further key"},
    {"new-password-file", TEXT, AT(new_password_file), "--new-password-file FILE",
     "the same for --new-keys and --keep ($APPLIANCE_NEW_PASSWORD_FILE)"},
    {"prepare", FLAG, AT(prepare), "--prepare",
     "rekey: add the new key, do not remove the old one yet"},
    {"keep", DIRECTORIES, AT(keep), "--keep DIR",
     "backup, rotate: a further key that shall open it; up to 8 times"},
    {"kek", FLAG, AT(kek), "--kek", "keygen: a 32-byte key instead of a P-256 pair"},
    {"password", FLAG, AT(password), "--password",
     "keygen: a password instead; elsewhere: ask, the challenge was lost"},
    {"argon2id", FLAG, AT(argon2id), "--argon2id",
     "keygen --password, kit-export: Argon2id, not PBKDF2"},
    {"hint", TEXT, AT(hint), "--hint TEXT", "keygen --password: for its owner; everybody sees it"},
    {"token", TEXT, AT(token), "--token FILE", "keygen: a key in the PKCS#11 token of that file"},
    {"block-size", BLOCK_SIZE, AT(block_size), "--block-size SIZE",
     "backup: 1 to 67108864 bytes, such as 64K (default 1M)"},
    {"threads", THREADS, AT(threads), "--threads N",
     "backup, restore: that seal or open, 1 to 64 (default: one for each processor)"},
    {"name", TEXT, AT(name), "--name NAME",
     "backup: the restore point's name (default: the image's)"},
    {"force", FLAG, AT(force), "--force",
     "restore: replace FILE; rebuild: replace the database; rotate: drop keys not kept;"
     " kit-export: replace the stored kit"},
    {"origin-key", TEXT, AT(origin_key), "--origin-key FILE",
     "backup, sign: signs with it; origin-key: makes it ($APPLIANCE_ORIGIN_KEY)"},
    {"origin", TEXT, AT(origin), "--origin FILE.pub",
     "verify, restore: signed by its owner, or refused ($APPLIANCE_ORIGIN)"},
    {"digests", FLAG, AT(digests), "--digests", "backup: so that it can be signed later"},
    {"out", TEXT, AT(out), "--out DIR", "origin-export: where the files go"},
    {"kit-password-file", TEXT, AT(kit_password_file), "--kit-password-file FILE",
     "kit-export, kit-import: holds the kit's password (default: the terminal)"},
    {"text", FLAG, AT(text), "--text", "kit-export: lines to be printed, not 104 bytes"},
    {"svg", TEXT, AT(svg), "--svg FILE", "kit-export: also a QR code as a picture"},
    {"qr", FLAG, AT(qr), "--qr", "kit-export: also a QR code on the terminal"},
    {"store", FLAG, AT(store), "--store", "kit-export: also into the repository"},
    {"stored", FLAG, AT(stored), "--stored", "kit-import: the kit that lies in the repository"},
    {"json", FLAG, AT(json), "--json", "one JSON object on standard output"},
    {"quiet", FLAG, AT(quiet), "--quiet", "no progress"},
};
#define OPTION_COUNT (sizeof OPTIONS / sizeof OPTIONS[0])

void options_help(void)
{
    for (size_t i = 0; i < OPTION_COUNT; i++)
        printf("  %-25s %s\n", OPTIONS[i].usage, OPTIONS[i].does);
}

static const char *from_environment(const char *name, const char *otherwise)
{
    const char *value = getenv(name);
    return value != NULL && value[0] != '\0' ? value : otherwise;
}

static enum outcome take_block_size(struct problem *problem, const char *text, uint32_t *to)
{
    uint64_t size;

    if (!size_parse(text, COFFRE_BLOCK_MAX, &size) || size == 0) {
        return fail(problem, OUT_USAGE,
                    "--block-size %s: expected 1 to %u bytes, such as 65536, 64K or 1M", text,
                    (unsigned)COFFRE_BLOCK_MAX);
    }
    *to = (uint32_t)size;
    return OUT_OK;
}

static enum outcome take_threads(struct problem *problem, const char *text, unsigned *to)
{
    uint64_t threads;

    if (!size_parse(text, CREW_MAX, &threads) || threads == 0)
        return fail(problem, OUT_USAGE, "--threads %s: expected 1 to %u", text, CREW_MAX);
    *to = (unsigned)threads;
    return OUT_OK;
}

static enum outcome take(struct problem *problem, size_t which, const char *value,
                         struct options *options)
{
    void *at = (char *)options + OPTIONS[which].at;

    switch (OPTIONS[which].takes) {
    case FLAG:
        *(bool *)at = true;
        return OUT_OK;
    case TEXT:
        *(const char **)at = value;
        return OUT_OK;
    case DIRECTORIES:
        if (options->keep_count == KEEP_MAX)
            return fail(problem, OUT_USAGE, "--keep: at most %d times", KEEP_MAX);
        options->keep[options->keep_count++] = value;
        return OUT_OK;
    case BLOCK_SIZE:
        return take_block_size(problem, value, at);
    case THREADS:
        return take_threads(problem, value, at);
    }
    return OUT_INTERNAL;
}

static enum outcome check(struct problem *problem, const struct options *options)
{
    if (options->name != NULL && options->name[0] == '\0')
        return fail(problem, OUT_USAGE, "--name: expected at least one character");
    if (options->name != NULL && strlen(options->name) >= POINT_NAME_SIZE)
        return fail(problem, OUT_USAGE, "--name: expected at most %d bytes", POINT_NAME_SIZE - 1);
    if (options->kek + options->password + (options->token != NULL) > 1)
        return fail(problem, OUT_USAGE, "expected one of --kek, --password and --token");
    return OUT_OK;
}

enum outcome options_parse(struct problem *problem, int argc, char **argv, struct options *options)
{
    struct option long_options[OPTION_COUNT + 1] = {{0}};
    enum outcome outcome = OUT_OK;
    int found, which = 0;

    for (size_t i = 0; i < OPTION_COUNT; i++) {
        long_options[i].name = OPTIONS[i].name;
        long_options[i].has_arg = OPTIONS[i].takes == FLAG ? no_argument : required_argument;
    }
    opterr = 0; /* the message goes where all messages go */
    options->repo = from_environment("APPLIANCE_REPO", "repo");
    options->keys = from_environment("APPLIANCE_KEYS", "keys");
    options->password_file = from_environment("APPLIANCE_PASSWORD_FILE", NULL);
    options->new_password_file = from_environment("APPLIANCE_NEW_PASSWORD_FILE", NULL);
    options->origin_key = from_environment("APPLIANCE_ORIGIN_KEY", NULL);
    options->origin = from_environment("APPLIANCE_ORIGIN", NULL);
    while ((found = getopt_long(argc, argv, "", long_options, &which)) != -1) {
        enum outcome one = found == 0
                               ? take(problem, (size_t)which, optarg, options)
                               : fail(problem, OUT_USAGE,
                                      "unknown option or missing value: %s; see appliance --help",
                                      argv[optind - 1]);
        outcome = outcome_worse(outcome, one);
    }
    return outcome == OUT_OK ? check(problem, options) : outcome;
}
