/* Batch files: a problem a word, and those options of benchdnn's files that say what to compute. */
#include "common/suites.h"
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Options whose values are lists: a descriptor stands for every combination. */
enum batch_option {
    ALG,
    DT,
    TAG,
    DIR,
    POST_OPS,
    SCALES,
    ZERO_POINTS,
    MB,
    LISTS,
    MATCH = LISTS,
    OPTIONS
};
static const char *const option_names[] = {
        "alg", "dt",   "tag", "dir", "attr-post-ops", "attr-scales", "attr-zero-points",
        "mb",  "match"};
_Static_assert(sizeof option_names / sizeof *option_names == OPTIONS, "every option has a name");

enum { FWD_TRAINING = PB_DIRS }; /* fwd_idx of what has indices */

/* What benchdnn's values are here. Any other is left out, and counted. Attributes change the
 * result, so only none of them can be done. */
static const struct {
    enum batch_option option;
    const char *theirs;
    int ours;
} values[] = {
        {ALG, "max", PB_MAX},
        {ALG, "pooling_max", PB_MAX},
        {ALG, "avg_p", PB_AVG_P},
        {ALG, "pooling_avg_include_padding", PB_AVG_P},
        {ALG, "avg_np", PB_AVG_NP},
        {ALG, "pooling_avg_exclude_padding", PB_AVG_NP},
        {ALG, "direct", PB_CONV}, /* how a convolution is computed is not asked here */
        {ALG, "convolution_direct", PB_CONV},
        {ALG, "wino", PB_CONV},
        {ALG, "auto", PB_CONV},
        {ALG, "convolution_auto", PB_CONV},
        {DT, "f32", PB_F32},
        {DT, "f32:f32", PB_F32},
        {DT, "f32:f32:f32", PB_F32},
        {DT, "s8", PB_S8},
        {DT, "u8", PB_U8},
        {TAG, "any", PB_NCHW},
        {TAG, "abx", PB_NCHW},
        {TAG, "abc", PB_NCHW},
        {TAG, "abcd", PB_NCHW},
        {TAG, "abcde", PB_NCHW},
        {TAG, "axb", PB_NHWC},
        {TAG, "acb", PB_NHWC},
        {TAG, "acdb", PB_NHWC},
        {TAG, "acdeb", PB_NHWC},
        {TAG, "aBx16b", PB_NCHW16C},
        {TAG, "aBc16b", PB_NCHW16C},
        {TAG, "aBcd16b", PB_NCHW16C},
        {TAG, "aBcde16b", PB_NCHW16C},
        {DIR, "FWD_D", FWD_TRAINING},
        {DIR, "FWD_B", FWD_TRAINING},
        {DIR, "FWD_I", PB_FWD},
        {DIR, "BWD_D", PB_BWD},
        {DIR, "BWD_W", PB_BWD_W},
        {DIR, "BWD_WB", PB_BWD_W},
        {POST_OPS, "", 0},
        {SCALES, "", 0},
        {ZERO_POINTS, "", 0},
};

/* One reading: where problems go, what the command line says, the options in force. */
struct batch {
    struct pb_problems *problems;
    const char *op; /* NULL: descriptors come with their operation, or --alg says it */
    int64_t mb;
    char *option[OPTIONS]; /* NULL: not given */
    int64_t left_out;
    char why[256]; /* the first was left out */
};

/* ---- Descriptors ----------------------------------------------------------------------------- */

/* What --mb or the table makes of one value of an option's list; -1 for what is not done here. */
static int64_t translate(enum batch_option option, const char *text, size_t length) {
    char number[24] = "";
    if (option == MB && length < sizeof number) {
        memcpy(number, text, length);
        char *end;
        int64_t mb = strtoll(number, &end, 10);
        return end != number && !*end && mb >= 0 ? mb : -1;
    }
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        if (values[i].option == option && strlen(values[i].theirs) == length &&
            !strncmp(values[i].theirs, text, length))
            return values[i].ours;
    return -1;
}

/* One combination of the options' values; -1 where an option is not given. */
static enum pb_status add_combination(struct batch *b, const char *desc,
                                      const int64_t chosen[LISTS]) {
    struct pb_problem problem;
    const char *fields = b->op ? strchr(b->op, ':') : NULL;
    char *text = NULL;
    int length;
    if (chosen[ALG] >= 0)
        length = asprintf(&text, "%s%s:%s", pb_op_name((enum pb_op)chosen[ALG]),
                          fields ? fields : "", desc);
    else
        length = asprintf(&text, "%s%s%s", b->op ? b->op : "", b->op ? ":" : "", desc);
    if (length < 0) return pb_fail(PB_NOMEM, "no memory for a problem's text");
    enum pb_status status = pb_problem_parse(text, &problem);
    free(text);
    if (status) return status;
    if (chosen[DT] >= 0) problem.dtype = (enum pb_dtype)chosen[DT];
    if (chosen[TAG] >= 0) problem.layout = (enum pb_layout)chosen[TAG];
    if (chosen[DIR] == FWD_TRAINING)
        problem.dir = pb_has_indices(&problem) ? PB_FWD_IDX : PB_FWD;
    else if (chosen[DIR] >= 0)
        problem.dir = (enum pb_dir)chosen[DIR];
    if (chosen[MB] > 0) problem.mb = chosen[MB]; /* 0 leaves it, as in benchdnn */
    if (b->mb >= 0) problem.mb = b->mb;
    status = pb_problem_check(&problem);
    return status ? status : pb_problems_append(b->problems, &problem);
}

static enum pb_status add_each(struct batch *b, const char *desc, enum batch_option option,
                               int64_t chosen[LISTS]) {
    enum pb_status status = PB_OK;
    chosen[option] = -1;
    if (!b->option[option])
        return option + 1 < LISTS ? add_each(b, desc, option + 1, chosen)
                                  : add_combination(b, desc, chosen);
    for (const char *at = b->option[option]; !status; at++) {
        size_t length = strcspn(at, ",");
        chosen[option] = translate(option, at, length);
        if (chosen[option] < 0) {
            if (!b->left_out++)
                snprintf(b->why, sizeof b->why, "--%s=%.*s", option_names[option], (int)length, at);
        } else {
            status = option + 1 < LISTS ? add_each(b, desc, option + 1, chosen)
                                        : add_combination(b, desc, chosen);
        }
        at += length;
        if (!*at) break;
    }
    return status;
}

static enum pb_status take_descriptor(struct batch *b, const char *desc) {
    enum { MOST = 1000 };
    int64_t chosen[LISTS], combinations = 1;
    regex_t pattern;
    if (b->option[MATCH]) {
        if (regcomp(&pattern, b->option[MATCH], REG_NOSUB))
            return pb_fail(PB_INVALID, "--match=%s is no regular expression", b->option[MATCH]);
        int differs = regexec(&pattern, desc, 0, NULL, 0);
        regfree(&pattern);
        if (differs) return PB_OK;
    }
    for (int i = 0; i < LISTS && combinations <= MOST; i++) {
        int64_t count = 1;
        for (const char *s = b->option[i] ? b->option[i] : ""; *s; s++) count += *s == ',';
        combinations *= count;
    }
    if (combinations > MOST)
        return pb_fail(PB_INVALID, "the options ask for more than %d combinations", MOST);
    return add_each(b, desc, 0, chosen);
}

/* ---- Words ----------------------------------------------------------------------------------- */

static enum pb_status read_file(struct batch *b, const char *path, int depth);

/* Follows --batch=NAME of the file at `path`. */
static enum pb_status read_beside(struct batch *b, const char *path, const char *name, int depth) {
    char folder[PATH_MAX], whole[PATH_MAX];
    if (depth > 8) return pb_fail(PB_INVALID, "%s: --batch=%s is nested too deeply", path, name);
    if (strlen(path) >= sizeof folder) return pb_fail(PB_INVALID, "the path %s is too long", path);
    strcpy(folder, path);
    if (snprintf(whole, sizeof whole, "%s/%s", dirname(folder), name) >= (int)sizeof whole)
        return pb_fail(PB_INVALID, "the path %s/%s is too long", folder, name);
    return read_file(b, whole, depth);
}

static void reset(struct batch *b) {
    for (int i = 0; i < OPTIONS; i++) {
        free(b->option[i]);
        b->option[i] = NULL;
    }
}

/* `word` without its "--". Options that are not in the list steer benchdnn or say how its tensors
 * lie in memory; they are passed over. */
static enum pb_status take_option(struct batch *b, const char *word) {
    size_t length = strcspn(word, "=");
    if (!strcmp(word, "reset")) reset(b);
    for (int i = 0; i < OPTIONS && word[length]; i++) {
        if (strlen(option_names[i]) != length || strncmp(option_names[i], word, length)) continue;
        free(b->option[i]);
        b->option[i] = strdup(word + length + 1);
        if (!b->option[i]) return pb_fail(PB_NOMEM, "no memory for an option");
    }
    return PB_OK;
}

static enum pb_status take_word(struct batch *b, const char *path, int line, const char *word,
                                int depth) {
    if (!strncmp(word, "--batch=", 8)) return read_beside(b, path, word + 8, depth + 1);
    enum pb_status status =
            strncmp(word, "--", 2) ? take_descriptor(b, word) : take_option(b, word + 2);
    return status ? pb_fail(status, "%s:%d: %s", path, line, pb_error()) : PB_OK;
}

/* The word that was read last. It is taken when the next one shows that it is whole. */
struct held {
    char *word;
    int line;
    bool unfinished; /* a '\' came at its end, or alone after it */
};

static enum pb_status hold(struct batch *b, const char *path, struct held *held, char *word,
                           int line, int depth) {
    enum pb_status status = PB_OK;
    char *joined;
    size_t end = strlen(word) - 1;
    bool unfinished = word[end] == '\\', lone = unfinished && end == 0;
    if (unfinished) word[end] = 0;
    if (held->word && !held->unfinished && !lone) {
        status = take_word(b, path, held->line, held->word, depth);
        free(held->word);
        held->word = NULL;
    }
    if (status) return status;
    if (asprintf(&joined, "%s%s", held->word ? held->word : "", word) < 0)
        return pb_fail(PB_NOMEM, "no memory for a line of %s", path);
    free(held->word);
    *held = (struct held){joined, line, unfinished};
    return PB_OK;
}

/* Words between white space; '#' at the start of one begins a comment, '\' at the end of one or
 * after it joins it with the next, in the next line too. */
static enum pb_status read_file(struct batch *b, const char *path, int depth) {
    enum pb_status status = PB_OK;
    struct held held = {0};
    char *line = NULL;
    size_t size = 0;
    FILE *file = fopen(path, "r");
    if (!file) return pb_fail(PB_IO, "%s: %s", path, strerror(errno));
    for (int number = 1; !status && getline(&line, &size, file) >= 0; number++) {
        char *rest = line, *word;
        while (!status && (word = strtok_r(rest, " \t\r\n\v\f", &rest)) && *word != '#')
            status = hold(b, path, &held, word, number, depth);
    }
    if (!status && ferror(file)) status = pb_fail(PB_IO, "%s: %s", path, strerror(errno));
    if (!status && held.word && *held.word)
        status = take_word(b, path, held.line, held.word, depth);
    free(held.word);
    free(line);
    fclose(file);
    return status;
}

enum pb_status pb_problems_read(struct pb_problems *problems, const char *path, const char *op,
                                int64_t mb) {
    struct batch b = {.problems = problems, .op = op, .mb = mb};
    enum pb_status status = read_file(&b, path, 0);
    reset(&b);
    if (!status && b.left_out)
        fprintf(stderr, "poolbench: %s: %lld left out that are not done here, the first for %s\n",
                path, (long long)b.left_out, b.why);
    return status;
}
