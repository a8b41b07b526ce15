/* The table of benchdnn's options, and what their values are here. */
#include "common/batch_options.h"
#include "core/names.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- The options ----------------------------------------------------------------------------- */

static const struct batch_option options[] = {
        /* What to compute. */
        {"alg", BATCH_LIST, BATCH_ALG, false},
        {"dt", BATCH_LIST, BATCH_TYPES, false},
        {"cfg", BATCH_LIST, BATCH_TYPES, false}, /* of 2.x */
        {"bia-dt", BATCH_LIST, BATCH_BIAS, false},
        {"tag", BATCH_LIST, BATCH_TAG, false},
        {"stag", BATCH_LIST, BATCH_SRC_TAG, false},
        {"wtag", BATCH_LIST, BATCH_WEIGHTS_TAG, false},
        {"dtag", BATCH_LIST, BATCH_DST_TAG, false},
        {"dir", BATCH_LIST, BATCH_DIR, false},
        {"mb", BATCH_LIST, BATCH_MB, false},
        {"strides", BATCH_LIST, BATCH_STRIDES, false},
        {"attr", BATCH_LIST, BATCH_OTHER_ATTRIBUTES, false}, /* of 2.x */
        {"attr-post-ops", BATCH_LIST, BATCH_POST_OPS, false},
        {"attr-scales", BATCH_LIST, BATCH_SCALES, false},
        {"attr-oscale", BATCH_LIST, BATCH_OUTPUT_SCALES, false}, /* of 2.x */
        {"attr-zero-points", BATCH_LIST, BATCH_ZERO_POINTS, false},
        {"attr-precomputed-reductions", BATCH_LIST, BATCH_REDUCTIONS, false},
        {"attr-dropout", BATCH_LIST, BATCH_DROPOUT, false},
        {"attr-rounding-mode", BATCH_LIST, BATCH_ROUNDING, false},
        {"attr-fpmath", BATCH_LIST, BATCH_MATH, false},
        {"attr-acc-mode", BATCH_LIST, BATCH_ACCUMULATION, false},
        {"match", BATCH_MATCH, BATCH_LISTS, false},
        {"batch", BATCH_FILE, BATCH_LISTS, false},
        {"reset", BATCH_RESET, BATCH_LISTS, true},
        /* How benchdnn works: where it computes, with which of its implementations and how often,
         * what it prints. A deterministic result is asked of every kernel here. */
        {"allow-enum-tags-only", BATCH_STEERS, BATCH_LISTS, false},
        {"attr-deterministic", BATCH_STEERS, BATCH_LISTS, false},
        {"attr-same-pd-check", BATCH_STEERS, BATCH_LISTS, false},
        {"attr-scratchpad", BATCH_STEERS, BATCH_LISTS, false},
        {"buffer-prefix", BATCH_STEERS, BATCH_LISTS, false},
        {"canonical", BATCH_STEERS, BATCH_LISTS, false},
        {"check-ref-impl", BATCH_STEERS, BATCH_LISTS, false},
        {"cold-cache", BATCH_STEERS, BATCH_LISTS, false},
        {"concise", BATCH_STEERS, BATCH_LISTS, true},
        {"cpu-isa-hints", BATCH_STEERS, BATCH_LISTS, false},
        {"ctx-exe", BATCH_STEERS, BATCH_LISTS, false},
        {"ctx-init", BATCH_STEERS, BATCH_LISTS, false},
        {"engine", BATCH_STEERS, BATCH_LISTS, false},
        {"execution-mode", BATCH_STEERS, BATCH_LISTS, false},
        {"fast-ref", BATCH_STEERS, BATCH_LISTS, false},
        {"fast-ref-gpu", BATCH_STEERS, BATCH_LISTS, false},
        {"fix-times-per-prb", BATCH_STEERS, BATCH_LISTS, false},
        {"global-impl", BATCH_STEERS, BATCH_LISTS, false},
        {"global-skip-impl", BATCH_STEERS, BATCH_LISTS, false},
        {"help", BATCH_STEERS, BATCH_LISTS, true},
        {"impl", BATCH_STEERS, BATCH_LISTS, false},
        {"max-ms-per-prb", BATCH_STEERS, BATCH_LISTS, false},
        {"mem-check", BATCH_STEERS, BATCH_LISTS, false},
        {"memory-kind", BATCH_STEERS, BATCH_LISTS, false},
        {"mode", BATCH_STEERS, BATCH_LISTS, false},
        {"mode-modifier", BATCH_STEERS, BATCH_LISTS, false},
        {"num-streams", BATCH_STEERS, BATCH_LISTS, false},
        {"perf-template", BATCH_STEERS, BATCH_LISTS, false},
        {"repeats-per-prb", BATCH_STEERS, BATCH_LISTS, false},
        {"skip-impl", BATCH_STEERS, BATCH_LISTS, false},
        {"start", BATCH_STEERS, BATCH_LISTS, false},
        {"stream-kind", BATCH_STEERS, BATCH_LISTS, false},
        {"summary", BATCH_STEERS, BATCH_LISTS, false},
        {"verbose", BATCH_STEERS, BATCH_LISTS, false},
        /* Drivers. */
        {"pool", BATCH_POOL, BATCH_LISTS, true},
        {"conv", BATCH_CONV, BATCH_LISTS, true},
        {"binary", BATCH_DRIVER, BATCH_LISTS, true},
        {"bnorm", BATCH_DRIVER, BATCH_LISTS, true},
        {"brgemm", BATCH_DRIVER, BATCH_LISTS, true},
        {"concat", BATCH_DRIVER, BATCH_LISTS, true},
        {"deconv", BATCH_DRIVER, BATCH_LISTS, true},
        {"eltwise", BATCH_DRIVER, BATCH_LISTS, true},
        {"gnorm", BATCH_DRIVER, BATCH_LISTS, true},
        {"graph", BATCH_DRIVER, BATCH_LISTS, true},
        {"ip", BATCH_DRIVER, BATCH_LISTS, true},
        {"lnorm", BATCH_DRIVER, BATCH_LISTS, true},
        {"lrn", BATCH_DRIVER, BATCH_LISTS, true},
        {"matmul", BATCH_DRIVER, BATCH_LISTS, true},
        {"prelu", BATCH_DRIVER, BATCH_LISTS, true},
        {"reduction", BATCH_DRIVER, BATCH_LISTS, true},
        {"reorder", BATCH_DRIVER, BATCH_LISTS, true},
        {"resampling", BATCH_DRIVER, BATCH_LISTS, true},
        {"rnn", BATCH_DRIVER, BATCH_LISTS, true},
        {"sdpa", BATCH_DRIVER, BATCH_LISTS, true},
        {"self", BATCH_DRIVER, BATCH_LISTS, true},
        {"shuffle", BATCH_DRIVER, BATCH_LISTS, true},
        {"softmax", BATCH_DRIVER, BATCH_LISTS, true},
        {"sum", BATCH_DRIVER, BATCH_LISTS, true},
        {"zeropad", BATCH_DRIVER, BATCH_LISTS, true},
};
enum { OPTIONS = sizeof options / sizeof *options };
static const struct batch_option short_verbose = {"verbose", BATCH_STEERS, BATCH_LISTS, false};

/* The option that is called nearly so; NULL if none is. */
static const struct batch_option *nearly(const char *name) {
    const struct batch_option *best = NULL;
    int least = 3;
    for (int i = 0; i < OPTIONS; i++) {
        const int distance = name_distance(name, options[i].name);
        if (distance >= least || distance >= (int)strlen(name)) continue;
        best = &options[i];
        least = distance;
    }
    return best;
}

static enum pb_status refuse_option(const char *word, const char *name) {
    const struct batch_option *meant = nearly(name);
    return pb_fail(PB_INVALID, "unknown option '%s'%s%s%s", word, meant ? "; did you mean '--" : "",
                   meant ? meant->name : "", meant ? "'?" : "");
}

enum pb_status batch_option_find(const char *word, const struct batch_option **option,
                                 const char **value) {
    char name[40];
    size_t length = strcspn(word, "=");
    const bool has_value = word[length] == '=';
    *value = word + length + has_value;
    if (!strncmp(word, "-v", 2) && strspn(word + 2, "0123456789") == strlen(word + 2)) {
        *option = &short_verbose;
        return PB_OK;
    }
    if (!strcmp(word, "-c")) word = "--concise", length = strlen(word), *value = "";
    if (strncmp(word, "--", 2) || length - 2 >= sizeof name)
        return pb_fail(PB_INVALID, "unknown option '%.80s'", word);
    for (size_t i = 0; i < length - 2; i++) {
        const char c = word[2 + i];
        name[i] = c == '_' ? '-' : (char)tolower((unsigned char)c);
    }
    name[length - 2] = 0;
    for (int i = 0; i < OPTIONS; i++) {
        if (strcmp(name, options[i].name)) continue;
        *option = &options[i];
        if (options[i].bare && has_value)
            return pb_fail(PB_INVALID, "--%s has no value, not '%s'", name, *value);
        if (!options[i].bare && !has_value)
            return pb_fail(PB_INVALID, "--%s needs a value (--%s=…)", name, name);
        return PB_OK;
    }
    return refuse_option(word, name);
}

/* ---- Values that are words ------------------------------------------------------------------- */

static const struct {
    enum batch_list list;
    const char *theirs;
    int ours;
} words[] = {
        {BATCH_ALG, "max", PB_MAX},
        {BATCH_ALG, "pooling_max", PB_MAX},
        {BATCH_ALG, "avg_p", PB_AVG_P},
        {BATCH_ALG, "pooling_avg_include_padding", PB_AVG_P},
        {BATCH_ALG, "avg_np", PB_AVG_NP},
        {BATCH_ALG, "pooling_avg_exclude_padding", PB_AVG_NP},
        /* How a convolution is computed is not asked here. */
        {BATCH_ALG, "direct", PB_CONV},
        {BATCH_ALG, "convolution_direct", PB_CONV},
        {BATCH_ALG, "wino", PB_CONV},
        {BATCH_ALG, "convolution_wino", PB_CONV},
        {BATCH_ALG, "convolution_winograd", PB_CONV},
        {BATCH_ALG, "auto", PB_CONV},
        {BATCH_ALG, "convolution_auto", PB_CONV},
        {BATCH_DIR, "FWD_D", BATCH_TRAINING},
        {BATCH_DIR, "FWD_B", BATCH_TRAINING},
        {BATCH_DIR, "FWD_I", PB_FWD},
        {BATCH_DIR, "BWD_D", PB_BWD},
        {BATCH_DIR, "BWD_W", PB_BWD_W},
        {BATCH_DIR, "BWD_WB", PB_BWD_W},
        {BATCH_DIR, "BWD_DW", BATCH_LEFT_OUT}, /* two gradients at once */
        {BATCH_BIAS, "f32", PB_F32},
        {BATCH_BIAS, "undef", PB_F32}, /* a kernel may be run without bias */
        {BATCH_MATH, "strict", 0},
        {BATCH_MATH, "strict:false", 0},
        {BATCH_ACCUMULATION, "strict", 0},
        {BATCH_ROUNDING, "environment", 0},
        {BATCH_STRIDES, "::", 0},
};

static const char *const expected[BATCH_LISTS] = {
        [BATCH_ALG] = "max, avg_p, avg_np, direct, wino or auto",
        [BATCH_DIR] = "FWD_D, FWD_B, FWD_I, BWD_D, BWD_W, BWD_WB or BWD_DW",
        [BATCH_TYPES] = "f32, s8 or u8, or other types of oneDNN, a ':' between several",
        [BATCH_BIAS] = "f32, undef or another type of oneDNN",
        [BATCH_MB] = "a number from 0 up",
        [BATCH_TAG] = "any, abx, axb, aBx16b or another format tag of oneDNN",
        [BATCH_SRC_TAG] = "any, abx, axb, aBx16b or another format tag of oneDNN",
        [BATCH_DST_TAG] = "any, abx, axb, aBx16b or another format tag of oneDNN",
        [BATCH_WEIGHTS_TAG] = "any, abx, axb or another format tag of oneDNN",
};

const char *batch_expected(enum batch_list list) {
    return expected[list] ? expected[list] : "";
}

static int64_t value_of_word(enum batch_list list, const char *text) {
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (words[i].list == list && !strcasecmp(words[i].theirs, text)) return words[i].ours;
    return BATCH_UNKNOWN;
}

/* ---- Types ----------------------------------------------------------------------------------- */

/* A longer name before one that it begins with. */
static const struct {
    const char *name;
    int ours; /* -1: not done here */
} types[] = {
        {"f8_e5m2", -1}, {"f8_e4m3", -1}, {"f4_e2m1", -1}, {"f4_e3m0", -1}, {"e8m0", -1},
        {"boolean", -1}, {"undef", -1},   {"bf16", -1},    {"f16", -1},     {"f32", PB_F32},
        {"f64", -1},     {"s64", -1},     {"s32", -1},     {"s16", -1},     {"s8", PB_S8},
        {"u8", PB_U8},   {"s4", -1},      {"u4", -1},
};
enum { TYPES = sizeof types / sizeof *types, MOST_TYPES = 3 };

/* Takes a type off the front; its place in the table, or TYPES. */
static size_t take_type(const char **text) {
    size_t i = 0;
    while (i < TYPES && strncasecmp(*text, types[i].name, strlen(types[i].name))) i++;
    if (i < TYPES) *text += strlen(types[i].name);
    return i;
}

/* "f32", "u8:u8", and as 2.x wrote it "u8s8s32" or "f32_wino". */
static int64_t value_of_types(const char *text) {
    const size_t first = take_type(&text);
    size_t count = 1;
    bool same = true;
    if (first == TYPES) return BATCH_UNKNOWN;
    for (; *text && strcasecmp(text, "_wino"); count++) {
        text += *text == ':';
        const size_t next = take_type(&text);
        if (next == TYPES) return BATCH_UNKNOWN;
        same = same && next == first;
    }
    if (count > MOST_TYPES) return BATCH_UNKNOWN;
    return same && types[first].ours >= 0 ? types[first].ours : BATCH_LEFT_OUT;
}

static int64_t value_of_bias(const char *text) {
    const int64_t value = value_of_word(BATCH_BIAS, text);
    if (value >= 0) return value;
    return take_type(&text) < TYPES && !*text ? BATCH_LEFT_OUT : BATCH_UNKNOWN;
}

/* ---- Format tags ----------------------------------------------------------------------------- */

struct tag {
    const char *name;
    int rank; /* 0: any */
    enum pb_layout layout;
    bool groups; /* of weights */
};

/* Letters stand for the axes in their order in memory, a capital for one that is cut in blocks. */
static const struct tag tags[] = {
        {"abx", 0, PB_NCHW, false},         {"abc", 1, PB_NCHW, false},
        {"ncw", 1, PB_NCHW, false},         {"abcd", 2, PB_NCHW, false},
        {"nchw", 2, PB_NCHW, false},        {"abcde", 3, PB_NCHW, false},
        {"ncdhw", 3, PB_NCHW, false},       {"axb", 0, PB_NHWC, false},
        {"acb", 1, PB_NHWC, false},         {"nwc", 1, PB_NHWC, false},
        {"acdb", 2, PB_NHWC, false},        {"nhwc", 2, PB_NHWC, false},
        {"acdeb", 3, PB_NHWC, false},       {"ndhwc", 3, PB_NHWC, false},
        {"aBx16b", 0, PB_NCHW16C, false},   {"aBc16b", 1, PB_NCHW16C, false},
        {"nCw16c", 1, PB_NCHW16C, false},   {"aBcd16b", 2, PB_NCHW16C, false},
        {"nChw16c", 2, PB_NCHW16C, false},  {"aBcde16b", 3, PB_NCHW16C, false},
        {"nCdhw16c", 3, PB_NCHW16C, false},
};
/* Of weights; abx and abcd are both with groups and without, and found by the rank. */
static const struct tag weights_tags[] = {
        {"abx", 0, PB_NCHW, false},   {"abc", 1, PB_NCHW, false},   {"oiw", 1, PB_NCHW, false},
        {"abcd", 2, PB_NCHW, false},  {"oihw", 2, PB_NCHW, false},  {"abcde", 3, PB_NCHW, false},
        {"oidhw", 3, PB_NCHW, false}, {"goiw", 1, PB_NCHW, true},   {"goihw", 2, PB_NCHW, true},
        {"goidhw", 3, PB_NCHW, true}, {"abcdef", 3, PB_NCHW, true}, {"axb", 0, PB_NHWC, false},
        {"acb", 1, PB_NHWC, false},   {"owi", 1, PB_NHWC, false},   {"acdb", 2, PB_NHWC, false},
        {"ohwi", 2, PB_NHWC, false},  {"acdeb", 3, PB_NHWC, false}, {"odhwi", 3, PB_NHWC, false},
        {"abdc", 1, PB_NHWC, true},   {"gowi", 1, PB_NHWC, true},   {"abdec", 2, PB_NHWC, true},
        {"gohwi", 2, PB_NHWC, true},  {"abdefc", 3, PB_NHWC, true}, {"godhwi", 3, PB_NHWC, true},
};

/* Whether oneDNN could call a layout so: letters of axes that are numbered or named, blocks. */
static bool is_tag(const char *text) {
    static const char numbered[] = "abcdefghijklxABCDEFGHIJKL0123456789";
    static const char named[] = "ncdhwoigtlsNCDHWOIGTLS0123456789";
    const size_t length = strlen(text);
    if (!strcasecmp(text, "undef")) return true;
    return length > 0 && isalpha((unsigned char)*text) &&
           (strspn(text, numbered) == length || strspn(text, named) == length);
}

/* A capital means a block; in a tag without blocks it means nothing. */
static bool is_called(const char *text, const struct tag *tag) {
    const bool blocks = strpbrk(tag->name, "0123456789") != NULL;
    return blocks ? !strcmp(text, tag->name) : !strcasecmp(text, tag->name);
}

static int64_t value_of_tag(const struct tag *table, size_t count, const char *text) {
    if (!strcasecmp(text, "any")) return BATCH_ANY_TAG;
    for (size_t i = 0; i < count; i++)
        if (is_called(text, &table[i]))
            return (int64_t)table[i].layout | table[i].rank << 8 | table[i].groups << 16;
    return is_tag(text) ? BATCH_LEFT_OUT : BATCH_UNKNOWN;
}

bool batch_weights_fit(int64_t value, const struct pb_problem *problem) {
    const bool channels_last = problem->layout == PB_NHWC, has_groups = problem->g > 1;
    const int rank = batch_tag_rank(value);
    const bool groups = value >> 16 & 1;
    if (batch_tag_layout(value) != (channels_last ? PB_NHWC : PB_NCHW)) return false;
    if (rank == 0) return !(has_groups && channels_last); /* axb: groups, positions, outputs */
    /* In their own order, with groups there is one axis more. */
    if (!channels_last && has_groups && !groups) return rank == problem->rank + 1;
    return rank == problem->rank && groups == has_groups;
}

/* ---- Values ---------------------------------------------------------------------------------- */

static int64_t value_of_number(const char *text) {
    char *end;
    const int64_t value = strtoll(text, &end, 10);
    return end != text && !*end && value >= 0 ? value : BATCH_UNKNOWN;
}

int64_t batch_value(enum batch_list list, const char *text) {
    int64_t value;
    switch (list) {
    case BATCH_TYPES:
        return value_of_types(text);
    case BATCH_BIAS:
        return value_of_bias(text);
    case BATCH_TAG:
    case BATCH_SRC_TAG:
    case BATCH_DST_TAG:
        return value_of_tag(tags, sizeof tags / sizeof *tags, text);
    case BATCH_WEIGHTS_TAG:
        return value_of_tag(weights_tags, sizeof weights_tags / sizeof *weights_tags, text);
    case BATCH_MB:
        return value_of_number(text);
    case BATCH_ALG:
    case BATCH_DIR:
        return value_of_word(list, text);
    default: /* attributes: what is not known to change nothing changes the result */
        if (!*text || !strcmp(text, "''") || !strcmp(text, "\"\"")) return 0;
        value = value_of_word(list, text);
        return value >= 0 ? value : BATCH_LEFT_OUT;
    }
}
