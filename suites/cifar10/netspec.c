/* Reads a network's line, and fits each layer to its input. */
#include "cifar10/network.h"
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name, *line;
} known[] = {
        {"gap-strided", "conv 64 k3 p1 | relu | conv 128 k3 s2 p1 | relu | gap | linear 10"},
        {"gap-maxpool",
         "conv 64 k3 p1 | relu | conv 128 k3 p1 | relu | maxpool k2 s2 | gap | linear 10"},
        {"gap-avgpool",
         "conv 64 k3 p1 | relu | conv 128 k3 p1 | relu | avgpool k2 s2 | gap | linear 10"},
        {"gap-maxpool-early",
         "conv 64 k3 p1 | relu | maxpool k2 s2 | conv 128 k3 p1 | relu | gap | linear 10"},
        {"gap-avgpool-early",
         "conv 64 k3 p1 | relu | avgpool k2 s2 | conv 128 k3 p1 | relu | gap | linear 10"},
        {"flatten-strided",
         "conv 64 k3 p1 | relu | conv 128 k3 s2 p1 | relu | flatten | linear 10"},
};

enum { KNOWN = sizeof known / sizeof known[0] };

const char *net_known_name(int i) {
    return i < KNOWN ? known[i].name : NULL;
}

const char *net_known_line(int i) {
    return i < KNOWN ? known[i].line : NULL;
}

/* The words that begin a layer, and what may follow each. */
struct grammar {
    const char *word;
    enum net_kind kind;
    enum pb_op op;
    bool number;         /* the number of outputs comes first */
    const char *options; /* letters; the first must be given */
};

static const struct grammar grammars[] = {
        {"conv", NET_CONV, PB_CONV, true, "kspdg"},    {"maxpool", NET_POOL, PB_MAX, false, "kspd"},
        {"avgpool", NET_POOL, PB_AVG_P, false, "ksp"}, {"gap", NET_POOL, PB_GAP, false, ""},
        {"relu", NET_RELU, PB_OPS, false, ""},         {"flatten", NET_FLATTEN, PB_OPS, false, ""},
        {"linear", NET_LINEAR, PB_CONV, true, ""},
};

/* A layer as it is written: numbers by letter, height and width; -1 where not given. */
struct request {
    const struct grammar *grammar;
    int64_t number;
    int64_t k[2], s[2], p[2], d[2], g[2];
};

/* A number that ends where the word does, or at an x. */
static bool read_number(const char **at, int64_t *value) {
    char *end;
    if (!isdigit((unsigned char)**at)) return false;
    errno = 0;
    long long number = strtoll(*at, &end, 10);
    if (errno || (*end && *end != 'x')) return false;
    *value = number;
    *at = end;
    return true;
}

/* INT or INTxINT. */
static bool read_pair(const char *at, int64_t pair[2]) {
    if (!read_number(&at, &pair[0])) return false;
    pair[1] = pair[0];
    if (*at == 'x') {
        at++;
        if (!read_number(&at, &pair[1])) return false;
    }
    return *at == '\0';
}

static int64_t *option_of(struct request *request, char letter) {
    switch (letter) {
    case 'k':
        return request->k;
    case 's':
        return request->s;
    case 'p':
        return request->p;
    case 'd':
        return request->d;
    default:
        return request->g;
    }
}

/* Reads the words of one layer. `text` is cut up. */
static enum pb_status read_layer(int position, char *text, struct request *request) {
    static const int64_t none[2] = {-1, -1};
    *request = (struct request){.number = -1};
    for (const char *letter = "kspdg"; *letter; letter++)
        memcpy(option_of(request, *letter), none, sizeof none);
    char *rest, *word = strtok_r(text, " ", &rest);
    if (!word) return pb_fail(PB_INVALID, "layer %d of the network is empty", position);
    for (size_t i = 0; i < sizeof grammars / sizeof grammars[0]; i++)
        if (strcmp(word, grammars[i].word) == 0) request->grammar = &grammars[i];
    const struct grammar *grammar = request->grammar;
    if (!grammar)
        return pb_fail(PB_INVALID,
                       "layer %d: \"%s\" is neither a layer (conv, maxpool, avgpool, gap, relu, "
                       "flatten, linear) nor a known network",
                       position, word);
    if (grammar->number) {
        const char *at = word = strtok_r(NULL, " \t\n", &rest);
        if (!at || !read_number(&at, &request->number) || *at || request->number < 1)
            return pb_fail(PB_INVALID, "layer %d: %s needs its number of outputs, not \"%s\"",
                           position, grammar->word, word ? word : "");
    }
    while ((word = strtok_r(NULL, " \t\n", &rest))) {
        if (!strchr(grammar->options, *word))
            return pb_fail(PB_INVALID, "layer %d: %s has no \"%s\"", position, grammar->word, word);
        if (!read_pair(word + 1, option_of(request, *word)))
            return pb_fail(PB_INVALID, "layer %d: \"%s\" needs a number, such as %c2", position,
                           word, *word);
        const int64_t *pair = option_of(request, *word);
        if (strchr("ksg", *word) && (pair[0] < 1 || pair[1] < 1))
            return pb_fail(PB_INVALID, "layer %d: \"%s\" must be at least 1", position, word);
        if (*word == 'g' && pair[0] != pair[1])
            return pb_fail(PB_INVALID, "layer %d: \"%s\" needs one number", position, word);
    }
    if (*grammar->options && request->k[0] < 0)
        return pb_fail(PB_INVALID, "layer %d: %s needs its window, such as k3", position,
                       grammar->word);
    return PB_OK;
}

static int64_t or_else(int64_t value, int64_t otherwise) {
    return value < 0 ? otherwise : value;
}

/* The problem of one image, through the one parser, which also finds the output and refuses. */
static enum pb_status layer_problem(const struct request *r, struct net_layer *layer) {
    char text[PB_TEXT_SIZE];
    const struct net_shape *in = &layer->in;
    const char *op = pb_op_name(r->grammar->op);
    if (r->grammar->op == PB_GAP) {
        snprintf(text, sizeof text, "%s:mb1ic%lldih%lldiw%lld", op, (long long)in->c,
                 (long long)in->h, (long long)in->w);
    } else {
        bool pool = layer->kind == NET_POOL, linear = layer->kind == NET_LINEAR;
        int64_t k[2], s[2];
        for (int i = 0; i < 2; i++) {
            k[i] = linear ? 1 : r->k[i];
            s[i] = or_else(r->s[i], pool ? k[i] : 1);
        }
        int length =
                snprintf(text, sizeof text,
                         "%s:mb1ic%lldih%lldiw%lldkh%lldkw%lldsh%lldsw%lldph%lldpw%llddh%llddw%lld",
                         op, (long long)in->c, (long long)in->h, (long long)in->w, (long long)k[0],
                         (long long)k[1], (long long)s[0], (long long)s[1],
                         (long long)or_else(r->p[0], 0), (long long)or_else(r->p[1], 0),
                         (long long)or_else(r->d[0], 0), (long long)or_else(r->d[1], 0));
        if (!pool)
            snprintf(text + length, sizeof text - (size_t)length, "oc%lldg%lld",
                     (long long)r->number, (long long)or_else(r->g[0], 1));
    }
    return pb_problem_parse(text, &layer->problem);
}

/* Where a pooling window could hold nothing but padding, its largest element would be -Inf. PyTorch
 * refuses the first of the two. */
static enum pb_status check_padding(const struct pb_axis *axis) {
    if (2 * axis->p > axis->k)
        return pb_fail(PB_INVALID, "padding %lld is more than half of its window of %lld",
                       (long long)axis->p, (long long)axis->k);
    if (axis->p > 0 && axis->d >= axis->i)
        return pb_fail(PB_INVALID, "dilation %lld steps over the whole input, into the padding",
                       (long long)axis->d);
    return PB_OK;
}

/* Fits the layer to layer->in. `flat` is what the last flatten unrolled; c is 0 without one. */
static enum pb_status fit_layer(const struct request *request, struct net_layer *layer,
                                struct net_shape *flat) {
    const struct net_shape *in = &layer->in;
    layer->out = *in;
    if (layer->kind == NET_RELU) return PB_OK;
    if (layer->kind == NET_FLATTEN) {
        if (flat->c == 0) *flat = *in;
        layer->out = (struct net_shape){in->c * in->h * in->w, 1, 1};
        return PB_OK;
    }
    if (layer->kind != NET_LINEAR && flat->c != 0)
        return pb_fail(PB_INVALID, "after flatten only relu and linear can come");
    if (layer->kind == NET_LINEAR && (in->h != 1 || in->w != 1))
        return pb_fail(PB_INVALID, "it takes a flat input; put gap or flatten before it");
    enum pb_status status = layer_problem(request, layer);
    if (status != PB_OK) return status;
    const struct pb_problem *p = &layer->problem;
    if (layer->kind == NET_POOL) {
        if ((status = check_padding(&p->h)) != PB_OK) return status;
        if ((status = check_padding(&p->w)) != PB_OK) return status;
    }
    layer->out = (struct net_shape){p->oc, p->h.o, p->w.o};
    layer->macs = pb_problem_macs(p);
    if (p->op == PB_CONV) {
        layer->window = (struct net_shape){p->ic / p->g, p->h.k, p->w.k};
        if (layer->kind == NET_LINEAR && flat->c != 0) layer->window = *flat;
        layer->params = p->oc * (p->ic / p->g * p->h.k * p->w.k + 1);
    }
    *flat = (struct net_shape){0};
    return PB_OK;
}

static char *trim(char *text) {
    while (isspace((unsigned char)*text)) text++;
    char *end = text + strlen(text);
    while (end > text && isspace((unsigned char)end[-1])) *--end = '\0';
    return text;
}

static enum pb_status add_layer(char *text, struct net_shape in, struct net_shape *flat,
                                struct net_spec *spec) {
    int position = spec->count + 1;
    if (position > NET_LAYERS)
        return pb_fail(PB_INVALID, "the network has more than %d layers", NET_LAYERS);
    struct net_layer *layer = &spec->layers[spec->count++];
    *layer = (struct net_layer){.in = in};
    text = trim(text);
    if (snprintf(layer->words, sizeof layer->words, "%s", text) >= NET_WORDS_SIZE)
        return pb_fail(PB_INVALID, "layer %d: more than %d characters", position,
                       NET_WORDS_SIZE - 1);
    struct request request;
    enum pb_status status = read_layer(position, text, &request);
    if (status != PB_OK) return status;
    layer->kind = request.grammar->kind;
    if (fit_layer(&request, layer, flat) == PB_OK) return PB_OK;
    char reason[PB_TEXT_SIZE];
    snprintf(reason, sizeof reason, "%s", pb_error());
    return pb_fail(PB_INVALID, "layer %d (%s) does not fit its input of %lldx%lldx%lld: %s",
                   position, layer->words, (long long)in.c, (long long)in.h, (long long)in.w,
                   reason);
}

enum pb_status net_parse(const char *text, struct net_shape in, struct net_spec *spec) {
    *spec = (struct net_spec){.name = "custom"};
    for (int i = 0; i < KNOWN; i++)
        if (strcmp(text, known[i].name) == 0) {
            spec->name = known[i].name;
            text = known[i].line;
            break;
        }
    if (snprintf(spec->line, sizeof spec->line, "%s", text) >= NET_LINE_SIZE)
        return pb_fail(PB_INVALID, "the network's line has more than %d characters",
                       NET_LINE_SIZE - 1);
    for (const char *c = spec->line; *c; c++)
        if (iscntrl((unsigned char)*c))
            return pb_fail(PB_INVALID,
                           "the network's line has a control character (number %d) after \"%.*s\"",
                           *c, (int)(c - spec->line), spec->line);
    char copy[NET_LINE_SIZE], *rest = copy, *layer;
    memcpy(copy, spec->line, sizeof copy);
    struct net_shape shape = in, flat = {0};
    while ((layer = strsep(&rest, "|"))) {
        enum pb_status status = add_layer(layer, shape, &flat, spec);
        if (status != PB_OK) return status;
        shape = spec->layers[spec->count - 1].out;
    }
    return PB_OK;
}
