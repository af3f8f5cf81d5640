/* token_conf.c: see token_conf.h. */
#include "token_conf.h"

#include <stdlib.h>
#include <string.h>

#include "files.h"

/* Where the value of that name goes; NULL for an unknown one. */
static char *value_of(struct token_conf *conf, const char *name, size_t len)
{
    const struct {
        const char *name;
        char *value;
    } values[] = {
        {"module", conf->module}, {"token", conf->token},       {"key", conf->key},
        {"kind", conf->kind},     {"pin-file", conf->pin_file},
    };

    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        if (strlen(values[i].name) == len && memcmp(values[i].name, name, len) == 0)
            return values[i].value;
    }
    return NULL;
}

static enum outcome parse_line(struct problem *problem, const char *path, unsigned number,
                               const char *line, size_t len, struct token_conf *conf)
{
    const char *equals = memchr(line, '=', len);

    if (len == 0 || line[0] == '#') return OUT_OK;
    if (equals == NULL)
        return fail(problem, OUT_USAGE, "%s, line %u: expected NAME=VALUE", path, number);
    char *value = value_of(conf, line, (size_t)(equals - line));
    size_t value_len = len - (size_t)(equals + 1 - line);
    if (value == NULL) {
        return fail(problem, OUT_USAGE,
                    "%s, line %u: expected module, token, key, kind or pin-file before the =", path,
                    number);
    }
    if (value[0] != '\0')
        return fail(problem, OUT_USAGE, "%s, line %u: this stands there twice", path, number);
    if (value_len == 0 || value_len >= TOKEN_VALUE_SIZE || memchr(equals + 1, '\0', value_len)) {
        return fail(problem, OUT_USAGE, "%s, line %u: expected a value of 1 to %d bytes", path,
                    number, TOKEN_VALUE_SIZE - 1);
    }
    memcpy(value, equals + 1, value_len);
    return OUT_OK;
}

static enum outcome parse(struct problem *problem, const char *path, const char *text, size_t len,
                          struct token_conf *conf)
{
    enum outcome outcome = OUT_OK;

    for (unsigned number = 1; outcome == OUT_OK && len > 0; number++) {
        const char *newline = memchr(text, '\n', len);
        size_t line = newline == NULL ? len : (size_t)(newline - text);
        outcome = parse_line(problem, path, number, text, line, conf);
        if (newline != NULL) line++;
        text += line;
        len -= line;
    }
    return outcome;
}

static enum outcome check(struct problem *problem, const char *path, struct token_conf *conf)
{
    conf->p256 = strcmp(conf->kind, "p256") == 0;
    if (conf->module[0] == '\0' || conf->token[0] == '\0' || conf->key[0] == '\0') {
        return fail(problem, OUT_USAGE, "%s: expected module=, token= and key=", path);
    }
    if (!conf->p256 && strcmp(conf->kind, "aes") != 0)
        return fail(problem, OUT_USAGE, "%s: expected kind=aes or kind=p256", path);
    /* The file is copied, and programs are started anywhere. */
    if (conf->pin_file[0] != '\0' && conf->pin_file[0] != '/')
        return fail(problem, OUT_USAGE,
                    "%s: expected a path that begins with / in pin-file=", path);
    return OUT_OK;
}

enum outcome token_conf_read(struct problem *problem, const char *path, struct token_conf *conf)
{
    uint8_t *bytes;
    size_t len;
    enum outcome outcome = file_read(problem, path, TOKEN_CONF_MAX, &bytes, &len);

    memset(conf, 0, sizeof *conf);
    if (outcome != OUT_OK) return outcome;
    outcome = parse(problem, path, (const char *)bytes, len, conf);
    free(bytes);
    return outcome == OUT_OK ? check(problem, path, conf) : outcome;
}
