/* part.h: what the programs here have in common: lines on the console, checks that are counted, and
 * the RAM that was used.
 *
 * Each part_*.c is a program of its own: main() calls its steps, and returns part_end().
 */
#ifndef PART_H
#define PART_H

#include "board.h"
#include "coffre.h"

/* Whether the library that was linked has a feature, COFFRE_FEATURE_*. Its calls are there without
 * it, and return COFFRE_ERR_NOT_BUILT.
 */
int part_has(uint32_t feature);

/* Paints the stack, and makes the context: every self-test that needs no memory runs. */
void part_begin(coffre_context *context);

/* Prints how much RAM the program used since part_begin, and what part_result prints and returns.
 */
int part_end(void);

/* Prints how many checks passed or failed; returns what main returns. */
int part_result(void);

/* A sink that compares plaintext with what the image has from `at` on: nobody here has memory for
 * it. A product writes it to where it belongs, under a temporary name until the block is COMPLETE.
 */
struct part_compared {
    uint64_t at;
    int differs;
};
int32_t part_compare(void *compared, const uint8_t *bytes, size_t len);

/* Zeroes memory that held secrets or plaintext. A memset may be left out by the compiler where
 * nothing is read afterwards.
 */
void part_wipe(void *memory, size_t len);

/* The size of a workspace with 32-bit addresses, or larger where addresses are. */
#define PART_WORKSPACE(n) ((n) + (UINTPTR_MAX > UINT32_MAX ? 8192 : 0))

/* Ends the program unless the status is COFFRE_OK. */
void part_must(coffre_status status, const char *what);

/* Prints whether something holds, and remembers if it does not. */
void part_check(int holds, const char *what);

/* Prints whether a status is the expected one, with its name. */
void part_expect(coffre_status expected, coffre_status status, const char *what);

/* Measures how much stack a call takes, which has to succeed: `stack CALL BYTES` is what scripts
 * read, or `stack CALL,KIND BYTES`. The stack below the caller is painted, the call made, and the
 * paint looked at. The number counts from the caller's stack pointer; what was reserved at the deep
 * end without being written is not seen.
 */
#define STACK(call, arguments) STACK_OF(call, NULL, arguments)
#define STACK_OF(call, kind, arguments)                                                            \
    do {                                                                                           \
        const void *free_ = board_stack_paint();                                                   \
        coffre_status status_ = call arguments;                                                    \
        size_t used_ = board_stack_used(free_);                                                    \
        part_stack(#call, kind, status_, used_);                                                   \
    } while (0)
void part_stack(const char *call, const char *kind, coffre_status status, size_t used);

void part_print(const char *text);
void part_print_number(uint64_t number);
void part_print_key_id(const uint8_t id[16]);

#endif
