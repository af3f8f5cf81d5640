/* qr.c: see qr.h. The codes are libqrencode's. */
#include "qr.h"

#include <qrencode.h>
#include <string.h>

#define QUIET     4  /* modules of margin, as the standard demands */
#define PRINTED   90 /* millimetres: about a millimetre a module, for any telephone */
#define FONT_SIZE 2

/* Level Q: a quarter of it may be stained. */
static enum outcome encode(struct problem *problem, const char *text, QRcode **code)
{
    *code = QRcode_encodeString(text, 0, QR_ECLEVEL_Q, QR_MODE_8, 1);
    if (*code != NULL) return OUT_OK;
    return fail_errno(problem, "make", "a QR code");
}

static bool is_dark(const QRcode *code, int x, int y)
{
    if (x < 0 || y < 0 || x >= code->width || y >= code->width) return false;
    return (code->data[y * code->width + x] & 1) != 0;
}

/* One rectangle for each run of dark modules in a row. */
static void draw_rows(FILE *svg, const QRcode *code)
{
    for (int y = 0; y < code->width; y++) {
        for (int x = 0, end; x < code->width; x = end + 1) {
            for (end = x; is_dark(code, end, y); end++)
                continue;
            if (end > x) fprintf(svg, "M%d %dh%dv1h-%dz", x + QUIET, y + QUIET, end - x, end - x);
        }
    }
}

static void draw(FILE *svg, const QRcode *code, const char *caption)
{
    int width = code->width + 2 * QUIET, height = width + FONT_SIZE;

    fprintf(svg,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%dmm\" height=\"%.1fmm\""
            " viewBox=\"0 0 %d %d\">\n<title>%s</title>\n"
            "<rect width=\"%d\" height=\"%d\" fill=\"#ffffff\"/>\n"
            "<path shape-rendering=\"crispEdges\" fill=\"#000000\" d=\"",
            PRINTED, (double)PRINTED * height / width, width, height, caption, width, height);
    draw_rows(svg, code);
    fprintf(svg,
            "\"/>\n<text x=\"%d\" y=\"%d\" font-family=\"monospace\" font-size=\"%d\">%s</text>\n"
            "</svg>\n",
            QUIET, width, FONT_SIZE, caption);
}

enum outcome qr_svg(struct problem *problem, const char *text, const char *caption, char **svg,
                    size_t *len)
{
    QRcode *code;
    enum outcome outcome = encode(problem, text, &code);

    *svg = NULL;
    if (outcome != OUT_OK) return outcome;
    FILE *file = open_memstream(svg, len);
    if (file != NULL) draw(file, code, caption);
    QRcode_free(code);
    if (file != NULL && fclose(file) == 0) return OUT_OK;
    return fail_errno(problem, "draw", "a QR code");
}

enum outcome qr_print(struct problem *problem, const char *text, FILE *file, bool colours)
{
    /* By which of the two modules is light: none, the upper, the lower, both. */
    static const char *const blocks[] = {" ", "\xe2\x96\x80", "\xe2\x96\x84", "\xe2\x96\x88"};
    QRcode *code;
    enum outcome outcome = encode(problem, text, &code);

    if (outcome != OUT_OK) return outcome;
    for (int y = -QUIET; y < code->width + QUIET; y += 2) {
        if (colours) fputs("\x1b[97;40m", file);
        for (int x = -QUIET; x < code->width + QUIET; x++) {
            int light = (is_dark(code, x, y) ? 0 : 1) + (is_dark(code, x, y + 1) ? 0 : 2);
            fputs(blocks[light], file);
        }
        fputs(colours ? "\x1b[0m\n" : "\n", file);
    }
    QRcode_free(code);
    return OUT_OK;
}
