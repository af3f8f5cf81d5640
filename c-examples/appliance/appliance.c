/* appliance.c: a backup program on coffre: the command line. Read next: commands.h, then any
 * cmd_*.c; README.md has the map. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "commands.h"
#include "text.h"

static const struct {
    const char *name;
    int least, most; /* arguments */
    enum outcome (*run)(struct app *app);
    const char *usage, *does;
} COMMANDS[] = {
    {"init", 0, 0, command_init, "init", "make an empty repository"},
    {"keygen", 0, 0, command_keygen, "keygen",
     "make a key (--kek: a 32-byte one) and its challenge"},
    {"check", 0, 0, command_check, "check", "do the keys here fit this repository?"},
    {"backup", 1, 1, command_backup, "backup IMAGE",
     "make a restore point of a file or block device"},
    {"ls", 0, 0, command_ls, "ls", "list the restore points"},
    {"verify", 0, 1, command_verify, "verify [POINT]",
     "open every block of one or all restore points"},
    {"scrub", 0, 0, command_scrub, "scrub", "find damage, without any key"},
    {"restore", 2, 2, command_restore, "restore POINT FILE", "write a restore point to a new file"},
    {"rekey", 0, 0, command_rekey, "rekey", "replace the key (--keys) by another (--new-keys)"},
    {"rebuild", 0, 0, command_rebuild, "rebuild", "make a lost database again"},
    {"report", 0, 0, command_report, "report", "which key opens what, without any key"},
};
#define COMMAND_COUNT (sizeof COMMANDS / sizeof COMMANDS[0])

static void print_help(void)
{
    enum outcome outcome;
    const char *meaning;

    puts("usage: appliance COMMAND [OPTIONS]\n\nCommands:");
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        printf("  %-20s %s\n", COMMANDS[i].usage, COMMANDS[i].does);
    puts("\nOptions:\n"
         "  --repo DIR           the repository (default: $APPLIANCE_REPO, or ./repo)\n"
         "  --keys DIR           the keys (default: $APPLIANCE_KEYS, or ./keys)\n"
         "  --new-keys DIR       rekey: the keys that take their place\n"
         "  --prepare            rekey: add the new key, do not remove the old one yet\n"
         "  --kek                keygen: a 32-byte key instead of a P-256 pair\n"
         "  --block-size SIZE    backup: 1 to 67108864 bytes, such as 64K (default 1M)\n"
         "  --name NAME          backup: the restore point's name (default: the image's)\n"
         "  --force              restore: replace FILE; rebuild: replace the database\n"
         "  --json               one JSON object on standard output\n"
         "  --quiet              no progress\n"
         "  POINT is a restore point's id, its beginning, or \"latest\".\n\n"
         "Exit codes, from the least grave to the gravest:");
    for (size_t i = 0; (meaning = outcome_table(i, &outcome)) != NULL; i++) {
        printf("  %3d  %-18s %s\n", (int)outcome, outcome_name(outcome), meaning);
    }
}

static const char *from_environment(const char *name, const char *otherwise)
{
    const char *value = getenv(name);
    return value != NULL && value[0] != '\0' ? value : otherwise;
}

static enum outcome parse_block_size(struct app *app, const char *text)
{
    uint64_t size;

    if (!size_parse(text, COFFRE_BLOCK_MAX, &size) || size == 0) {
        return fail(&app->problem, OUT_USAGE,
                    "--block-size %s: expected 1 to %u bytes, such as 65536, 64K or 1M", text,
                    (unsigned)COFFRE_BLOCK_MAX);
    }
    app->options.block_size = (uint32_t)size;
    return OUT_OK;
}

static enum outcome parse_options(struct app *app, int argc, char **argv)
{
    static const struct option long_options[] = {
        {"repo", required_argument, NULL, 'r'},
        {"keys", required_argument, NULL, 'k'},
        {"new-keys", required_argument, NULL, 'n'},
        {"name", required_argument, NULL, 'm'},
        {"block-size", required_argument, NULL, 'b'},
        {"force", no_argument, NULL, 'f'},
        {"kek", no_argument, NULL, 'e'},
        {"prepare", no_argument, NULL, 'p'},
        {"json", no_argument, NULL, 'j'},
        {"quiet", no_argument, NULL, 'q'},
        {NULL, 0, NULL, 0},
    };
    struct options *options = &app->options;
    enum outcome outcome = OUT_OK;
    int option;

    opterr = 0; /* the message goes where all messages go */
    options->repo = from_environment("APPLIANCE_REPO", "repo");
    options->keys = from_environment("APPLIANCE_KEYS", "keys");
    /* Goes on after a failure, so that a --json behind it counts. */
    while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        switch (option) {
        case 'r':
            options->repo = optarg;
            break;
        case 'k':
            options->keys = optarg;
            break;
        case 'n':
            options->new_keys = optarg;
            break;
        case 'm':
            options->name = optarg;
            break;
        case 'b':
            outcome = outcome_worse(outcome, parse_block_size(app, optarg));
            break;
        case 'f':
            options->force = true;
            break;
        case 'e':
            options->kek = true;
            break;
        case 'p':
            options->prepare = true;
            break;
        case 'j':
            options->json = true;
            break;
        case 'q':
            options->quiet = true;
            break;
        default:
            outcome =
                fail(&app->problem, OUT_USAGE,
                     "unknown option or missing value: %s; see appliance --help", argv[optind - 1]);
        }
    }
    if (outcome == OUT_OK && options->name != NULL && options->name[0] == '\0')
        outcome = fail(&app->problem, OUT_USAGE, "--name: expected at least one character");
    if (outcome == OUT_OK && options->name != NULL && strlen(options->name) >= POINT_NAME_SIZE) {
        outcome = fail(&app->problem, OUT_USAGE, "--name: expected at most %d bytes",
                       POINT_NAME_SIZE - 1);
    }
    return outcome;
}

static enum outcome parse_arguments(struct app *app, size_t command, int count, char **arguments)
{
    if (count < COMMANDS[command].least || count > COMMANDS[command].most) {
        return fail(&app->problem, OUT_USAGE, "expected: appliance %s [OPTIONS]",
                    COMMANDS[command].usage);
    }
    for (int i = 0; i < count; i++)
        app->options.arguments[i] = arguments[i];
    app->options.argument_count = count;
    if (COMMANDS[command].run == command_rekey && app->options.new_keys == NULL) {
        return fail(&app->problem, OUT_USAGE,
                    "rekey needs --new-keys DIR, which `appliance keygen --keys DIR` makes");
    }
    return OUT_OK;
}

/* Options may stand anywhere; the first word that is none is the command. */
static enum outcome run(struct app *app, int argc, char **argv)
{
    enum outcome outcome = parse_options(app, argc, argv);
    const char *name = optind < argc ? argv[optind] : "";
    size_t command = 0;

    while (command < COMMAND_COUNT && strcmp(COMMANDS[command].name, name) != 0)
        command++;
    out_begin(&app->out, command < COMMAND_COUNT ? name : "appliance", app->options.json);
    if (outcome == OUT_OK && command == COMMAND_COUNT) {
        outcome = fail(&app->problem, OUT_USAGE,
                       "expected a command, found \"%s\"; see appliance --help", name);
    }
    if (outcome == OUT_OK)
        outcome = parse_arguments(app, command, argc - optind - 1, argv + optind + 1);
    if (outcome == OUT_OK) outcome = app_start(app);
    if (outcome == OUT_OK) outcome = COMMANDS[command].run(app);
    app_stop(app);
    return out_end(&app->out, outcome, outcome == OUT_OK ? "" : app->problem.text);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            print_help();
            return OUT_OK;
        }
        if (strcmp(argv[i], "--version") == 0) {
            printf("appliance, coffre %s, format %d\n", coffre_version(), COFFRE_FORMAT_VERSION);
            return OUT_OK;
        }
    }
    struct app *app = calloc(1, sizeof *app);
    if (app == NULL) return OUT_ENVIRONMENT;
    app->lock = -1;
    umask(077);
    signal(SIGXFSZ, SIG_IGN); /* a file size limit is then an error of write, with a message */
    int code = (int)run(app, argc, argv);
    wipe_bytes(app, sizeof *app);
    free(app);
    return code;
}
