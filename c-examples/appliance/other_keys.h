/* other_keys.h: may the keys of another directory (--new-keys, --keep) open what is written here?
 * It does not know what is written.
 */
#ifndef APPLIANCE_OTHER_KEYS_H
#define APPLIANCE_OTHER_KEYS_H

#include "app.h"

/* The directory's challenge, where there is one and the private half to open it, has to be this
 * installation's; a stale one will do. `where` names it. A directory without one is not told apart.
 */
enum outcome other_keys_check_challenge(struct app *app, const struct key_dir *keys,
                                        const char *where);

/* OUT_POLICY when a signature that lies beside a restore point names it: who opens backups proves
 * nothing by signing them. */
enum outcome other_keys_check_origin(struct app *app, const struct key_dir *keys);

#endif
