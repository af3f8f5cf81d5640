/* hsm.c: seals files for two keys in a PKCS#11 token, and opens them with either: the command line.
 * Read next: hsm_commands.c, where a token's keys become coffre's; token.h, the token itself;
 * sealed_file.c, what is sealed. */
#include "hsm.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define PIN_MAX 256

static const char USAGE[] =
    "usage: hsm keygen        KEYS [--p256]            make a key, by default AES-256\n"
    "       hsm seal FILE OUT KEYS                     for both keys of that label\n"
    "       hsm open OUT FILE KEYS --with aes|p256     with one of them\n"
    "KEYS:  --module PATH --token LABEL --label KEY [--pin-file PATH]\n";

enum exit_code fail(enum exit_code code, const char *format, ...)
{
    va_list arguments;

    fputs("hsm: ", stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    putc('\n', stderr);
    return code;
}

enum exit_code fail_status(coffre_status status, const char *what)
{
    enum exit_code code = HSM_INTERNAL; /* also: the caller's fault, which is this program's */

    if (status == COFFRE_ERR_RANDOM || status == COFFRE_ERR_RANDOM_REPEATED ||
        status == COFFRE_ERR_CALLBACK)
        code = HSM_ENVIRONMENT;
    else if (status == COFFRE_ERR_WRONG_KEY || status == COFFRE_ERR_MISSING_KEY)
        code = HSM_WRONG_KEY;
    else if (status == COFFRE_ERR_UNSUPPORTED_VERSION || status == COFFRE_ERR_UNSUPPORTED_SUITE ||
             status == COFFRE_ERR_INVALID_KEY)
        code = HSM_UNSUPPORTED;
    else if (status <= COFFRE_ERR_MALFORMED && status > COFFRE_ERR_WRONG_KEY)
        code = HSM_CORRUPT; /* all that is the data's fault */
    return fail(code, "%s: %s (%s)", what, coffre_status_message(status),
                coffre_status_name(status));
}

enum exit_code fail_token(enum token_result result, struct token *token)
{
    static const enum exit_code codes[] = {
        [TOKEN_OK] = HSM_OK,
        [TOKEN_REFUSED] = HSM_CORRUPT,
        [TOKEN_UNAVAILABLE] = HSM_ENVIRONMENT,
        [TOKEN_NOT_FOUND] = HSM_MISSING,
        [TOKEN_AMBIGUOUS] = HSM_REFUSED,
        [TOKEN_PIN_REFUSED] = HSM_REFUSED,
        [TOKEN_KEY_EXISTS] = HSM_REFUSED,
        [TOKEN_UNFIT] = HSM_UNSUPPORTED,
    };

    fail(codes[result], "%s", token->problem);
    token->problem[0] = '\0'; /* said */
    return codes[result];
}

static const struct command {
    const char *name;
    int file_count;
    bool with, may_change;
    enum exit_code (*run)(coffre_context *, struct token *, const struct options *);
} COMMANDS[] = {
    {"keygen", 0, false, true, command_keygen},
    {"seal", 2, false, false, command_seal},
    {"open", 2, true, false, command_open},
};

/* The PIN is the file's only line. Never an argument: those are for everybody to see. */
static enum exit_code read_pin(const char *path, uint8_t pin[PIN_MAX], size_t *len)
{
    struct stat info;
    FILE *file = fopen(path, "rb");

    if (file == NULL) {
        return fail(errno == ENOENT ? HSM_MISSING : HSM_ENVIRONMENT, "cannot open %s: %s", path,
                    strerror(errno));
    }
    setvbuf(file, NULL, _IONBF, 0); /* no second copy in a buffer */
    bool looked = fstat(fileno(file), &info) == 0;
    *len = fread(pin, 1, PIN_MAX, file);
    bool failed = ferror(file) || !looked;
    fclose(file);
    if (failed) return fail(HSM_ENVIRONMENT, "cannot read %s", path);
    if ((info.st_mode & 077) != 0)
        return fail(HSM_REFUSED, "%s can be read by others: chmod 600 it", path);
    if (*len > 0 && pin[*len - 1] == '\n') --*len;
    if (*len > 0 && *len < PIN_MAX - 1 && memchr(pin, '\n', *len) == NULL) return HSM_OK;
    return fail(HSM_USAGE, "%s is not one line with a PIN", path);
}

static enum exit_code log_in(const struct options *options, bool may_change, struct token *token)
{
    uint8_t pin[PIN_MAX] = {0};
    struct token_login login = {
        .module = options->module, .label = options->token, .may_change = may_change};
    enum exit_code code = HSM_OK;

    if (options->pin_file != NULL) { /* a token with a keypad needs none */
        login.pin = pin;
        code = read_pin(options->pin_file, pin, &login.pin_len);
    }
    if (code == HSM_OK) {
        enum token_result result = token_open(&login, token);
        if (result != TOKEN_OK) code = fail_token(result, token);
    }
    token_wipe(pin, sizeof pin);
    return code;
}

static bool parse(int argc, char **argv, struct options *options)
{
    static const struct option long_options[] = {
        {"module", required_argument, NULL, 'm'},
        {"token", required_argument, NULL, 't'},
        {"pin-file", required_argument, NULL, 'f'},
        {"label", required_argument, NULL, 'l'},
        {"with", required_argument, NULL, 'w'},
        {"p256", no_argument, NULL, 'p'},
        {NULL, 0, NULL, 0},
    };
    int option;

    while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        if (option == 'm')
            options->module = optarg;
        else if (option == 't')
            options->token = optarg;
        else if (option == 'f')
            options->pin_file = optarg;
        else if (option == 'l')
            options->label = optarg;
        else if (option == 'w')
            options->with = optarg;
        else if (option == 'p')
            options->p256 = true;
        else
            return false;
    }
    for (; optind < argc && options->file_count < 2; optind++)
        options->files[options->file_count++] = argv[optind];
    return optind == argc;
}

static bool makes_sense(const struct command *command, const struct options *options)
{
    bool with_is_right = options->with == NULL
                             ? !command->with
                             : command->with && (strcmp(options->with, "aes") == 0 ||
                                                 strcmp(options->with, "p256") == 0);

    return options->file_count == command->file_count && with_is_right &&
           (!options->p256 || command->run == command_keygen) && options->module != NULL &&
           options->token != NULL && options->label != NULL;
}

int main(int argc, char **argv)
{
    const struct command *command = NULL;
    struct options options = {0};
    struct token token;
    coffre_context context;

    for (size_t i = 0; i < sizeof COMMANDS / sizeof *COMMANDS && argc > 1; i++) {
        if (strcmp(argv[1], COMMANDS[i].name) == 0) command = &COMMANDS[i];
    }
    if (command == NULL || !parse(argc - 1, argv + 1, &options) ||
        !makes_sense(command, &options)) {
        fputs(USAGE, stderr);
        return HSM_USAGE;
    }
    coffre_status status = coffre_context_init(&context, NULL);
    if (status != COFFRE_OK) return fail_status(status, "self-tests");
    enum exit_code code = log_in(&options, command->may_change, &token);
    if (code == HSM_OK) {
        code = command->run(&context, &token, &options);
        if (code != HSM_OK && token.problem[0] != '\0') /* of a callback; coffre knows no more */
            fail(code, "the token: %s", token.problem);
        if (code == HSM_OK && (fflush(stdout) != 0 || ferror(stdout)))
            code = fail(HSM_ENVIRONMENT, "cannot write to standard output");
        token_close(&token);
    }
    coffre_context_wipe(&context);
    return code;
}
