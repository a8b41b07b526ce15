/* UTF-8 (RFC 3629): which bytes are a character. */
#include "core/text.h"
#include <stddef.h>

/* How many bytes the character at `s` has; 0 where it is none. */
static size_t character(const unsigned char *s) {
    size_t length = *s < 0x80   ? 1
                    : *s < 0xC2 ? 0
                    : *s < 0xE0 ? 2
                    : *s < 0xF0 ? 3
                    : *s < 0xF5 ? 4
                                : 0;
    for (size_t i = 1; i < length; i++)
        if ((s[i] & 0xC0) != 0x80) return 0;
    bool longer_than_needed = (*s == 0xE0 && s[1] < 0xA0) || (*s == 0xF0 && s[1] < 0x90);
    bool no_code_point = (*s == 0xED && s[1] > 0x9F) || (*s == 0xF4 && s[1] > 0x8F);
    return longer_than_needed || no_code_point ? 0 : length;
}

/* Of ASCII, or of the block behind it. */
static bool is_control(const unsigned char *s) {
    return *s < 0x20 || *s == 0x7F || (*s == 0xC2 && s[1] < 0xA0);
}

char *text_make_valid(char *text) {
    for (unsigned char *s = (unsigned char *)text; *s;) {
        size_t length = character(s);
        if (!length) *s = '?';
        s += length ? length : 1;
    }
    return text;
}

char *text_make_line(char *text) {
    for (unsigned char *s = (unsigned char *)text_make_valid(text); *s;) {
        size_t length = character(s);
        bool control = is_control(s);
        for (; length; length--, s++)
            if (control) *s = ' ';
    }
    return text;
}

bool text_is_line(const char *text) {
    for (const unsigned char *s = (const unsigned char *)text; *s; s += character(s))
        if (!character(s) || is_control(s)) return false;
    return true;
}
