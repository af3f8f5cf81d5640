/* escape.h: text of unknown origin, such as a restore point's name, on its way out: a terminal acts
 * on control characters, and JSON has to be UTF-8. It knows nothing of what the text says.
 */
#ifndef APPLIANCE_ESCAPE_H
#define APPLIANCE_ESCAPE_H

#include <stdio.h>

/* For people: control characters and bytes that are not UTF-8 become \x1b and the like. */
void escape_plain(FILE *file, const char *text);

/* A JSON string with its quotes; bytes that are not UTF-8 become U+FFFD. */
void escape_json(FILE *file, const char *text);

#endif
