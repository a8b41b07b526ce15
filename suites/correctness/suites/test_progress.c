/* The line that says how far a run is. */
#include "common/progress.h"
#include <criterion/criterion.h>
#include <fcntl.h>
#include <pty.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Makes standard error a terminal so many columns wide; returns the end that sees what is shown. */
static int terminal(unsigned short columns) {
    int seen, shown;
    struct winsize size = {.ws_row = 24, .ws_col = columns};
    cr_assert_eq(openpty(&seen, &shown, NULL, NULL, &size), 0);
    cr_assert_geq(dup2(shown, STDERR_FILENO), 0);
    fcntl(seen, F_SETFL, O_NONBLOCK);
    return seen;
}

static void expect_shown(int seen, const char *text) {
    char got[256] = "";
    ssize_t count = read(seen, got, sizeof got - 1);
    got[count > 0 ? count : 0] = 0;
    cr_expect_str_eq(got, text);
}

Test(progress, one_line_is_rewritten) {
    int seen = terminal(80);
    progress_clear();
    expect_shown(seen, "");
    cr_expect(progress_due());
    progress_show("%d of 3", 1);
    progress_show("%d of 3", 2);
    expect_shown(seen, "\r\033[K1 of 3\r\033[K2 of 3");
    cr_expect_not(progress_due(), "the last has just been shown");
    progress_clear();
    progress_clear();
    expect_shown(seen, "\r\033[K");
}

/* One that is wrapped could not be rewritten. */
Test(progress, a_line_fits_the_terminal) {
    int seen = terminal(6);
    progress_show("%s", "ab\u00e4cdefg");
    expect_shown(seen, "\r\033[Kab\u00e4cd");
}

Test(progress, a_log_has_none) {
    int ends[2];
    cr_assert_eq(pipe2(ends, O_NONBLOCK), 0);
    cr_assert_geq(dup2(ends[1], STDERR_FILENO), 0);
    cr_expect_not(progress_due());
    progress_show("1 of 3");
    progress_clear();
    expect_shown(ends[0], "");
}
