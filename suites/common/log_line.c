/* Reads lines of oneDNN's log: fields between commas, whose number and order changed over the
 * years, so that each is known by what it looks like. */
#include "common/log_line.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *log_line_begins(const char *line) {
    static const char *const markers[] = {"onednn_verbose,", "dnnl_verbose,", "mkldnn_verbose,"};
    const char *comment = strchr(line, '#');
    for (size_t i = 0; i < sizeof markers / sizeof *markers; i++) {
        const char *found = strstr(line, markers[i]);
        if (found && (!comment || found < comment)) return found;
    }
    return NULL;
}

static bool begins(const char *text, const char *with) {
    return !strncmp(text, with, strlen(with));
}

static bool is_among(const char *text, const char *const *names) {
    while (*names && strcmp(text, *names)) names++;
    return *names != NULL;
}

/* "mb1ic64_ih112…", "g32mb1_ic32oc32_…". */
static bool is_descriptor(const char *field) {
    if (*field == 'g') field += 1 + strspn(field + 1, "0123456789");
    return begins(field, "mb") && strspn(field + 2, "0123456789") > 0 && strchr(field, 'i') != NULL;
}

/* ---- Fields ---------------------------------------------------------------------------------- */

static const struct {
    const char *theirs, *option;
} directions[] = {
        {"forward_training", "FWD_D"}, {"forward_inference", "FWD_I"}, {"forward", "FWD_D"},
        {"backward_data", "BWD_D"},    {"backward_weights", "BWD_W"},  {"backward", "BWD_D"},
};

static const char *direction_of(const char *field) {
    for (size_t i = 0; i < sizeof directions / sizeof *directions; i++)
        if (!strcmp(directions[i].theirs, field)) return directions[i].option;
    return NULL;
}

/* One tensor, "src_f32::blocked:acdb::f0" or "diff_dst:f32:a:blocked:acdb::f0": name, type, flags,
 * kind, tag. */
static void read_tensor(char *text, struct log_line *log) {
    static const char *const names[] = {"src", "wei", "dst"};
    char *part[5] = {0};
    if (begins(text, "diff_")) text += 5;
    size_t name = 0;
    while (name < 3 && !begins(text, names[name])) name++;
    if (name == 3 || (text[3] != '_' && text[3] != ':')) return;
    text += 4;
    for (int i = 0; i < 5 && text; i++) part[i] = strsep(&text, ":");
    const size_t used = strlen(log->types);
    snprintf(log->types + used, sizeof log->types - used, "%s%s", used ? ":" : "", part[0]);
    char *tag = name == 0 ? log->src_tag : log->dst_tag;
    if (name != 1 && part[3]) snprintf(tag, sizeof log->src_tag, "%s", part[3]);
}

static bool has_tensors(const char *field) {
    if (begins(field, "diff_")) field += 5;
    return (begins(field, "src") || begins(field, "wei") || begins(field, "dst")) &&
           strchr(field, ':') != NULL;
}

/* Attributes that change a result: all but where scratch memory comes from. */
static bool changes_result(const char *field) {
    static const char *const harmless[] = {"attr-scratchpad", "scratchpad_mode",
                                           "attr-deterministic"};
    while (*field) {
        size_t i = 0;
        while (i < 3 && !begins(field, harmless[i])) i++;
        if (i == 3) return true;
        field += strcspn(field, " ");
        field += strspn(field, " ");
    }
    return false;
}

static const char *const primitives[] = {"pooling", "pooling_v2", "convolution", NULL};

static void read_field(char *field, struct log_line *log) {
    const char *direction = direction_of(field);
    char *rest = field, *word;
    if (direction)
        log->dir = direction;
    else if (!*log->primitive && is_among(field, primitives))
        log->primitive = field;
    else if (begins(field, "alg:"))
        log->alg = field + 4;
    else if (is_descriptor(field))
        log->desc = field;
    else if (has_tensors(field))
        while ((word = strsep(&rest, " "))) read_tensor(word, log);
    else if (begins(field, "attr") && changes_result(field))
        log->attributes = field;
}

/* ---- Lines ----------------------------------------------------------------------------------- */

/* What is no call of a primitive. "create:check" and "create:dispatch" are attempts that failed. */
static bool is_note(const char *field) {
    static const char *const notes[] = {"info",         "graph",           "marker", "error",
                                        "create:check", "create:dispatch", NULL};
    return is_among(field, notes);
}

enum pb_status log_line_read(const char *line, struct log_line *log) {
    *log = (struct log_line){.primitive = "", .alg = "", .dir = "", .desc = "", .attributes = ""};
    if (!(log->text = strdup(line))) return pb_fail(PB_NOMEM, "no memory for a line of a log");
    char *rest = log->text, *field;
    const char *other = NULL;
    bool note = false, called = false;
    while ((field = strsep(&rest, ","))) {
        const bool engine = begins(field, "cpu") || begins(field, "gpu");
        note = note || is_note(field);
        if (called && !other && !engine) other = field;
        called = called || engine || !strcmp(field, "exec") || !strcmp(field, "create");
        read_field(field, log);
    }
    if (note)
        log->kind = LOG_NOTE;
    else if (other && !is_among(other, primitives))
        log->kind = LOG_OTHER, log->primitive = other;
    else if (*log->desc)
        log->kind = LOG_PROBLEM;
    else if (!*log->primitive)
        log->kind = LOG_NOTE;
    else
        return pb_fail(PB_INVALID, "a line of oneDNN's log without a problem (mb…)");
    return PB_OK;
}

void log_line_free(struct log_line *log) {
    free(log->text);
    *log = (struct log_line){0};
}
