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
     "make a key (or --kek, --password, --token) and its challenge"},
    {"check", 0, 0, command_check, "check", "do the keys here fit this repository?"},
    {"backup", 1, 1, command_backup, "backup IMAGE",
     "make a restore point of a file or block device"},
    {"ls", 0, 0, command_ls, "ls", "list the restore points"},
    {"verify", 0, 1, command_verify, "verify [POINT]",
     "open every block of one or all restore points"},
    {"scrub", 0, 0, command_scrub, "scrub", "find damage, without any key"},
    {"restore", 2, 2, command_restore, "restore POINT FILE", "write a restore point to a new file"},
    {"rekey", 0, 0, command_rekey, "rekey", "replace the key (--keys) by another (--new-keys)"},
    {"add-key", 0, 0, command_add_key, "add-key", "let a further key (--new-keys) open everything"},
    {"remove-key", 1, 1, command_remove_key, "remove-key KEY-ID", "take a key out of every record"},
    {"rotate", 0, 0, command_rotate, "rotate",
     "new storage keys for the key at hand and every --keep"},
    {"rebuild", 0, 0, command_rebuild, "rebuild", "make a lost database again"},
    {"report", 0, 0, command_report, "report", "who can open what, without any key"},
    {"origin-key", 0, 0, command_origin_key, "origin-key", "make a key that signs restore points"},
    {"sign", 1, 1, command_sign, "sign POINT", "say who made a restore point, after verifying it"},
    {"origin-export", 1, 1, command_origin_export, "origin-export POINT",
     "its signature as files for `openssl dgst`, without any key"},
    {"kit-export", 0, 1, command_kit_export, "kit-export [FILE|-]",
     "put the key under a password: to print, to keep"},
    {"kit-import", 0, 1, command_kit_import, "kit-import [FILE|-]",
     "take the key out of a kit, or with --stored [KEY-ID] out of a stored one"},
};
#define COMMAND_COUNT (sizeof COMMANDS / sizeof COMMANDS[0])

static void print_help(void)
{
    enum outcome outcome;
    const char *meaning;

    puts("usage: appliance COMMAND [OPTIONS]\n\nCommands:");
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        printf("  %-20s %s\n", COMMANDS[i].usage, COMMANDS[i].does);
    puts("\nOptions:");
    options_help();
    puts("\nPOINT is a restore point's id, its beginning, or \"latest\"; KEY-ID is as `report` "
         "prints"
         " it.\n\nExit codes, from the least grave to the gravest:");
    for (size_t i = 0; (meaning = outcome_table(i, &outcome)) != NULL; i++) {
        printf("  %3d  %-18s %s\n", (int)outcome, outcome_name(outcome), meaning);
    }
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
    if ((COMMANDS[command].run == command_rekey || COMMANDS[command].run == command_add_key) &&
        app->options.new_keys == NULL) {
        return fail(&app->problem, OUT_USAGE,
                    "%s needs --new-keys DIR, which `appliance keygen --keys DIR` makes",
                    COMMANDS[command].name);
    }
    return OUT_OK;
}

/* Options may stand anywhere; the first word that is none is the command. */
static enum outcome run(struct app *app, int argc, char **argv)
{
    enum outcome outcome = options_parse(&app->problem, argc, argv, &app->options);
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
