/* exchange_files.h: the directory that is exchanged. Knows nothing of what is in the files.
 */
#ifndef EXCHANGE_FILES_H
#define EXCHANGE_FILES_H

#include "check.h"

#define FILE_MAX (5u << 20)

static struct {
    const char *directory;
    unsigned files; /* written or read */
} exchange;

static FILE *file_of(const char *name, const char *mode)
{
    char path[512];
    int len = snprintf(path, sizeof path, "%s/%s", exchange.directory, name);
    FILE *file = len > 0 && (size_t)len < sizeof path ? fopen(path, mode) : NULL;

    if (file == NULL) {
        printf("%s/%s: it can't be opened\n", exchange.directory, name);
        exit(EXIT_FAILURE);
    }
    exchange.files++;
    return file;
}

static void put(const char *name, const void *bytes, size_t len)
{
    FILE *file = file_of(name, "wb");
    size_t written = fwrite(bytes, 1, len, file);

    CHECK(fclose(file) == 0 && written == len);
}

/* The file's length; it has to fit. */
static size_t get(const char *name, void *bytes, size_t cap)
{
    FILE *file = file_of(name, "rb");
    size_t len = fread(bytes, 1, cap, file);

    CHECK(fgetc(file) == EOF && !ferror(file));
    fclose(file);
    return len;
}

/* A file of known length. */
static void get_all(const char *name, void *bytes, size_t len)
{
    check_about(name);
    CHECK(get(name, bytes, len) == len);
}

#endif
