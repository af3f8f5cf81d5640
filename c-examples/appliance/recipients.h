/* recipients.h: a record's recipients as words and lines: who can open it, and what that costs. */
#ifndef APPLIANCE_RECIPIENTS_H
#define APPLIANCE_RECIPIENTS_H

#include "coffre.h"

const char *recipient_kind(uint32_t type);

/* "password (PBKDF2)  0123-…  hint "…", 600000 iterations" */
#define RECIPIENT_LINE_SIZE 320
void recipient_line(const coffre_record_recipient *recipient, char line[RECIPIENT_LINE_SIZE]);

#endif
