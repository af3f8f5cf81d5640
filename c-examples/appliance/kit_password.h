/* kit_password.h: where the password of a recovery kit comes from: --kit-password-file, or the
 * terminal. It is another one than a key's: the kit leaves the house. */
#ifndef APPLIANCE_KIT_PASSWORD_H
#define APPLIANCE_KIT_PASSWORD_H

#include "app.h"
#include "password.h"

/* Asked for twice when it is `set`. The caller wipes it, also after a failure. */
enum outcome kit_password_read(struct app *app, const uint8_t key_id[16], bool set,
                               struct password *password);

#endif
