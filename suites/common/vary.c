/* One list of problems in several minibatches, layouts and directions. */
#include "common/suites.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The bits of the names in a list with commas; INVALID names one that is not known. */
static enum pb_status read_names(const char *option, const char *list, int count,
                                 const char *(*name)(int), unsigned *bits) {
    *bits = 0;
    for (const char *word = list;; word++) {
        size_t length = strcspn(word, ",");
        int i = 0;
        while (i < count && (strlen(name(i)) != length || strncmp(name(i), word, length) != 0)) i++;
        if (i == count)
            return pb_fail(PB_INVALID, "--%s: '%.*s' is none", option, (int)length, word);
        *bits |= 1u << i;
        word += length;
        if (!*word) return PB_OK;
    }
}

static const char *layout_name(int i) {
    return pb_layout_name((enum pb_layout)i);
}

static const char *dir_name(int i) {
    return pb_dir_name((enum pb_dir)i);
}

enum pb_status pb_variants_layouts(struct pb_variants *variants, const char *list) {
    return read_names("layout", list, PB_LAYOUTS, layout_name, &variants->layouts);
}

enum pb_status pb_variants_dirs(struct pb_variants *variants, const char *list) {
    return read_names("dir", list, PB_DIRS, dir_name, &variants->dirs);
}

enum pb_status pb_variants_batches(struct pb_variants *variants, const char *list) {
    variants->batches = 0;
    for (const char *digits = list;; digits++) {
        char *end;
        long long mb = strtoll(digits, &end, 10);
        if (end == digits || mb < 0 || mb > INT32_MAX || variants->batches == PB_VARIANTS_BATCHES ||
            (*end && *end != ','))
            return pb_fail(PB_INVALID, "--mb '%s' is no list of up to %d minibatches", list,
                           PB_VARIANTS_BATCHES);
        variants->batch[variants->batches++] = mb;
        if (!*end) return PB_OK;
        digits = end;
    }
}

/* Appends `problem` in every layout and direction that it can have. */
static enum pb_status vary_one(struct pb_problems *to, const struct pb_variants *variants,
                               const struct pb_problem *problem) {
    unsigned layouts = variants->layouts ? variants->layouts : 1u << problem->layout;
    unsigned dirs = variants->dirs ? variants->dirs : 1u << problem->dir;
    enum pb_status status = PB_OK;
    for (int dir = 0; dir < PB_DIRS; dir++)
        for (int layout = 0; !status && layout < PB_LAYOUTS; layout++) {
            struct pb_problem varied = *problem;
            varied.dir = (enum pb_dir)dir;
            varied.layout = (enum pb_layout)layout;
            bool wanted = dirs >> dir & 1 && layouts >> layout & 1;
            if (wanted && pb_problem_check(&varied) == PB_OK)
                status = pb_problems_append(to, &varied);
        }
    return status;
}

enum pb_status pb_problems_vary(struct pb_problems *problems, const struct pb_variants *variants) {
    struct pb_problems varied = {0};
    enum pb_status status = PB_OK;
    int batches = variants->batches ? variants->batches : 1;
    for (int b = 0; b < batches; b++)
        for (size_t i = 0; !status && i < problems->count; i++) {
            struct pb_problem problem = problems->item[i];
            if (variants->batches) problem.mb = variants->batch[b];
            status = vary_one(&varied, variants, &problem);
        }
    pb_problems_free(problems);
    *problems = varied;
    return status;
}
