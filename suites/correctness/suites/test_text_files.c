/* Texts as different systems write them: byte order marks, ends of lines, encodings. */
#include "common/text_stream.h"
#include "common/tuning_cache.h"
#include "results/text_file.h"
#include "results/trainlog.h"
#include <criterion/criterion.h>
#include <errno.h>
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
        FILE *file;
        cr_assert_eq(text_stream_open(path, &file), PB_OK, "%s", pb_error());
        seen[fread(seen, 1, sizeof seen - 1, file)] = 0;
        fclose(file);
        cr_expect_str_eq(seen, texts[i][1], "text %zu", i);
        cr_assert_eq(text_file_read(path, &whole, &size), PB_OK, "%s", pb_error());
        cr_expect_str_eq(whole, texts[i][1], "text %zu", i);
        cr_expect_eq(size, strlen(texts[i][1]));
        free(whole);
    }
    FILE *file;
    cr_expect_eq(text_stream_open("/nonexistent/file", &file), PB_IO);
    cr_expect(!file && strstr(pb_error(), "/nonexistent/file: No such file"), "%s", pb_error());
    cr_expect_eq(text_stream_open("/tmp", &file), PB_IO);
    cr_expect(!file && strstr(pb_error(), "/tmp: Is a directory"), "%s", pb_error());
}

/* Windows', Unix' and the old Macintosh's ends, and marks inside files that were joined. */
Test(text_files, lines_end_in_three_ways) {
    static const struct {
        const char *text, *lines; /* each behind a '|' */
    } cases[] = {
            {"", ""},
            {"a", "|a"},
            {"a\n", "|a"},
            {"a\r", "|a"},
            {"a\r\n", "|a"},
            {"\n\n", "||"},
            {"\r\r", "||"},
            {"\r\n\r\n", "||"},
            {"\n\r", "||"},
            {"a\nb\rc\r\nd", "|a|b|c|d"},
            {"a\r\r\nb", "|a||b"},
            {"a\n\xef\xbb\xbf"
             "b\nc\xef\xbb\xbf",
             "|a|b|c\xef\xbb\xbf"},
            {"a\n\xef\xbb\n", "|a|\xef\xbb"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char seen[64] = "", *line = NULL;
        size_t size = 0;
        ssize_t length;
        FILE *file;
        write_text("", cases[i].text);
        cr_assert_eq(text_stream_open(path, &file), PB_OK, "%s", pb_error());
        while ((length = text_stream_line(file, &line, &size)) >= 0) {
            cr_expect_eq((size_t)length, strlen(line));
            strcat(strcat(seen, "|"), line);
        }
        cr_expect(feof(file));
        cr_expect_str_eq(seen, cases[i].lines, "text %zu", i);
        free(line);
        fclose(file);
    }
}

Test(text_files, a_line_without_an_end_is_given_up) {
    char *line = NULL;
    size_t size = 0;
    FILE *file;
    cr_assert_eq(text_stream_open("/dev/zero", &file), PB_OK, "%s", pb_error());
    cr_expect_eq(text_stream_line(file, &line, &size), -1);
    cr_expect(!feof(file) && errno == EFBIG, "%s", strerror(errno));
    free(line);
    fclose(file);
}

/* As Windows' shell writes what a program prints. */
Test(text_files, another_encoding_is_named) {
    static const char texts[][6] = {"\xff\xfe{\0}", "\xfe\xff\0{\0"};
    for (int i = 0; i < 2; i++) {
        struct pb_trainlog log;
        char *text;
        size_t size;
        FILE *file = fopen(path, "wb");
        cr_assert(file && fwrite(texts[i], 1, 5, file) == 5 && fclose(file) == 0);
        cr_expect_eq(text_stream_open(path, &file), PB_INVALID);
        cr_expect(strstr(pb_error(), "is UTF-16 text; save it as UTF-8"), "%s", pb_error());
        cr_expect_eq(text_file_read(path, &text, &size), PB_INVALID);
        cr_expect(strstr(pb_error(), "is UTF-16 text; save it as UTF-8"), "%s", pb_error());
        cr_expect_eq(pb_trainlog_load(path, &log), PB_INVALID);
        cr_expect_null(tuning_cache_open(path));
    }
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

Test(text_files, a_training_log_of_any_system) {
    static const char *const ends[] = {"\n", "\r\n", "\r"};
    for (int i = 0; i < 3; i++) {
        struct pb_trainlog log;
        char text[512];
        snprintf(text, sizeof text, "# data: drawn%s%s%s1,2,3,4,5,6,7%s2,2,3,4,5,6,7", ends[i],
                 pb_trainlog_columns, ends[i], ends[i]);
        write_text("", text);
        cr_assert_eq(pb_trainlog_load(path, &log), PB_OK, "%s", pb_error());
        cr_expect_eq(log.count, 2);
        cr_expect_str_eq(pb_trainlog_data(&log), "drawn");
        pb_trainlog_free(&log);
    }
}
