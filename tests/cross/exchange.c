/* exchange.c: what one processor wrote, opened on another.
 *
 * Usage: exchange write DIRECTORY; exchange open DIRECTORY   (scripts/test-cross.sh calls it)
 *
 * `write` makes one of everything that the library writes, from seeded random bytes, so that every
 * processor writes the same files. `open` begins with the key files and the password alone: what it
 * opens it has only read. Read exchange_files.h, then keys, blocks and points.
 */
#include "world.h"

#include "exchange_files.h"
#include "exchange_keys.h"
#include "exchange_blocks.h"
#include "exchange_points.h"

static void write_all(void)
{
    world_make();
    write_keys();
    write_blocks();
    write_old_blocks();
    write_point();
}

static void open_all(void)
{
    struct test_random source = {.state = 1};

    check_must(test_random_context(&source, &world.context), "context");
    lend(&world.workspace, world.memory, sizeof world.memory);
    open_keys();
    open_blocks();
    open_old_blocks();
    open_point();
}

int main(int count, char **arguments)
{
    int writes = count == 3 && strcmp(arguments[1], "write") == 0;

    if (count != 3 || (!writes && strcmp(arguments[1], "open") != 0)) {
        fprintf(stderr, "usage: exchange write|open DIRECTORY\n");
        return 2;
    }
    exchange.directory = arguments[2];
    if (writes) write_all();
    else open_all();
    printf("%u files, engine %s\n", exchange.files, coffre_context_engine(&world.context));
    return check_end();
}
