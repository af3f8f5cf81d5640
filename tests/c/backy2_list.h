/* backy2_list.h: reads the list of backy2's vectors, tests/vectors/backy2_v1/vectors.txt, which
 * backy2_vectors.py writes from vectors.json. Programs run from the root of the tree.
 */
#ifndef BACKY2_LIST_H
#define BACKY2_LIST_H

#include "check.h"

#define VECTORS "tests/vectors/backy2_v1/"
#define LINE_MAX_LEN 16384
#define WORDS 8

/* Bytes of a word or file. */
struct data {
    uint8_t *at;
    size_t len;
};

static inline int nibble(char c)
{
    return c >= 'a' ? c - 'a' + 10 : c - '0';
}

static inline struct data from_hex(const char *word)
{
    struct data data = {poisoned(LINE_MAX_LEN / 2), 0};

    if (word == NULL || *word == '-') return data;
    for (; word[0] != '\0' && word[1] != '\0'; word += 2)
        data.at[data.len++] = (uint8_t)(nibble(word[0]) << 4 | nibble(word[1]));
    return data;
}

static inline struct data from_file(const char *name)
{
    char path[256];
    struct data data = {poisoned(1 << 20), 0};
    FILE *in;

    snprintf(path, sizeof path, VECTORS "%s", name);
    in = fopen(path, "rb");
    if (!CHECK(in != NULL)) return data;
    data.len = fread(data.at, 1, 1 << 20, in);
    fclose(in);
    return data;
}

/* Calls `line` with the words of each line of the list. */
static inline void each_line(const char *kind, void (*line)(char *const words[]), size_t expected)
{
    static char text[LINE_MAX_LEN];
    FILE *list = fopen(VECTORS "vectors.txt", "r");
    size_t count = 0;

    if (!CHECK(list != NULL)) return;
    while (fgets(text, sizeof text, list) != NULL) {
        char *words[WORDS + 1] = {NULL};
        size_t n = 0;

        for (char *word = strtok(text, " \n"); word != NULL; word = strtok(NULL, " \n"))
            if (n < WORDS) words[n++] = word;
        if (n < 2 || strcmp(words[0], kind) != 0) continue;
        line(words);
        count++;
    }
    fclose(list);
    check_about(kind);
    CHECK(count == expected);
}

#endif
