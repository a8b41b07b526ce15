#include "tools/problem_text.h"
#include <criterion/criterion.h>
#include <inttypes.h>
#include <string.h>

struct pb_problem problem_of(const char *text) {
    struct pb_problem problem;
    memset(&problem, 0, sizeof problem);
    enum pb_status status = pb_problem_parse(text, &problem);
    cr_assert_eq(status, PB_OK, "%s: %s", text, pb_error());
    return problem;
}

void expect_problem_refused(const char *text, const char *field) {
    struct pb_problem before, problem;
    memset(&problem, 0x5a, sizeof problem);
    memcpy(&before, &problem, sizeof problem);
    cr_expect_eq(pb_problem_parse(text, &problem), PB_INVALID, "%s was accepted", text);
    cr_expect(strstr(pb_error(), field), "%s: \"%s\" does not name %s", text, pb_error(), field);
    cr_expect_eq(memcmp(&before, &problem, sizeof problem), 0, "%s: problem was written", text);
}

void expect_axis(const char *text, const char *name, struct pb_axis got, struct pb_axis want) {
    cr_expect(got.i == want.i && got.o == want.o && got.k == want.k && got.s == want.s &&
                      got.p == want.p && got.pr == want.pr && got.d == want.d,
              "%s: axis %s is i%" PRId64 " o%" PRId64 " k%" PRId64 " s%" PRId64 " p%" PRId64
              " pr%" PRId64 " d%" PRId64,
              text, name, got.i, got.o, got.k, got.s, got.p, got.pr, got.d);
}

static const struct pb_axis absent = ABSENT;

void expect_geometry(const struct geometry *rows, size_t count) {
    for (size_t i = 0; i < count; i++) {
        struct pb_problem problem = problem_of(rows[i].text);
        cr_expect_eq(problem.rank, rows[i].rank, "%s: rank %d", rows[i].text, problem.rank);
        expect_axis(rows[i].text, "d", problem.d, rows[i].rank > 2 ? rows[i].d : absent);
        expect_axis(rows[i].text, "h", problem.h, rows[i].rank > 1 ? rows[i].h : absent);
        expect_axis(rows[i].text, "w", problem.w, rows[i].w);
    }
}
