/* qr.h: text as a QR code: a picture to be printed, or blocks on a terminal. It does not know what
 * the text says.
 */
#ifndef APPLIANCE_QR_H
#define APPLIANCE_QR_H

#include <stdbool.h>
#include <stdio.h>

#include "outcome.h"

/* An SVG document, malloc'd, with the caption below the code. Neither may hold what XML would have
 * to escape. */
enum outcome qr_svg(struct problem *problem, const char *text, const char *caption, char **svg,
                    size_t *len);

/* Half a character a module, light on dark; with `colours` on any terminal. */
enum outcome qr_print(struct problem *problem, const char *text, FILE *file, bool colours);

#endif
