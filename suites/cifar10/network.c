/* Memory, kernels and the two passes of a network. */
#include "cifar10/network.h"
#include "registry/provider.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One layer in one direction, ready to run; kernel is NULL where the layer does not go that way. */
struct step {
    struct pb_problem problem;
    const struct pb_kernel *kernel;
    void *plan;
    struct pb_args args;
};

/* Everything that depends on the number of images: an epoch's last step may hold fewer. */
struct pass {
    struct pass *next;
    int64_t mb;
    struct step steps[][PB_DIRS]; /* by layer and direction */
};

struct net {
    struct net_spec spec;
    struct net_settings settings;
    int trained; /* the first layer with parameters: gradients go no further back */
    struct pb_buffer input;
    struct pb_buffer output[NET_LAYERS]; /* without memory where the layer works in place */
    struct pb_buffer indices[NET_LAYERS];
    struct pb_buffer gradient[2];     /* layers take turns */
    struct pb_buffer values, grads;   /* of all parameters */
    float *data[NET_LAYERS + 1];      /* a layer's input; one further on, its output */
    float *data_gradient[NET_LAYERS]; /* of a layer's output */
    struct net_param params[2 * NET_LAYERS];
    int param_count;
    int64_t flat_count;
    struct pass *passes;
    char note[512];
};

/* relu and flatten overwrite, or only rename, their input. */
static bool in_place(const struct net_layer *layer) {
    return layer->kind == NET_RELU || layer->kind == NET_FLATTEN;
}

static int64_t volume(struct net_shape shape) {
    return shape.c * shape.h * shape.w;
}

/* ---- Memory ---------------------------------------------------------------------------------- */

static enum pb_status allocate(struct pb_buffer *buffer, int64_t count, size_t size) {
    enum pb_status status = pb_buffer_alloc(buffer, (size_t)count * size);
    if (status == PB_OK) memset(buffer->data, 0, buffer->bytes);
    return status;
}

static enum pb_status allocate_data(struct net *net) {
    const int64_t batch = net->settings.batch;
    enum pb_status status = allocate(&net->input, batch * volume(net->spec.layers[0].in), 4);
    if (status != PB_OK) return status;
    net->data[0] = net->input.data;
    int64_t largest = 0;
    for (int i = 0; i < net->spec.count; i++) {
        const struct net_layer *layer = &net->spec.layers[i];
        int64_t count = batch * volume(layer->out);
        net->data[i + 1] = net->data[i];
        if (i >= net->trained && count > largest) largest = count;
        if (in_place(layer)) continue;
        if ((status = allocate(&net->output[i], count, sizeof(float))) != PB_OK) return status;
        net->data[i + 1] = net->output[i].data;
        if (layer->problem.op == PB_MAX &&
            (status = allocate(&net->indices[i], count, sizeof(int64_t))) != PB_OK)
            return status;
    }
    for (int i = 0; i < 2; i++)
        if ((status = allocate(&net->gradient[i], largest, sizeof(float))) != PB_OK) return status;
    int turn = 0;
    for (int i = net->spec.count - 1; i >= 0; i--) {
        net->data_gradient[i] = net->gradient[turn].data;
        if (!in_place(&net->spec.layers[i])) turn = !turn;
    }
    return PB_OK;
}

/* Views in order, each beginning at a whole cache line. */
static void place_params(struct net *net, float *values, float *grads) {
    enum { LINE = 16 };
    net->param_count = 0, net->flat_count = 0;
    for (int i = 0; i < net->spec.count; i++) {
        const struct net_layer *layer = &net->spec.layers[i];
        if (layer->params == 0) continue;
        struct pb_problem window = layer->problem;
        window.layout = net->settings.layout;
        window.ic = layer->window.c * window.g;
        window.h.k = layer->window.h, window.w.k = layer->window.w;
        for (int bias = 0; bias < 2; bias++) {
            enum pb_role role = bias ? PB_BIAS : PB_WEIGHTS;
            struct net_param *param = &net->params[net->param_count++];
            *param = (struct net_param){.layer = i, .bias = bias};
            param->value = pb_tensor_of(&window, role, values ? values + net->flat_count : NULL);
            param->grad = pb_tensor_of(&window, role, grads ? grads + net->flat_count : NULL);
            int64_t count = pb_tensor_count(&param->value);
            net->flat_count += (count + LINE - 1) / LINE * LINE;
        }
    }
}

static enum pb_status allocate_params(struct net *net) {
    place_params(net, NULL, NULL); /* to learn how much */
    enum pb_status status = allocate(&net->values, net->flat_count, sizeof(float));
    if (status == PB_OK) status = allocate(&net->grads, net->flat_count, sizeof(float));
    if (status == PB_OK) place_params(net, net->values.data, net->grads.data);
    return status;
}

/* ---- Kernels --------------------------------------------------------------------------------- */

static bool method_known(const char *method) {
    for (size_t i = 0; i < pb_kernel_count(); i++)
        if (pb_kernel_is(pb_kernel_at(i), method)) return true;
    return false;
}

/* The best kernel of the method that was asked for, or else the best; NULL with a sentence. */
static const struct pb_kernel *choose(struct net *net, int i, const struct pb_problem *problem) {
    const char *method = net->settings.method;
    if (!method) return pb_select(problem, NULL);
    for (size_t k = 0; k < pb_kernel_count(); k++) {
        const struct pb_kernel *kernel = pb_kernel_at(k);
        if (pb_kernel_is(kernel, method) && !provider_load_code(kernel) &&
            pb_kernel_runs(kernel, problem, NULL))
            return kernel;
    }
    const struct pb_kernel *kernel = pb_select(problem, NULL);
    if (kernel && !net->passes) { /* said once, with the first pass */
        size_t used = strlen(net->note);
        if (used == 0)
            used = (size_t)snprintf(net->note, sizeof net->note, "no %s kernel for", method);
        snprintf(net->note + used, sizeof net->note - used, "%s %s %s, which runs %s",
                 strchr(net->note, ',') ? ";" : "", net->spec.layers[i].words,
                 pb_dir_name(problem->dir), kernel->name);
    }
    return kernel;
}

static struct pb_args step_args(const struct net *net, int i, const struct pb_problem *problem) {
    const bool forward = problem->dir == PB_FWD || problem->dir == PB_FWD_IDX;
    void *data[PB_ROLES] = {0};
    data[PB_SRC] = net->data[i];
    data[PB_DST] = forward ? net->data[i + 1] : net->data_gradient[i];
    if (problem->dir == PB_BWD) data[PB_SRC] = net->data_gradient[i - 1];
    data[PB_INDICES] = net->indices[i].data;
    for (int k = 0; k < net->param_count; k++) {
        const struct net_param *param = &net->params[k];
        if (param->layer != i) continue;
        data[param->bias ? PB_BIAS : PB_WEIGHTS] =
                problem->dir == PB_BWD_W ? param->grad.data : param->value.data;
    }
    struct pb_args args = {0};
    for (int role = 0; role < PB_ROLES; role++)
        if (pb_role_used(problem, (enum pb_role)role))
            args.tensor[role] = pb_tensor_of(problem, (enum pb_role)role, data[role]);
    return args;
}

/* Whether training runs a layer in that direction. */
static bool goes(const struct net *net, int i, enum pb_dir dir) {
    const struct net_layer *layer = &net->spec.layers[i];
    if (in_place(layer)) return false;
    if (dir == PB_FWD_IDX) return layer->problem.op == PB_MAX;
    if (dir == PB_BWD) return i > net->trained;
    return dir == PB_FWD || layer->params > 0;
}

static void pass_free(const struct net *net, struct pass *pass) {
    for (int i = 0; i < net->spec.count; i++)
        for (int dir = 0; dir < PB_DIRS; dir++) {
            struct step *step = &pass->steps[i][dir];
            if (step->kernel) step->kernel->done(step->plan);
        }
    free(pass);
}

/* The pass for mb images, made when it is first asked for. */
static enum pb_status find_pass(struct net *net, int64_t mb, struct pass **found) {
    if (mb < 1 || mb > net->settings.batch)
        return pb_fail(PB_INVALID, "a step of %lld images in a network made for 1 to %lld",
                       (long long)mb, (long long)net->settings.batch);
    for (struct pass *pass = net->passes; pass; pass = pass->next)
        if (pass->mb == mb) return *found = pass, PB_OK;
    struct pass *pass = calloc(1, sizeof *pass + (size_t)net->spec.count * sizeof pass->steps[0]);
    if (!pass) return pb_fail(PB_NOMEM, "no memory for the network's plans");
    pass->mb = mb;
    enum pb_status status = PB_OK;
    for (int i = 0; i < net->spec.count; i++)
        for (int dir = 0; dir < PB_DIRS && status == PB_OK; dir++) {
            if (!goes(net, i, (enum pb_dir)dir)) continue;
            struct step *step = &pass->steps[i][dir];
            step->problem = net->spec.layers[i].problem;
            step->problem.mb = mb;
            step->problem.layout = net->settings.layout;
            step->problem.dir = (enum pb_dir)dir;
            status = pb_problem_check(&step->problem);
            if (status != PB_OK) break;
            const struct pb_kernel *kernel = choose(net, i, &step->problem);
            status = kernel ? kernel->setup(&step->problem, NULL, &step->plan) : PB_UNSUPPORTED;
            if (status != PB_OK) break;
            step->kernel = kernel;
            step->args = step_args(net, i, &step->problem);
        }
    if (status != PB_OK) return pass_free(net, pass), status;
    pass->next = net->passes;
    net->passes = pass;
    *found = pass;
    return PB_OK;
}

static enum pb_status run(struct step *step) {
    return step->kernel->run(&step->problem, step->plan, &step->args);
}

/* ---- Life ------------------------------------------------------------------------------------ */

enum pb_status net_create(const struct net_spec *spec, const struct net_settings *settings,
                          struct net **result) {
    if (settings->method && !method_known(settings->method))
        return pb_fail(PB_INVALID, "no kernel has the method or ISA \"%s\"", settings->method);
    struct net *net = calloc(1, sizeof *net);
    if (!net) return pb_fail(PB_NOMEM, "no memory for the network");
    net->spec = *spec;
    net->settings = *settings;
    while (net->trained < spec->count && spec->layers[net->trained].params == 0) net->trained++;
    enum pb_status status = PB_OK;
    struct pass *full;
    if (net->trained == spec->count)
        status = pb_fail(PB_INVALID, "network \"%s\" has no parameters to train", spec->line);
    if (status == PB_OK) status = allocate_data(net);
    if (status == PB_OK) status = allocate_params(net);
    if (status == PB_OK) status = find_pass(net, settings->batch, &full);
    if (status == PB_OK)
        *result = net;
    else
        net_free(net);
    return status;
}

void net_free(struct net *net) {
    if (!net) return;
    for (struct pass *pass = net->passes, *next; pass; pass = next) {
        next = pass->next;
        pass_free(net, pass);
    }
    for (int i = 0; i < NET_LAYERS; i++) {
        pb_buffer_free(&net->output[i]);
        pb_buffer_free(&net->indices[i]);
    }
    for (int i = 0; i < 2; i++) pb_buffer_free(&net->gradient[i]);
    pb_buffer_free(&net->input);
    pb_buffer_free(&net->values);
    pb_buffer_free(&net->grads);
    free(net);
}

void net_init(struct net *net, struct pb_rng *rng) {
    for (int i = 0; i < net->param_count; i++) {
        const struct pb_tensor *t = &net->params[i].value;
        double bound = 1 / sqrt((double)volume(net->spec.layers[net->params[i].layer].window));
        float *values = t->data;
        for (int64_t o = 0; o < t->dims[0]; o++)
            for (int64_t c = 0; c < t->dims[1]; c++)
                for (int64_t h = 0; h < t->dims[3]; h++)
                    for (int64_t w = 0; w < t->dims[4]; w++)
                        values[pb_offset(t, o, c, 0, h, w)] =
                                (float)((2 * pb_rng_unit(rng) - 1) * bound);
    }
}

/* ---- The passes ------------------------------------------------------------------------------ */

static void relu(float *x, int64_t count) {
#pragma omp parallel for schedule(static)
    for (int64_t i = 0; i < count; i++) x[i] = x[i] <= 0 ? 0 : x[i];
}

/* The output is positive where the input was. */
static void relu_gradient(const float *y, float *gradient, int64_t count) {
#pragma omp parallel for schedule(static)
    for (int64_t i = 0; i < count; i++) gradient[i] = y[i] <= 0 ? 0 : gradient[i];
}

enum pb_status net_forward(struct net *net, int64_t mb, bool training) {
    struct pass *pass;
    enum pb_status status = find_pass(net, mb, &pass);
    for (int i = 0; i < net->spec.count && status == PB_OK; i++) {
        const struct net_layer *layer = &net->spec.layers[i];
        if (layer->kind == NET_RELU) relu(net->data[i], mb * volume(layer->in));
        if (in_place(layer)) continue;
        bool indices = training && goes(net, i, PB_FWD_IDX);
        status = run(&pass->steps[i][indices ? PB_FWD_IDX : PB_FWD]);
    }
    return status;
}

enum pb_status net_backward(struct net *net, int64_t mb) {
    struct pass *pass;
    enum pb_status status = find_pass(net, mb, &pass);
    for (int i = net->spec.count - 1; i >= net->trained && status == PB_OK; i--) {
        const struct net_layer *layer = &net->spec.layers[i];
        if (layer->kind == NET_RELU)
            relu_gradient(net->data[i], net->data_gradient[i], mb * volume(layer->in));
        if (goes(net, i, PB_BWD_W)) status = run(&pass->steps[i][PB_BWD_W]);
        if (status == PB_OK && goes(net, i, PB_BWD)) status = run(&pass->steps[i][PB_BWD]);
    }
    return status;
}

void net_loss(struct net *net, int64_t mb, const uint8_t *labels, double *loss, int64_t *right) {
    const int last = net->spec.count - 1;
    const int64_t classes = volume(net->spec.layers[last].out);
    *loss = 0, *right = 0;
    for (int64_t n = 0; n < mb; n++) {
        const float *x = net_output(net) + n * classes;
        float *gradient = net->data_gradient[last] + n * classes;
        int64_t best = 0;
        for (int64_t c = 1; c < classes; c++)
            if (x[c] > x[best]) best = c;
        double sum = 0;
        for (int64_t c = 0; c < classes; c++) sum += exp((double)x[c] - x[best]);
        for (int64_t c = 0; c < classes; c++) {
            double likely = exp((double)x[c] - x[best]) / sum;
            gradient[c] = (float)((likely - (c == labels[n])) / (double)mb);
        }
        *loss += log(sum) + x[best] - x[labels[n]];
        *right += best == labels[n];
    }
}

/* ---- Views ----------------------------------------------------------------------------------- */

struct pb_tensor net_input(const struct net *net, int64_t mb) {
    const struct net_shape in = net->spec.layers[0].in;
    const int64_t plane = in.h * in.w;
    struct pb_tensor input = {.data = net->input.data,
                              .layout = net->settings.layout,
                              .dims = {mb, in.c, 1, in.h, in.w},
                              .strides = {in.c * plane, plane, plane, in.w, 1}};
    if (input.layout == PB_NHWC) {
        input.strides[1] = 1;
        for (int axis = 2; axis < 5; axis++) input.strides[axis] *= in.c;
    }
    return input;
}

const float *net_output(const struct net *net) {
    return net->data[net->spec.count];
}

int net_param_count(const struct net *net) {
    return net->param_count;
}

const struct net_param *net_param_at(const struct net *net, int i) {
    return &net->params[i];
}

int64_t net_flat_count(const struct net *net) {
    return net->flat_count;
}

float *net_flat_values(const struct net *net) {
    return net->values.data;
}

const float *net_flat_grads(const struct net *net) {
    return net->grads.data;
}

const char *net_kernel_name(const struct net *net, int layer, enum pb_dir dir) {
    for (const struct pass *pass = net->passes; pass; pass = pass->next)
        if (pass->mb == net->settings.batch && pass->steps[layer][dir].kernel)
            return pass->steps[layer][dir].kernel->name;
    return NULL;
}

const char *net_note(const struct net *net) {
    return net->note;
}
