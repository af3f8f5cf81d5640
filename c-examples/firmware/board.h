/* board.h: what a program here asks of a board. For a board of your own write these functions, a
 * linker script and start-up code; boards/ has examples.
 */
#ifndef BOARD_H
#define BOARD_H

#include <stddef.h>
#include <stdint.h>

/* Prints a string with its NUL; a product has a UART, or nothing. */
void board_print(const char *text);

/* Fills `out` from a true random source and returns 0, or anything else when it cannot. The
 * signature is coffre_random_fn's. The emulated boards have no such source, and what they give here
 * is for tests alone: a product reads its processor's random number generator.
 */
int32_t board_random(void *user, uint8_t *out, size_t len);

/* Reads `len` bytes at `at` of the external memory where backups lie: SPI flash, eMMC, an SD card.
 * Returns 0, or anything else when it cannot.
 */
int board_storage_read(uint64_t at, uint8_t *out, size_t len);

/* Bytes of RAM that the program has all the time. */
size_t board_static_ram(void);

/* The first fills the stack that is free now with a pattern, and returns where that begins: where
 * the caller's stack pointer stands, to a few words. The second tells how many bytes below `from`
 * no longer hold it: how deep the calls in between went. NULL stands for the stack's beginning.
 * SIZE_MAX if nothing of it is left, so that the stack may have run into the data.
 */
const void *board_stack_paint(void);
size_t board_stack_used(const void *from);

/* Bytes of stack without which the program does not link. */
size_t board_stack_least(void);

/* Ends the program; 0 says that all went well. A product goes on with its work instead. */
_Noreturn void board_exit(int code);

#endif
