/* Problems and times in words. */
#include "report/labels.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>

const char *pb_shape_label(const char *problem, char label[PB_LABEL_SIZE]) {
    struct pb_problem p;
    if (pb_problem_parse(problem, &p) || !*p.name)
        snprintf(label, PB_LABEL_SIZE, "%.*s", PB_LABEL_SIZE - 1, problem);
    else
        snprintf(label, PB_LABEL_SIZE, "%s  %s%s%s %s", p.name, pb_op_name(p.op),
                 p.dir == PB_FWD ? "" : " ", p.dir == PB_FWD ? "" : pb_dir_name(p.dir),
                 pb_layout_name(p.layout));
    for (char *c = label; *c; c++)
        if (strchr("\"\\", *c) || iscntrl((unsigned char)*c))
            *c = ' '; /* quotes that benchdnn's names have, and what gnuplot takes for its own */
    return label;
}

const char *pb_sizes_label(const struct pb_problem *problem, char label[PB_SIZES_SIZE]) {
    char text[PB_TEXT_SIZE];
    const char *descriptor = pb_problem_print(problem, text);
    bool usual = problem->dtype == PB_F32;
    const char *dtype = usual ? "" : pb_dtype_name(problem->dtype), *space = usual ? "" : " ";
    for (int field = 0; field < 4; field++) descriptor += strcspn(descriptor, ":") + 1;
    if (!*problem->name) {
        snprintf(label, PB_SIZES_SIZE, "%s%s%s", dtype, space, descriptor);
        return label;
    }
    int used = snprintf(label, PB_SIZES_SIZE, "%s%s%s  %lld×%lld", dtype, space, problem->name,
                        (long long)problem->mb, (long long)problem->ic);
    for (int i = 3 - problem->rank; i < 3; i++)
        used += snprintf(label + used, (size_t)(PB_SIZES_SIZE - used), "×%lld",
                         (long long)problem->axis[i].i);
    return label;
}

const char *pb_time_text(double seconds, char text[16]) {
    static const struct {
        double size;
        const char *name;
    } units[] = {{1, "s"}, {1e-3, "ms"}, {1e-6, "us"}, {1e-9, "ns"}};
    size_t i = 0;
    while (i < 3 && seconds < units[i].size) i++;
    double value = seconds / units[i].size;
    snprintf(text, 16, "%.*f %s", value < 9.995 ? 2 : value < 99.95 ? 1 : 0, value, units[i].name);
    return text;
}
