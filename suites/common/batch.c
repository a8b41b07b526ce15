/* Batch files: a problem a word, with the options of benchdnn's files; and lines of oneDNN's log. */
#include "common/batch_options.h"
#include "common/batch_report.h"
#include "common/log_line.h"
#include "common/suites.h"
#include "common/text_stream.h"
#include "core/op_traits.h"
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A file that is being read, and the one that asked for it. */
struct source {
    const char *path;
    const struct source *from; /* NULL: the command line */
    dev_t device;
    ino_t inode;
};

/* The value of an option in force: its parts, and what each is here. */
struct given {
    const char *option; /* as the file calls it */
    char *text;         /* NULL: not given. Its commas are 0s */
    struct part {
        const char *text;
        int64_t value;
    } * part;
    size_t count;
};

/* One reading: where problems go, what the command line says, the options in force. */
struct batch {
    struct pb_problems *problems;
    const char *op; /* NULL: descriptors come with their operation, or an option says it */
    int64_t mb;
    enum batch_kind driver; /* BATCH_POOL, BATCH_CONV, BATCH_DRIVER; BATCH_LIST: none was named */
    char driver_name[16];
    struct given given[BATCH_LISTS];
    char *match;
    char *refused;     /* an option that is unknown: what follows it is not what was meant */
    char pending[128]; /* the first option since the last descriptor */
    int files;         /* read so far */
    struct batch_report report;
};

/* ---- Options in force ------------------------------------------------------------------------ */

static void forget(struct given *given) {
    free(given->text);
    free(given->part);
    *given = (struct given){0};
}

static void reset(struct batch *b) {
    for (int i = 0; i < BATCH_LISTS; i++) forget(&b->given[i]);
    free(b->match);
    free(b->refused);
    b->match = b->refused = NULL;
}

/* Replaces what the option said before; nothing stands for benchdnn's default. A part that is no
 * value of it is INVALID and stays: what depends on it is left out. */
static enum pb_status give(struct given *given, const char *option, enum batch_list list,
                           const char *value) {
    enum pb_status status = PB_OK;
    forget(given);
    if (!*value) return PB_OK;
    size_t most = 1;
    for (const char *c = value; *c; c++) most += *c == ',';
    given->option = option;
    given->text = strdup(value);
    given->part = calloc(most, sizeof *given->part);
    if (!given->text || !given->part) return pb_fail(PB_NOMEM, "no memory for --%s", option);
    char *rest = given->text, *text;
    while ((text = strsep(&rest, ","))) {
        const int64_t own = batch_value(list, text);
        given->part[given->count++] = (struct part){text, own};
        if (own == BATCH_UNKNOWN && !status)
            status = pb_fail(PB_INVALID, "--%s: unknown '%s' (expected %s)", option, text,
                             batch_expected(list));
    }
    return status;
}

/* ---- Descriptors ----------------------------------------------------------------------------- */

/* What one combination chose of every list; NULL: not given. */
struct choice {
    const struct part *of[BATCH_LISTS];
};

static int64_t chosen(const struct choice *c, enum batch_list list, int64_t otherwise) {
    return c->of[list] ? c->of[list]->value : otherwise;
}

/* Counts a problem that is not made, for the choice of `list` and, in words, for `why`. */
static void leave_out(struct batch *b, const struct choice *c, enum batch_list list,
                      const char *why) {
    char text[128];
    const char *option = b->given[list].option;
    snprintf(text, sizeof text, "--%s=%s%s%s", option, c->of[list]->text, *why ? " " : "", why);
    /* Attributes come in hundreds of ways. */
    char key[32];
    snprintf(key, sizeof key, "--%s", option);
    batch_report_left_out(&b->report, list >= BATCH_ATTRIBUTES ? key : text, text);
}

/* The operation: what --alg says, else the driver, else the command line. */
static enum pb_status find_operation(const struct batch *b, const struct choice *c, char name[32]) {
    enum pb_op said = PB_OPS;
    *name = 0;
    if (b->op) {
        enum pb_status status = pb_op_of_prefix(b->op, &said);
        if (status) return status;
    }
    int64_t op = chosen(c, BATCH_ALG, -1);
    if (op >= 0 && b->driver != BATCH_LIST && (op == PB_CONV) != (b->driver == BATCH_CONV))
        return pb_fail(PB_INVALID, "--%s has no --alg=%s", b->driver_name, c->of[BATCH_ALG]->text);
    const bool pool = said == PB_MAX || said == PB_AVG_P || said == PB_AVG_NP;
    if (op < 0 && b->driver == BATCH_CONV) op = PB_CONV;
    if (op < 0 && b->driver == BATCH_POOL && !pool) op = PB_MAX; /* benchdnn's default */
    if (op >= 0)
        snprintf(name, 32, "%s", pb_op_name((enum pb_op)op));
    else if (b->op)
        snprintf(name, 32, "%s", pb_op_name(said));
    return PB_OK;
}

/* The problem as the descriptor and the command line say it. */
static enum pb_status parse(const struct batch *b, const struct choice *c, const char *desc,
                            struct pb_problem *problem) {
    const char *fields = b->op ? strchr(b->op, ':') : NULL;
    char op[32], *text = NULL;
    enum pb_status status = find_operation(b, c, op);
    if (status) return status;
    if (!*op && !strchr(desc, ':') && !strchr(desc, '"'))
        return pb_fail(PB_INVALID,
                       "'%s' has no operation: give --op, or in the file --alg, --pool or --conv",
                       desc);
    if (asprintf(&text, "%s%s%s%s", op, *op && fields ? fields : "", *op ? ":" : "", desc) < 0)
        return pb_fail(PB_NOMEM, "no memory for a problem's text");
    status = pb_problem_parse(text, problem);
    free(text);
    return status;
}

/* Whether the tags leave a layout; *layout is it. Else the problem is counted as left out. */
static bool agree_on_layout(struct batch *b, const struct choice *c,
                            const struct pb_problem *problem, enum pb_layout *layout) {
    static const enum batch_list lists[] = {BATCH_TAG, BATCH_SRC_TAG, BATCH_DST_TAG};
    bool known = false;
    for (int i = 0; i < 3; i++) {
        const int64_t tag = chosen(c, lists[i], BATCH_ANY_TAG);
        const int rank = batch_tag_rank(tag);
        if (tag == BATCH_ANY_TAG) continue;
        if ((rank && rank != problem->rank) || (known && *layout != batch_tag_layout(tag))) {
            leave_out(b, c, lists[i],
                      rank && rank != problem->rank ? "of another rank" : "beside another tag");
            return false;
        }
        *layout = batch_tag_layout(tag);
        known = true;
    }
    return true;
}

/* Sets what the options say; false where that is not done here. */
static bool apply(struct batch *b, const struct choice *c, struct pb_problem *p) {
    const int64_t dir = chosen(c, BATCH_DIR, p->dir);
    const int64_t weights = chosen(c, BATCH_WEIGHTS_TAG, BATCH_ANY_TAG);
    if (!agree_on_layout(b, c, p, &p->layout)) return false;
    p->dtype = (enum pb_dtype)chosen(c, BATCH_TYPES, p->dtype);
    p->dir = dir != BATCH_TRAINING ? (enum pb_dir)dir : pb_has_indices(p) ? PB_FWD_IDX : PB_FWD;
    if (chosen(c, BATCH_MB, 0) > 0) p->mb = chosen(c, BATCH_MB, 0); /* 0 leaves it */
    if (b->mb >= 0) p->mb = b->mb;
    if (c->of[BATCH_TYPES] && pb_dtype_is_integer(p->dtype) &&
        (!pb_traits_of(p)->integers || !pb_is_forward(p))) {
        leave_out(b, c, BATCH_TYPES, pb_is_forward(p) ? "of a convolution" : "backward");
        return false;
    }
    if (weights != BATCH_ANY_TAG && !batch_weights_fit(weights, p)) {
        leave_out(b, c, BATCH_WEIGHTS_TAG, "beside the other tags");
        return false;
    }
    return true;
}

static enum pb_status add_combination(struct batch *b, const char *desc, const struct choice *c) {
    struct pb_problem problem;
    for (int i = 0; i < BATCH_LISTS; i++) {
        const struct part *part = c->of[i];
        if (!part || part->value >= 0) continue;
        leave_out(b, c, (enum batch_list)i, part->value == BATCH_UNKNOWN ? "(refused)" : "");
        return PB_OK;
    }
    enum pb_status status = parse(b, c, desc, &problem);
    if (!status && c->of[BATCH_WEIGHTS_TAG] && problem.op != PB_CONV)
        status = pb_fail(PB_INVALID, "%s has no weights for --wtag", pb_op_name(problem.op));
    if (status || !apply(b, c, &problem)) return status;
    status = pb_problem_check(&problem);
    if (!status) status = pb_problems_append(b->problems, &problem);
    if (!status) b->report.problems++;
    return status;
}

/* Whether --match picks the descriptor. */
static enum pb_status match(const struct batch *b, const char *desc, bool *picked) {
    regex_t pattern;
    *picked = true;
    if (!b->match) return PB_OK;
    if (regcomp(&pattern, b->match, REG_NOSUB))
        return pb_fail(PB_INVALID, "--match=%s is no regular expression", b->match);
    *picked = regexec(&pattern, desc, 0, NULL, 0) == 0;
    regfree(&pattern);
    return PB_OK;
}

/* Every combination of the lists, the last list the fastest. */
static enum pb_status take_descriptor(struct batch *b, const char *desc) {
    enum { MOST = 10000 };
    size_t at[BATCH_LISTS] = {0}, combinations = 1;
    bool picked;
    enum pb_status status = match(b, desc, &picked);
    for (int i = 0; i < BATCH_LISTS && combinations <= MOST; i++)
        combinations *= b->given[i].count ? b->given[i].count : 1;
    if (status) return status;
    if (!picked) return batch_report_left_out(&b->report, "--match", "--match"), PB_OK;
    if (combinations > MOST)
        return pb_fail(PB_INVALID, "the options ask for more than %d combinations", MOST);
    for (size_t n = 0; !status && n < combinations; n++) {
        struct choice c = {0};
        for (int i = 0; i < BATCH_LISTS; i++)
            if (b->given[i].count) c.of[i] = &b->given[i].part[at[i]];
        status = add_combination(b, desc, &c);
        for (int i = BATCH_LISTS - 1; i >= 0 && b->given[i].count <= ++at[i]; i--) at[i] = 0;
    }
    return status;
}

/* ---- Lines of oneDNN's log ------------------------------------------------------------------- */

/* What the log says stands for options of its own. A tag that is not done here was oneDNN's choice,
 * so the layout is open. */
static enum pb_status take_logged(struct batch *b, const struct log_line *log) {
    struct batch own = {.problems = b->problems, .op = b->op, .mb = b->mb, .report = b->report};
    const struct {
        const char *option, *value;
        enum batch_list list;
        bool choice; /* of oneDNN's */
    } said[] = {
            {"alg", log->alg, BATCH_ALG, false},
            {"dir", log->dir, BATCH_DIR, false},
            {"dt", log->types, BATCH_TYPES, false},
            {"stag", log->src_tag, BATCH_SRC_TAG, true},
            {"dtag", log->dst_tag, BATCH_DST_TAG, true},
            {"attr", log->attributes, BATCH_OTHER_ATTRIBUTES, false},
    };
    enum pb_status status = PB_OK;
    own.driver = BATCH_LIST;
    if (*log->primitive) own.driver = *log->primitive == 'c' ? BATCH_CONV : BATCH_POOL;
    snprintf(own.driver_name, sizeof own.driver_name, "%s", log->primitive);
    for (size_t i = 0; !status && i < sizeof said / sizeof *said; i++)
        if (!said[i].choice || batch_value(said[i].list, said[i].value) >= 0)
            status = give(&own.given[said[i].list], said[i].option, said[i].list, said[i].value);
    if (!status) status = take_descriptor(&own, log->desc);
    reset(&own);
    b->report = own.report;
    return status;
}

static enum pb_status take_log_line(struct batch *b, const char *line) {
    struct log_line log;
    char why[64];
    enum pb_status status = log_line_read(line, &log);
    if (!status && log.kind == LOG_NOTE) b->report.ignored++;
    if (!status && log.kind == LOG_OTHER) {
        snprintf(why, sizeof why, "oneDNN's primitive %s", log.primitive);
        batch_report_left_out(&b->report, why, why);
    }
    if (!status && log.kind == LOG_PROBLEM) status = take_logged(b, &log);
    log_line_free(&log);
    return status;
}

/* ---- Words ----------------------------------------------------------------------------------- */

static enum pb_status read_file(struct batch *b, const char *path, const struct source *from);

/* Follows --batch=NAME of the file `in`: beside that file, else as the name says. */
static enum pb_status read_beside(struct batch *b, const struct source *in, const char *name) {
    char folder[PATH_MAX], whole[PATH_MAX];
    if (strlen(in->path) >= sizeof folder)
        return pb_fail(PB_INVALID, "the path %s is too long", in->path);
    strcpy(folder, in->path);
    if (snprintf(whole, sizeof whole, "%s/%s", dirname(folder), name) >= (int)sizeof whole)
        return pb_fail(PB_INVALID, "the path %s/%s is too long", folder, name);
    if (*name == '/' || (access(whole, F_OK) != 0 && access(name, F_OK) == 0))
        return read_file(b, name, in);
    return read_file(b, whole, in);
}

static enum pb_status set_text(char **place, const char *text) {
    free(*place);
    *place = strdup(text);
    return *place ? PB_OK : pb_fail(PB_NOMEM, "no memory for an option");
}

/* One that is unknown spoils what follows, up to --reset, unless it may be another driver's. */
static enum pb_status take_option(struct batch *b, const struct source *in, const char *word) {
    const struct batch_option *option;
    const char *value;
    enum pb_status status = batch_option_find(word, &option, &value);
    if (status && b->driver == BATCH_DRIVER) return PB_OK;
    if (status) {
        set_text(&b->refused, word);
        return status;
    }
    switch (option->kind) {
    case BATCH_FILE:
        return read_beside(b, in, value);
    case BATCH_RESET:
        reset(b);
        return PB_OK;
    case BATCH_STEERS:
        b->report.ignored++;
        return PB_OK;
    case BATCH_MATCH:
        return set_text(&b->match, value);
    case BATCH_LIST:
        if (b->driver == BATCH_DRIVER) return PB_OK; /* its values may be others */
        return give(&b->given[option->list], option->name, option->list, value);
    default:
        b->driver = option->kind;
        snprintf(b->driver_name, sizeof b->driver_name, "%s", option->name);
        return PB_OK;
    }
}

/* Descriptors of another driver, and those behind an option that was refused, are left out. */
static enum pb_status take_problem(struct batch *b, const char *word) {
    char why[64];
    *b->pending = 0;
    if (b->driver == BATCH_DRIVER)
        snprintf(why, sizeof why, "benchdnn's driver --%s", b->driver_name);
    else if (b->refused)
        snprintf(why, sizeof why, "%.40s (refused)", b->refused);
    else
        return take_descriptor(b, word);
    batch_report_left_out(&b->report, why, why);
    return PB_OK;
}

/* A word that is wrong is reported and the rest goes on; only without memory it ends. */
static enum pb_status take_word(struct batch *b, const struct source *in, int line,
                                const char *word) {
    const bool option = *word == '-';
    enum pb_status status = option ? take_option(b, in, word) : take_problem(b, word);
    if (option && !*b->pending && strcmp(word, "--reset") && strncmp(word, "--batch=", 8))
        snprintf(b->pending, sizeof b->pending, "%s:%d: '%.60s'", in->path, line, word);
    if (!status || status == PB_NOMEM) return status;
    batch_report_refused(&b->report, in->path, line);
    return PB_OK;
}

/* The word that was read last. It is taken when the next one shows that it is whole. */
struct held {
    char *word;
    int line;
    bool unfinished; /* a '\' came at its end, or alone after it */
};

static enum pb_status release(struct batch *b, const struct source *in, struct held *held) {
    enum pb_status status = PB_OK;
    if (held->word && *held->word) status = take_word(b, in, held->line, held->word);
    free(held->word);
    *held = (struct held){0};
    return status;
}

static enum pb_status hold(struct batch *b, const struct source *in, struct held *held, char *word,
                           int line) {
    enum pb_status status = PB_OK;
    char *joined;
    size_t end = strlen(word) - 1;
    bool unfinished = word[end] == '\\', lone = unfinished && end == 0;
    if (unfinished) word[end] = 0;
    if (held->word && !held->unfinished && !lone) status = release(b, in, held);
    if (status) return status;
    if (asprintf(&joined, "%s%s", held->word ? held->word : "", word) < 0)
        return pb_fail(PB_NOMEM, "no memory for a line of %s", in->path);
    free(held->word);
    *held = (struct held){joined, line, unfinished};
    return PB_OK;
}

/* A line of a log is taken whole, others by words between white space; '#' at the start of one
 * begins a comment, '\' at the end of one or after it joins it with the next, in the next line
 * too. */
static enum pb_status take_line(struct batch *b, const struct source *in, struct held *held,
                                char *line, size_t length, int number) {
    const char *log = log_line_begins(line);
    enum pb_status status = PB_OK;
    char *rest = line, *word;
    if (strlen(line) != length) {
        pb_fail(PB_INVALID, "the line has a 0 byte: this is no text");
        batch_report_refused(&b->report, in->path, number);
        return PB_OK;
    }
    if (log) {
        status = release(b, in, held);
        if (!status) status = take_log_line(b, log);
        if (!status || status == PB_NOMEM) return status;
        batch_report_refused(&b->report, in->path, number);
        return PB_OK;
    }
    while (!status && (word = strtok_r(rest, " \t\v\f", &rest)) && *word != '#')
        status = hold(b, in, held, word, number);
    return status;
}

static enum pb_status read_lines(struct batch *b, const struct source *in, FILE *file) {
    enum pb_status status = PB_OK;
    struct held held = {0};
    char *line = NULL;
    size_t size = 0;
    ssize_t length;
    for (int number = 1; !status && (length = text_stream_line(file, &line, &size)) >= 0; number++)
        status = take_line(b, in, &held, line, (size_t)length, number);
    if (!status) status = release(b, in, &held);
    if (!status && !feof(file)) status = pb_fail(PB_IO, "%s: %s", in->path, strerror(errno));
    free(held.word);
    free(line);
    return status;
}

/* Files that ask for one another would go on for ever, and those that ask for others many times
 * nearly so. */
static enum pb_status read_file(struct batch *b, const char *path, const struct source *from) {
    enum { DEPTH = 8, FILES = 2000 };
    struct source in = {.path = path, .from = from};
    struct stat is;
    FILE *file;
    int depth = 0;
    enum pb_status status = text_stream_open(path, &file);
    if (status) return status;
    if (fstat(fileno(file), &is) == 0) in.device = is.st_dev, in.inode = is.st_ino;
    for (; !status && from; from = from->from) {
        if (from->device == in.device && from->inode == in.inode)
            status = pb_fail(PB_INVALID, "%s is being read already: files in a circle", path);
        else if (++depth > DEPTH)
            status = pb_fail(PB_INVALID, "%s is nested more than %d deep", path, DEPTH);
    }
    if (!status && ++b->files > FILES)
        status = pb_fail(PB_INVALID, "%s would be one of more than %d files", path, FILES);
    if (!status) status = read_lines(b, &in, file);
    fclose(file);
    return status;
}

enum pb_status pb_problems_read(struct pb_problems *problems, const char *path, const char *op,
                                int64_t mb) {
    struct batch b = {.problems = problems, .op = op, .mb = mb};
    enum pb_status status = read_file(&b, path, NULL);
    reset(&b);
    if (!status && *b.pending)
        fprintf(stderr,
                "poolbench: %s and what follows stand behind the last problem: without "
                "effect\n",
                b.pending);
    if (!status) batch_report_print(&b.report, path);
    batch_report_free(&b.report);
    return status;
}
