/* other_zstd.c: stands for somebody else's zstd in a firmware: the names that Coffre's has inside,
 * which end the program if Coffre calls them.
 */
#include "board.h"

#define OTHER(name) \
    void name(void); \
    void name(void) \
    { \
        board_print("FAILED  " #name " of the other zstd was called\n"); \
        board_exit(1); \
    }

OTHER(ZSTD_initStaticCCtx)
OTHER(ZSTD_initStaticDCtx)
OTHER(ZSTD_compress2)
OTHER(ZSTD_decompressStream)
OTHER(ZSTD_isError)
