/* JSON takes no text but UTF-8. */
#include "common/json_text.h"
#include "core/text.h"
#include <stdlib.h>
#include <string.h>

json_t *pb_json_text(const char *text) {
    if (!text) return json_null();
    json_t *json = json_string(text);
    char *copy = json ? NULL : strdup(text);
    if (!copy) return json;
    json = json_string(text_make_valid(copy));
    free(copy);
    return json;
}
