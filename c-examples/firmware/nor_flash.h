/* nor_flash.h: two sectors of NOR flash in RAM, whose power can go at any step. Erasing a sector
 * makes it all ones; programming clears bits, a word at a time. A step that is cut leaves its word
 * or sector half done.
 */
#ifndef NOR_FLASH_H
#define NOR_FLASH_H

#include <stddef.h>
#include <stdint.h>

#define NOR_SECTOR 1024
#define NOR_WORD   4

extern uint8_t nor_flash[2][NOR_SECTOR]; /* read as memory is */

/* From now on the power goes in step `steps`, counted from 0; UINT32_MAX for never. */
void nor_cut_after(uint32_t steps);

/* Whether it went. Until the next nor_cut_after nothing changes any more. */
int nor_was_cut(void);

/* From now on the first byte of a sector is worn out: it takes no programming. NOR_NONE for none.
 */
#define NOR_NONE 2
void nor_wear_out(size_t sector);

void nor_erase(size_t sector);

/* Programs a sector that was erased from its beginning. */
void nor_program(size_t sector, const uint8_t *bytes, size_t len);

#endif
