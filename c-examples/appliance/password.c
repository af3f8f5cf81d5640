/* password.c: see password.h. */
#include "password.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <termios.h>
#include <unistd.h>

#include "files.h"
#include "text.h"

/* Signals that end or stop a program: they wait until the terminal echoes again. */
static const int SIGNALS[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
#define SIGNAL_COUNT (sizeof SIGNALS / sizeof SIGNALS[0])

static volatile sig_atomic_t caught;

static void remember(int number)
{
    caught = number;
}

static enum outcome too_long(struct problem *problem)
{
    return fail(problem, OUT_USAGE, "the password has more than %d bytes", PASSWORD_MAX);
}

static enum outcome read_file(struct problem *problem, const char *file, struct password *password)
{
    uint8_t *bytes;
    size_t len;
    enum outcome outcome = file_read(problem, file, PASSWORD_MAX + 1, &bytes, &len);

    if (outcome == OUT_CORRUPT) return fail(problem, OUT_USAGE, "%s", problem->text);
    if (outcome != OUT_OK) return outcome;
    password->len = len > 0 && bytes[len - 1] == '\n' ? len - 1 : len;
    if (password->len > PASSWORD_MAX)
        outcome = too_long(problem);
    else
        memcpy(password->bytes, bytes, password->len);
    wipe_bytes(bytes, len);
    free(bytes);
    if (outcome == OUT_OK && password->len == 0)
        return fail(problem, OUT_USAGE, "%s holds no password", file);
    return outcome;
}

/* Signals come through here only, so that none is missed between two reads. */
static bool wait_for_byte(int terminal, const sigset_t *let_through)
{
    fd_set ready;

    do {
        FD_ZERO(&ready);
        FD_SET(terminal, &ready);
        if (pselect(terminal + 1, &ready, NULL, NULL, NULL, let_through) > 0) return true;
    } while (errno == EINTR && caught == 0);
    return false;
}

/* Reads up to the newline; byte by byte, so that nothing stays in a buffer elsewhere. */
static enum outcome read_line(struct problem *problem, int terminal, const sigset_t *let_through,
                              struct password *password)
{
    password->len = 0;
    for (;;) {
        uint8_t byte;
        ssize_t got = wait_for_byte(terminal, let_through) ? read(terminal, &byte, 1) : -1;
        if (got <= 0)
            return fail(problem, OUT_USAGE, "no password: %s",
                        got < 0 && caught == 0 ? strerror(errno) : "interrupted");
        if (byte == '\n') return OUT_OK;
        if (password->len == PASSWORD_MAX) return too_long(problem);
        password->bytes[password->len++] = byte;
    }
}

static void say(int terminal, const char *text)
{
    ssize_t done = write(terminal, text, strlen(text)); /* a prompt that is lost harms nobody */
    (void)done;
}

/* Without echo; the terminal is as it was before when this returns or a signal ends the program. */
static enum outcome ask(struct problem *problem, int terminal, const char *prompt,
                        struct password *password)
{
    struct termios before, silent;
    struct sigaction action = {.sa_handler = remember}, old[SIGNAL_COUNT];
    sigset_t held, mask;

    if (tcgetattr(terminal, &before) != 0) return fail_errno(problem, "ask at", "/dev/tty");
    caught = 0;
    sigemptyset(&action.sa_mask);
    sigemptyset(&held);
    for (size_t i = 0; i < SIGNAL_COUNT; i++)
        sigaddset(&held, SIGNALS[i]);
    sigprocmask(SIG_BLOCK, &held, &mask);
    for (size_t i = 0; i < SIGNAL_COUNT; i++)
        sigaction(SIGNALS[i], &action, &old[i]);
    silent = before;
    silent.c_lflag &= ~(tcflag_t)ECHO;
    silent.c_lflag |= (tcflag_t)ECHONL;
    enum outcome outcome = OUT_OK;
    if (tcsetattr(terminal, TCSAFLUSH, &silent) != 0) {
        outcome = fail_errno(problem, "turn echo off at", "/dev/tty");
    } else {
        say(terminal, prompt);
        outcome = read_line(problem, terminal, &mask, password);
        tcsetattr(terminal, TCSAFLUSH, &before);
    }
    for (size_t i = 0; i < SIGNAL_COUNT; i++)
        sigaction(SIGNALS[i], &old[i], NULL);
    sigprocmask(SIG_SETMASK, &mask, NULL);
    if (caught != 0) raise((int)caught);
    return outcome;
}

static enum outcome ask_twice(struct problem *problem, int terminal, struct password *password)
{
    struct password again;
    enum outcome outcome = ask(problem, terminal, "The same again: ", &again);

    if (outcome == OUT_OK &&
        (again.len != password->len || memcmp(again.bytes, password->bytes, again.len) != 0))
        outcome = fail(problem, OUT_USAGE, "the two passwords differ; nothing was changed");
    password_wipe(&again);
    return outcome;
}

enum outcome password_read(struct problem *problem, const char *file, const char *whose, bool set,
                           struct password *password)
{
    char prompt[PATH_MAX + 64];

    memset(password, 0, sizeof *password);
    if (file != NULL) return read_file(problem, file, password);
    int terminal = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (terminal < 0) {
        return fail(problem, OUT_USAGE,
                    "%s needs a password, and there is no terminal to ask at. Name a file that"
                    " holds it with --password-file or $APPLIANCE_PASSWORD_FILE",
                    whose);
    }
    snprintf(prompt, sizeof prompt, "%s for %s: ", set ? "New password" : "Password", whose);
    enum outcome outcome = ask(problem, terminal, prompt, password);
    if (outcome == OUT_OK && password->len == 0)
        outcome = fail(problem, OUT_USAGE, "no password was given");
    if (outcome == OUT_OK && set) outcome = ask_twice(problem, terminal, password);
    close(terminal);
    return outcome;
}

void password_wipe(struct password *password)
{
    wipe_bytes(password, sizeof *password);
}

enum outcome password_lend(struct problem *problem, const char *what, uint32_t memory_kib,
                           uint8_t **workspace, size_t *len)
{
    coffre_policy policy = COFFRE_POLICY_INIT;

    *workspace = NULL;
    *len =
        memory_kib <= policy.max_argon2_memory_kib ? coffre_password_workspace_size(memory_kib) : 0;
    if (*len == 0) return OUT_OK;
    *workspace = malloc(*len);
    if (*workspace != NULL) return OUT_OK;
    return fail(problem, OUT_ENVIRONMENT, "no memory for the %u KiB that %s costs",
                (unsigned)memory_kib, what);
}
