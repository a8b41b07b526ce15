/* The plug-ins of other libraries that are built: what they do keeps the contract, or its breach is
 * declared. One that is not built is skipped. */
#include "conformance/conformance.h"
#include "registry/provider.h"
#include "tools/shape_list.h"
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool load(const char *name) {
    char path[4096];
    snprintf(path, sizeof path, PLUGINS "/providers/%s.so", name);
    if (access(path, F_OK)) return false;
    cr_assert_eq(pb_provider_load(path), PB_OK, "%s", pb_error());
    cr_assert_eq(pb_differences_check(pb_provider_at(pb_provider_count() - 1)), PB_OK, "%s",
                 pb_error());
    return true;
}

static int64_t checks;

/* A failure must be covered by a difference that the kernel declares for what was seen. */
static void expect_declared(const struct pb_trial *trial, const struct pb_kernel *kernel,
                            enum pb_when seen) {
    cr_expect(pb_kernel_difference(kernel, &trial->problem, seen), "not declared: %s", pb_error());
}

/* With two or three threads in turn, and then again with one. */
static void hold(struct pb_trial *trial, const struct pb_kernel *kernel, bool constants) {
    pb_set_threads(2 + checks++ % 2);
    if (pb_trial_check(trial, kernel, constants)) {
        expect_declared(trial, kernel, pb_trial_special(trial) ? PB_WITH_SPECIAL : PB_ALWAYS);
        return;
    }
    pb_set_threads(1);
    if (pb_trial_repeat(trial, kernel, constants)) expect_declared(trial, kernel, PB_WITH_THREADS);
}

static void hold_all(const struct pb_problem *p, size_t from) {
    bool any = false;
    for (size_t k = from; k < pb_kernel_count(); k++)
        any |= pb_kernel_runs(pb_kernel_at(k), p, NULL);
    for (int family = 0; any && family < PB_DATA_PATTERNS; family++) {
        struct pb_trial trial = {0};
        enum pb_status status = pb_trial_begin(&trial, p, (enum pb_data_pattern)family, 1);
        if (status == PB_UNSUPPORTED) return; /* peers do more than the oracle knows */
        cr_assert_eq(status, PB_OK, "%s", pb_error());
        for (size_t k = from; k < pb_kernel_count(); k++) {
            if (!pb_kernel_runs(pb_kernel_at(k), p, NULL)) continue;
            hold(&trial, pb_kernel_at(k), false);
            if (pb_has_constants(p)) hold(&trial, pb_kernel_at(k), true);
        }
        pb_trial_end(&trial);
    }
}

/* What a library calls itself and what it runs: as in "2.6.3", and "jit:avx512_core". */
static void expect_names(const struct pb_provider *provider, size_t from) {
    struct pb_problem p;
    void *plan = NULL;
    bool reference;
    cr_expect_str_not_empty(provider->version(), "%s", provider->name);
    if (!provider->implementation) return;
    cr_assert_eq(pb_problem_parse("max:nhwc:mb2ic32ih8kh2sh2", &p), PB_OK, "%s", pb_error());
    size_t k = from;
    while (!pb_kernel_runs(pb_kernel_at(k), &p, NULL)) k++;
    const struct pb_kernel *kernel = pb_kernel_at(k);
    cr_assert_eq(kernel->setup(&p, NULL, &plan), PB_OK, "%s", pb_error());
    const char *name = pb_kernel_implementation(kernel, plan, &reference);
    cr_expect_str_not_empty(name, "%s", kernel->name);
    cr_expect_eq(reference, strstr(name, "ref") != NULL, "%s is \"%s\"", kernel->name, name);
    kernel->done(plan);
}

/* Known defects are called by their id. */
static void expect_known_defects(const struct pb_provider *provider) {
    for (size_t i = 0; i < provider->difference_count; i++) {
        const char *defect = provider->differences[i].known_defect;
        size_t row = defect ? pb_row_find(defect) : 0;
        cr_assert_lt(row, pb_row_count(), "no known defect is called %s", defect);
        if (defect) cr_expect_eq(pb_row_at(row).kind, PB_ROW_DEFECT, "%s", defect);
    }
}

/* Every shape of the list in every direction and layout, and random problems. */
static void hold_peer(const char *name) {
    size_t own = pb_kernel_count();
    if (!load(name)) cr_skip_test("%s is not built", name);
    expect_names(pb_provider_at(0), own);
    expect_known_defects(pb_provider_at(0));
    struct pb_problems list = basic_shapes();
    for (size_t i = 0; i < list.count; i++)
        for (int layout = 0; layout < PB_LAYOUTS; layout++) {
            struct pb_problem p = list.item[i];
            if (p.layout != PB_NCHW) continue; /* once is enough */
            p.layout = (enum pb_layout)layout;
            hold_all(&p, own);
        }
    pb_problems_free(&list);
    struct pb_rng rng = {.state = 5};
    for (int i = 0; i < 600; i++) {
        struct pb_problem p;
        enum pb_op op = (enum pb_op)pb_rng_below(&rng, PB_OPS);
        pb_problem_random(&rng, op, (enum pb_dir)pb_rng_below(&rng, PB_DIRS), &p);
        if (pb_problem_check(&p) == PB_OK) hold_all(&p, own);
    }
    cr_expect_gt(checks, 1000, "only %lld checks", (long long)checks);
}

TestSuite(peers, .timeout = 600);

Test(peers, onednn) {
    hold_peer("onednn");
}

Test(peers, xnnpack) {
    hold_peer("xnnpack");
}

Test(peers, torch) {
    hold_peer("torch");
}

Test(peers, onnxruntime) {
    hold_peer("onnxruntime");
}
