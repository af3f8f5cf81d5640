/* commands.h: the commands, and what a few of them share. Each command is a file of its own,
 * cmd_*.c. */
#ifndef APPLIANCE_COMMANDS_H
#define APPLIANCE_COMMANDS_H

#include "app.h"

enum outcome command_init(struct app *app);
enum outcome command_keygen(struct app *app);
enum outcome command_check(struct app *app);
enum outcome command_backup(struct app *app);
enum outcome command_ls(struct app *app);
enum outcome command_verify(struct app *app);
enum outcome command_scrub(struct app *app);
enum outcome command_restore(struct app *app);
enum outcome command_rekey(struct app *app);
enum outcome command_add_key(struct app *app);
enum outcome command_remove_key(struct app *app);
enum outcome command_rotate(struct app *app);
enum outcome command_rebuild(struct app *app);
enum outcome command_report(struct app *app);
enum outcome command_origin_key(struct app *app);
enum outcome command_sign(struct app *app);
enum outcome command_origin_export(struct app *app);
enum outcome command_kit_export(struct app *app);
enum outcome command_kit_import(struct app *app);

#endif
