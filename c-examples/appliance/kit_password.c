/* kit_password.c: see kit_password.h. */
#include "kit_password.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum outcome kit_password_read(struct app *app, const uint8_t key_id[16], bool set,
                               struct password *password)
{
    const char *file = app->options.kit_password_file;
    char whose[64], id[COFFRE_KEY_ID_TEXT_SIZE];

    memset(password, 0, sizeof *password);
    coffre_key_id_text(key_id, id);
    snprintf(whose, sizeof whose, "the kit of %s", id);
    if (file == NULL) { /* password_read would name the option for keys */
        int terminal = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
        if (terminal < 0) {
            return fail(&app->problem, OUT_USAGE,
                        "%s needs a password, and there is no terminal to ask at. Name a file that"
                        " holds it with --kit-password-file",
                        whose);
        }
        close(terminal);
    }
    return password_read(&app->problem, file, whose, set, password);
}
