/* json_text.h: text from outside as JSON. */
#ifndef PB_JSON_TEXT_H
#define PB_JSON_TEXT_H

#include <jansson.h>

/* The text, with '?' for every byte that is no part of a UTF-8 character, where json_string and
 * json_pack would give nothing at all. NULL: null. */
json_t *pb_json_text(const char *text);

#endif
