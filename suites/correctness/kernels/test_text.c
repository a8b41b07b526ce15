/* Text from outside: what is no UTF-8 or no letter is replaced, the rest stays. */
#include "core/text.h"
#include "common/json_text.h"
#include "poolbench.h"
#include <criterion/criterion.h>
#include <string.h>

Test(text, bytes_that_are_no_character_are_replaced) {
    static const struct {
        const char *given, *valid, *line;
    } rows[] = {
            {"", "", ""},
            {"plain", "plain", "plain"},
            {"a\nb\tc\x7f", "a\nb\tc\x7f", "a b c "},
            {"\xc3\xa4 \xe2\x80\xa6 \xf0\x9f\x98\x80", "\xc3\xa4 \xe2\x80\xa6 \xf0\x9f\x98\x80",
             "\xc3\xa4 \xe2\x80\xa6 \xf0\x9f\x98\x80"},
            {"\xe4", "?", "?"},
            {"\x80z", "?z", "?z"},
            {"cut \xe2\x80", "cut ??", "cut ??"},
            {"\xc0\xaf", "??", "??"},             /* '/' in two bytes */
            {"\xe0\x80\xaf", "???", "???"},       /* in three */
            {"\xed\xa0\x80", "???", "???"},       /* half of a UTF-16 pair */
            {"\xf4\x90\x80\x80", "????", "????"}, /* beyond Unicode */
            {"\xf5\x80\x80\x80", "????", "????"},
            {"\xc2\x9b"
             "1m",
             "\xc2\x9b"
             "1m",
             "  1m"}, /* a terminal's escape in one character */
            {"\xff\xfe", "??", "??"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char valid[32], line[32];
        cr_expect_str_eq(text_make_valid(strcpy(valid, rows[i].given)), rows[i].valid, "%zu", i);
        cr_expect_str_eq(text_make_line(strcpy(line, rows[i].given)), rows[i].line, "%zu", i);
        cr_expect_eq(text_is_line(rows[i].given), !strcmp(rows[i].given, rows[i].line), "%zu", i);
        json_t *json = pb_json_text(rows[i].given);
        cr_expect_str_eq(json_string_value(json), rows[i].valid, "%zu", i);
        json_decref(json);
    }
}

Test(text, a_sentence_is_one_line) {
    char long_text[2000];
    memset(long_text, 'x', sizeof long_text);
    memcpy(long_text + 1022, "\xc3\xa4", 3); /* cut in two */
    pb_fail(PB_PROVIDER, "%s", "a\033[31m\nb\xe4");
    cr_expect_str_eq(pb_error(), "a [31m b?");
    pb_fail(PB_PROVIDER, "%s", long_text);
    cr_expect_str_eq(pb_error() + 1022, "?");
}
