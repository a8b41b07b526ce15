/* The byte order mark that some editors put in front of UTF-8 is no part of a text. */
#include "common/text_stream.h"
#include "common/tuning_cache.h"
#include "results/text_file.h"
#include "results/trainlog.h"
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char path[] = "/tmp/poolbench-text-XXXXXX";

static void make_file(void) {
    const int file = mkstemp(path);
    cr_assert_geq(file, 0);
    close(file);
}

static void remove_file(void) {
    remove(path);
}

TestSuite(text_files, .init = make_file, .fini = remove_file);

static void write_text(const char *before, const char *text) {
    FILE *file = fopen(path, "wb");
    cr_assert(file && fprintf(file, "%s%s", before, text) >= 0 && fclose(file) == 0);
}

/* What a reader is shown of each text. A part of the mark is text. */
Test(text_files, a_mark_is_skipped_and_nothing_else) {
    static const char *const texts[][2] = {
            {"", ""},
            {"a", "a"},
            {"\xef", "\xef"},
            {"\xef\xbb", "\xef\xbb"},
            {"\xef\xbb\xbf", ""},
            {"\xef\xbb\xbf"
             "abc",
             "abc"},
            {"\xef\xbb"
             "abc",
             "\xef\xbb"
             "abc"},
            {"\xef"
             "abc",
             "\xef"
             "abc"},
            {"abc\xef\xbb\xbf", "abc\xef\xbb\xbf"},
            {"\xef\xbb\xbf\xef\xbb\xbf"
             "a",
             "\xef\xbb\xbf"
             "a"},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char seen[32], *whole;
        size_t size;
        write_text("", texts[i][0]);
        FILE *file = text_stream_open(path);
        cr_assert_not_null(file);
        seen[fread(seen, 1, sizeof seen - 1, file)] = 0;
        fclose(file);
        cr_expect_str_eq(seen, texts[i][1], "text %zu", i);
        cr_assert_eq(text_file_read(path, &whole, &size), PB_OK, "%s", pb_error());
        cr_expect_str_eq(whole, texts[i][1], "text %zu", i);
        cr_expect_eq(size, strlen(texts[i][1]));
        free(whole);
    }
    cr_expect_null(text_stream_open("/nonexistent/file"));
}

Test(text_files, readers_skip_it) {
    struct pb_trainlog log;
    char owner[TUNING_CACHE_LINE], text[512];
    snprintf(text, sizeof text, "# data: drawn\n%s\n1,2,3,4,5,6,7\n", pb_trainlog_columns);
    write_text("\xef\xbb\xbf", text);
    cr_assert_eq(pb_trainlog_load(path, &log), PB_OK, "%s", pb_error());
    cr_expect_str_eq(pb_trainlog_data(&log), "drawn");
    pb_trainlog_free(&log);
    write_text("\xef\xbb\xbf", tuning_cache_owner(owner));
    FILE *file = tuning_cache_open(path);
    cr_expect_not_null(file, "it is the cache of this machine");
    if (file) fclose(file);
}
