/* The shim over Google Benchmark, and the machine's limits. */
#include "bench/gbench.h"
#include "results/peer_groups.h"
#include "common/machine.h"
#include "results/results.h"
#include "roofline/limits.h"
#include "results/queries.h"
#include "roofline/work.h"
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct calls {
    long begun, made;
};

static const char *count_begin(void *arg) {
    ((struct calls *)arg)->begun++;
    return NULL;
}

static const char *count_call(void *arg) {
    struct calls *calls = arg;
    cr_assert_gt(calls->begun, 0, "a repetition was not begun");
    calls->made++;
    return NULL;
}

static const char *fail_call(void *arg) {
    (void)arg;
    return "wrong on purpose";
}

static const char *fail_in_words(void *arg) {
    (void)arg;
    return "\x1b[31mbroken\nin two \xff lines\a";
}

/* Google Benchmark writes into its JSON what JSON does not allow. */
Test(bench, text_from_outside_is_made_fit_for_json) {
    char time[] = "--benchmark_min_time=0.001";
    char *argv[] = {time};
    cr_assert(gbench_options(1, argv));
    gbench_context("library\n", "1\x01\xe4");
    gbench_register(&(struct gbench_case){
            .name = "k/p\x02", .label = "peer \x7f\"jit\"", .call = fail_in_words});
    char *json = gbench_run();
    json_error_t error;
    json_t *root = json_loads(json, 0, &error);
    cr_assert_not_null(root, "%s: %s", error.text, json);
    cr_expect_str_eq(
            json_string_value(json_object_get(json_object_get(root, "context"), "library ")),
            "1 ?");
    json_t *entry = json_array_get(json_object_get(root, "benchmarks"), 0);
    cr_expect_str_eq(json_string_value(json_object_get(entry, "name")), "k/p ");
    cr_expect_str_eq(json_string_value(json_object_get(entry, "error_message")),
                     " [31mbroken in two ? lines ");
    json_decref(root);
    free(json);
}

/* Google Benchmark keeps its state per process; Criterion gives every test its own. */
Test(bench, the_shim_keeps_every_repetition_and_its_context) {
    char repetitions[] = "--benchmark_repetitions=3", time[] = "--benchmark_min_time=0.001";
    char *argv[] = {repetitions, time};
    const struct gbench_counter counters[] = {
            {"bytes_per_second", 1000, true}, {"flop_per_second", 0, true}, {"setup_us", 7, false}};
    struct pb_results results;
    struct calls calls = {0};
    cr_assert(gbench_options(2, argv));
    pb_machine_describe(gbench_context);
    gbench_context("mood", "a \"quoted\" one");
    gbench_register(&(struct gbench_case){"kernel/problem:x", "simd", count_begin, count_call,
                                          &calls, counters, 3, NULL, NULL});
    gbench_register(
            &(struct gbench_case){.name = "kernel/problem:y", .label = "naive", .call = fail_call});
    gbench_register(&(struct gbench_case){.name = "kernel/problem:z",
                                          .label = "naive",
                                          .begin = fail_call,
                                          .call = count_call,
                                          .arg = &calls});
    char *json = gbench_run();
    cr_assert_eq(pb_results_parse(json, "json", &results), PB_OK, "%s", pb_error());
    cr_expect_geq(calls.begun, 3, "each repetition is begun");
    cr_expect_gt(calls.made, calls.begun, "one of them has many calls");
    cr_expect_str_eq(pb_results_context(&results, "mood", ""), "a \"quoted\" one");
    cr_expect_str_eq(pb_results_context(&results, "cpu", ""), pb_cpu_name());
    cr_expect_str_eq(pb_results_context(&results, "blas_core", ""), pb_blas_core());
    static const char *const keys[] = {"isa",      "data_caches", "threads",
                                       "compiler", "flags",       "commit"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        cr_expect_str_not_empty(pb_results_context(&results, keys[i], ""), "%s", keys[i]);
    cr_assert_eq(results.count, 3);
    const struct pb_result *good = &results.item[0], *bad = &results.item[1];
    cr_expect_str_eq(good->name, "kernel/problem:x");
    cr_expect_str_eq(good->kernel, "kernel");
    cr_expect_str_eq(good->method, "simd");
    cr_expect_eq(good->count, 3);
    cr_expect_float_eq(good->bytes, 1000, 1);
    cr_expect_float_eq(good->flops, 0, 0);
    cr_expect_float_eq(good->setup_us, 7, 0);
    cr_expect_eq(bad->count, 0);
    cr_expect_str_eq(bad->error, "wrong on purpose");
    cr_expect_eq(results.item[2].count, 0);
    cr_expect_str_eq(results.item[2].error, "wrong on purpose", "at the beginning");
    pb_results_free(&results);
    free(json);
}

Test(bench, unknown_options_are_refused) {
    char wrong[] = "--benchmark_nonsense=1";
    char *argv[] = {wrong};
    cr_expect_not(gbench_options(1, argv));
}

Test(bench, work_of_a_problem) {
    struct pb_problem problem;
    cr_assert_eq(pb_problem_parse("max:mb2ic3ih4kh2sh2", &problem), PB_OK, "%s", pb_error());
    cr_expect_float_eq(pb_problem_bytes(&problem), 4 * 2 * 3 * (16 + 4), 0);
    cr_expect_float_eq(pb_problem_flops(&problem), 2 * 3 * 4 * 4, 0);
    cr_assert_eq(pb_problem_parse("conv:mb1ic2ih4oc8kh3ph1", &problem), PB_OK, "%s", pb_error());
    cr_expect_float_eq(pb_problem_bytes(&problem), 4 * (2 * 16 + 8 * 16 + 8 * 2 * 9 + 8), 0);
    cr_expect_float_eq(pb_problem_flops(&problem), 2.0 * 16 * 8 * 2 * 9, 0);
    cr_assert_eq(pb_problem_parse("avg_p:u8:mb2ic3ih4kh2sh2", &problem), PB_OK, "%s", pb_error());
    cr_expect_float_eq(pb_problem_bytes(&problem), 2 * 3 * (16 + 4), 0);
    cr_assert_eq(pb_problem_parse("s2d:mb2ic3ih4kh2", &problem), PB_OK, "%s", pb_error());
    cr_expect_float_eq(pb_problem_bytes(&problem), 4 * 2 * 3 * (16 + 16), 0);
    cr_expect_float_eq(pb_problem_flops(&problem), 0, 0);
    cr_assert_eq(pb_problem_parse("blur:mb2ic3ih4kh3sh2ph1", &problem), PB_OK, "%s", pb_error());
    cr_expect_float_eq(pb_problem_flops(&problem), 2.0 * 2 * 3 * 4 * 9, 0);
    /* Windows of 2, 3 and 2 rows, and of 1 and 1 column. */
    cr_assert_eq(pb_problem_parse("adaptive_avg:mb2ic3ih5iw2oh3ow2", &problem), PB_OK);
    cr_expect_float_eq(pb_problem_bytes(&problem), 4 * 2 * 3 * (10 + 6), 0);
    cr_expect_float_eq(pb_problem_flops(&problem), 2 * 3 * 7 * 2, 0);
    cr_assert_eq(pb_problem_parse("lp:bwd:mb1ic1iw4kw2sw2", &problem), PB_OK, "%s", pb_error());
    cr_expect_float_eq(pb_problem_bytes(&problem), 4 * (4 + 4 + 2), 0);
}

/* Counted by hand. Weights and bias of a convolution are read, 4 bytes each; indices have 8. */
Test(bench, the_limit_counts_only_what_every_kernel_must_do) {
    static const struct {
        const char *text;
        double elements, flops;
    } cases[] = {
            /* Every second row and column is touched: 2 x 2 of 4 x 4. */
            {"conv:mb1ic2ih4oc3kh1sh2", 2 * 4 + 3 * 4 + 3 * 2 + 3, 2 * 4 * 3 * 2},
            {"max:mb1ic1ih5kh1sh2", 9 + 9, 0},
            {"max:fwd_idx:mb1ic1ih5kh1sh2", 9 + 9 + 2 * 9, 0},
            /* Backward the whole gradient is written. */
            {"max:bwd:mb1ic1ih5kh1sh2", 25 + 9 + 2 * 9, 0},
            /* Per axis 7 + 6 + 6 taps that are not padding: 19 x 19 = 361. */
            {"conv:mb1ic1ih7oc1kh3ph1", 49 + 49 + 9 + 1, 2 * 361},
            {"conv:nhwc:bwd:mb2ic3ih7oc5kh3ph1", 2 * 49 * 8 + 9 * 15, 2 * 361 * 2 * 15},
            {"conv:mb1g2ic4ih7oc6kh3ph1", 49 * 10 + 9 * 12 + 6, 2 * 361 * 6 * 2},
            /* Only the centre of the window meets input; a gradient of weights is written whole. */
            {"conv:mb1ic1ih1oc1kh3ph1", 1 + 1 + 1 + 1, 2},
            {"conv:bwd_w:mb1ic1ih1oc1kh3ph1", 1 + 1 + 9 + 1, 2},
            /* The last row and column are in no window. */
            {"max:mb2ic3ih5kh2sh2", 2 * 3 * (16 + 4), 2 * 3 * 16},
            /* Overlapping windows may share their work. */
            {"avg_np:mb1ic1ih4kh3sh1ph1", 16 + 16, 16},
            /* Taps at 0, 3 and 3, 6 of 7. */
            {"max:mb1ic1ih7kh2sh3dh2", 9 + 4, 9},
            /* A window that lies in the padding has a result, but no gradient to send. */
            {"avg_p:bwd:mb1ic1iw2ow4kw1pw1", 2 + 2, 0},
            {"max:nChw16c:mb1ic3ih2kh2", 3 * (4 + 1), 3 * 4},
            {"gap:mb2ic3ih4", 2 * 3 * (16 + 1), 2 * 3 * 16},
            {"conv:mb0ic2ih4oc3kh3", 0, 0},
            {"s2d:mb2ic3ih4kh2", 2 * 3 * (16 + 16), 0},
            {"s2d:bwd:mb2ic3ih4kh2_crd", 2 * 3 * (16 + 16), 0},
            {"blur:mb1ic2ih5kh3sh2ph1", 2 * (25 + 9), 2 * 25},
            /* Windows at -1, 2 and 5 of one tap: 1 in the mirror, 2, and of 4 the mirror's 3. */
            {"blur:mb1ic1iw5ow3kw1sw3pw1", 3 + 3, 0},
            /* All windows but one in the mirror: the gradient of each counts. */
            {"blur:bwd:mb1ic1iw3ow5kw1pw2sw1", 3 + 5, 0},
            {"blur:mb1ic1iw3ow6kw2pw2", 3 + 6, 3},
            /* Bytes: 1 where an f32 has 4; the peak of f32 is none of theirs. */
            {"max:s8:mb1ic4ih5kh1sh2", 9 + 9, 0},
            {"avg_p:u8:mb1ic4ih4kh2sh2", 16 + 4, 0},
            /* The gradient of lp reads what forward read, too. */
            {"lp:mb2ic3ih5kh2sh2", 2 * 3 * (16 + 4), 2 * 3 * 16},
            {"lp:bwd:mb1ic1ih5kh1sh2", 25 + 9 + 9, 0},
            {"adaptive_avg:mb2ic3ih5oh2", 2 * 3 * (25 + 4), 2 * 3 * 25},
            {"adaptive_avg:mb1ic1ih5iw4oh3ow4", 20 + 12, 20},
            {"adaptive_max:fwd_idx:mb1ic1iw4ow9", 4 + 9 + 2 * 9, 0},
            {"adaptive_max:bwd:mb1ic1iw4ow2", 4 + 2 + 2 * 2, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct pb_problem problem;
        cr_assert_eq(pb_problem_parse(cases[i].text, &problem), PB_OK, "%s", pb_error());
        const struct pb_traffic least = pb_least_traffic(&problem);
        double bytes = least.read + least.written;
        cr_expect_float_eq(bytes, 4 * cases[i].elements, 0, "%s: %g bytes", cases[i].text, bytes);
        cr_expect_float_eq(pb_least_flops(&problem), cases[i].flops, 0, "%s: %g operations",
                           cases[i].text, pb_least_flops(&problem));
        cr_expect(bytes <= pb_problem_bytes(&problem), "%s", cases[i].text);
        cr_expect(pb_least_flops(&problem) <= pb_problem_flops(&problem), "%s", cases[i].text);
    }
}

Test(bench, the_time_of_the_limit) {
    struct pb_limits limits;
    double moving, computing;
    cr_assert_eq(pb_limits_begin(&limits, 2, pb_isa()), PB_OK, "%s", pb_error());
    cr_assert_eq(pb_limits_seconds(&limits, 1 << 20, 0, 0, false, &moving), PB_OK);
    cr_assert_eq(pb_limits_seconds(&limits, 1 << 19, 1 << 19, 1e12, false, &computing), PB_OK);
    cr_expect_eq(limits.buckets, 1, "one working set");
    for (int i = 0; i < PB_STREAM_MIXES; i++) { /* what was not asked for was not measured */
        double reads = pb_stream_mixes[i].reads, writes = pb_stream_mixes[i].writes;
        bool asked = writes == 0 || reads == writes || reads == 2 * writes;
        cr_expect_eq(limits.bucket[0].bandwidth[i] > 0, asked, "%s", pb_stream_mixes[i].name);
    }
    cr_expect_gt(moving, 0);
    cr_expect_float_eq(computing, 1e12 / limits.peak, 1e-9);
    pb_limits_end(&limits);
}

/* Of any machine: a mistake in the units or in the counting leaves these ranges. */
Test(bench, limits_are_plausible) {
    const int64_t sets[] = {16 << 10, 1 << 20, 64 << 20};
    const unsigned isas[] = {0, pb_isa_detected()};
    for (int i = 0; i < 2; i++) {
        double peak, bandwidth;
        cr_assert_eq(pb_peak_measure(1, isas[i], &peak), PB_OK, "%s", pb_error());
        cr_expect(peak > 1e8 && peak < 1e13, "%g", peak);
        for (int set = 0; set < 3; set++)
            for (int pattern = 0; pattern < PB_STREAM_MIXES; pattern += 3) {
                cr_assert_eq(pb_bandwidth_measure(&pb_stream_mixes[pattern], sets[set], 1, isas[i],
                                                  &bandwidth),
                             PB_OK, "%s", pb_error());
                cr_expect(bandwidth > 1e8 && bandwidth < 1e13, "%g", bandwidth);
            }
    }
}

/* Runs bench, as quickly as can be, in a folder that it leaves behind empty; what it recorded is in
 * *results, and whether its output had `wanted` is checked. */
static void record(const char *arguments, const char *wanted, struct pb_results *results) {
    char folder[] = "/tmp/poolbench-XXXXXX", path[64], command[1024];
    cr_assert_not_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/out.json", folder);
    snprintf(command, sizeof command,
             "'%s' bench %s --benchmark_repetitions=2 --benchmark_min_time=0.0001s --out %s "
             ">%s/log 2>&1 && grep -q -e '%s' %s/log",
             POOLBENCH_PROGRAM, arguments, path, folder, wanted, folder);
    cr_expect_eq(system(command), 0, "%s", command);
    cr_assert_eq(pb_results_load(path, results), PB_OK, "%s", pb_error());
    snprintf(command, sizeof command, "rm -r %s", folder);
    cr_expect_eq(system(command), 0);
}

/* --op alone leaves of the default list what is of that operation. */
Test(bench, one_operation_of_the_default_list) {
    struct pb_results results;
    record("--op gap --kernel '*naive'", "gap_f32_naive", &results);
    cr_expect_gt(results.count, 0);
    for (size_t i = 0; i < results.count; i++)
        cr_expect(strncmp(results.item[i].problem, "gap:", 4) == 0, "%s", results.item[i].name);
    pb_results_free(&results);
}

/* Every minibatch, layout and direction, in as many parts as a small memory asks for. */
Test(bench, variants_in_parts) {
    struct pb_results results;
    record("'max:ic64ih64kh2sh2' 'conv:ic2oc2ih4kh2' --kernel '*naive' --mb 1,2 --layout nchw,nhwc "
           "--dir fwd,fwd_idx,bwd --memory 4",
           "median", &results);
    cr_expect_eq(results.count, 2 * 2 * (3 + 2), "%zu", results.count); /* conv has no indices */
    cr_expect_str_eq(pb_results_context(&results, "cache", ""), "warm");
    for (size_t i = 0; i < results.count; i++) cr_expect_eq(results.item[i].count, 2);
    pb_results_free(&results);
}

Test(bench, what_is_beyond_memory_is_named) {
    int status = system("'" POOLBENCH_PROGRAM "' bench max:mb1ic64ih512kh2 --memory 1 2>&1 | "
                        "grep -q 'left out, beyond --memory: max:f32:nchw:fwd:mb1ic64_ih512'");
    cr_expect_eq(status, 0);
}

/* The best of what was measured counts at the level where the working set lies; a second thread
 * brings an L1 and an L2 of its own. */
Test(bench, roofs_by_level) {
    const struct pb_caches caches = pb_caches();
    if (!caches.l1d || !caches.l2 || caches.l3 < 3 * caches.l2) cr_skip("no three levels of cache");
    struct pb_limits_bucket bucket[] = {{.working_set = 2 * caches.l1d, .bandwidth = {0, 5, 3}},
                                        {.working_set = 2 * caches.l2, .bandwidth = {4, 2}},
                                        {.working_set = caches.l3 + 1, .bandwidth = {1}}};
    struct pb_limits limits = {.threads = 1, .bucket = bucket, .buckets = 3};
    static const double best[2][PB_LEVELS] = {{0, 5, 4, 1}, {5, 4, 0, 1}};
    for (int i = 0; i < 2; i++, limits.threads++)
        for (int level = 0; level < PB_LEVELS; level++)
            cr_expect_eq(pb_limits_bandwidth(&limits, (enum pb_level)level), best[i][level],
                         "%d threads, %s", limits.threads, pb_level_name((enum pb_level)level));
}

/* A cache whose size nobody tells leaves open where a working set lies that the levels below do not
 * hold. */
Test(bench, no_roof_is_made_up_from_an_unknown_cache) {
    const struct pb_caches all = {1 << 15, 1 << 20, 1 << 25}, no_l1 = {0, 1 << 20, 1 << 25},
                           no_l2 = {1 << 15, 0, 1 << 25}, no_l3 = {1 << 15, 1 << 20, 0}, none = {0};
    char text[PB_CACHES_TEXT];
    cr_expect_eq(pb_level_of(&all, 2, 1 << 16), PB_L1);
    cr_expect_eq(pb_level_of(&all, 2, 1 << 21), PB_L2);
    cr_expect_eq(pb_level_of(&all, 2, 1 << 25), PB_L3);
    cr_expect_eq(pb_level_of(&all, 2, 1 << 26), PB_MEMORY);
    cr_expect_eq(pb_level_of(&no_l1, 2, 1), PB_LEVELS);
    cr_expect_eq(pb_level_of(&no_l2, 2, 1 << 16), PB_L1);
    cr_expect_eq(pb_level_of(&no_l2, 2, 1 << 21), PB_LEVELS);
    cr_expect_eq(pb_level_of(&no_l3, 2, 1 << 21), PB_L2);
    cr_expect_eq(pb_level_of(&no_l3, 2, 1 << 22), PB_LEVELS);
    cr_expect_eq(pb_level_of(&none, 2, 1 << 30), PB_LEVELS);
    cr_expect_str_eq(pb_caches_text(&all, text), "L1d 32 KiB, L2 1 MiB, L3 32 MiB");
    cr_expect_str_eq(pb_caches_text(&none, text), "L1d unknown, L2 unknown, L3 unknown");
}

/* Eight repetitions in eight places; holding the kernel to the contract takes one more. */
Test(bench, each_repetition_has_a_place_of_its_own) {
    FILE *lines = popen("says=$(mktemp) && PLUG_SAYS=$says '" POOLBENCH_PROGRAM
                        "' bench max:mb1ic3ih4kh1 --kernel plug_max --threads 1 --provider " PLUGINS
                        "/plugins/plugin_talks.so --benchmark_repetitions=8 "
                        "--benchmark_min_time=0.0001 >/dev/null 2>&1; "
                        "grep '^plug writes' $says | sort -u | wc -l; rm $says",
                        "r");
    int places = 0;
    cr_assert(lines && fscanf(lines, "%d", &places) == 1);
    pclose(lines);
    cr_expect_geq(places, 8, "%d", places);
}

Test(bench, cold_buffers) {
    struct pb_results results;
    record("'conv:mb1ic8oc8ih64kh2sh2' 'max:bwd:mb1ic64ih64kh2sh2' --cache cold", "conv_f32_naive",
           &results);
    cr_expect_str_eq(pb_results_context(&results, "cache", ""), "cold");
    cr_expect_str_not_empty(pb_results_context(&results, "pinned", ""));
    cr_expect_gt(atof(pb_results_context(&results, "roof_peak", "")), 0);
    cr_expect_gt(atof(pb_results_context(&results, "roof_memory", "")), 0);
    cr_expect_str_empty(pb_results_context(&results, "roof_l1", ""), "nothing lies there");
    for (size_t i = 0; i < results.count; i++) cr_expect_null(results.item[i].error);
    pb_results_free(&results);
}

/* A peer stands in the table, and the others beside it. */
Test(bench, peers_in_the_table) {
    struct pb_results results;
    record("--provider " PLUGINS "/example.so 'gmp:nhwc:mb2ic32ih9'", "best peer.*95 %", &results);
    const char *problem = results.item[0].problem;
    const struct pb_result *peer = pb_result_best_peer(&results, problem);
    const struct pb_result *naive = pb_result_best(&results, problem, "naive");
    cr_assert_not_null(peer);
    cr_assert_not_null(naive);
    cr_expect_str_eq(peer->kernel, "example_gmp_f32_nhwc");
    cr_expect_str_eq(peer->method, "example");
    cr_expect(peer->peer && !peer->reference && !naive->peer);
    size_t selected = 0;
    for (size_t i = 0; i < results.count; i++) selected += results.item[i].selected;
    cr_expect_eq(selected, 1);
    cr_expect_not(peer->selected);
    pb_results_free(&results);
}

/* Two shapes of one kind: the peer takes 4 and 1 times as long as what is selected, a reference
 * that is faster does not count; on the second another variant of ours would take half as long.
 * Least times decide; the peer's medians are 4 times as long as those. */
Test(bench, groups_of_shapes) {
    static const char *const shapes[] = {"gap:f32:nhwc:fwd:mb1ic3_ih4_nfirst",
                                         "gap:f32:nhwc:fwd:mb1ic3_ih5_nsecond"};
    static const double peer[] = {40, 10}, naive[] = {20, 5};
    char *text = NULL;
    size_t size, count;
    FILE *file = open_memstream(&text, &size);
    cr_assert_not_null(file);
    fprintf(file, "{\"context\": {}, \"benchmarks\": [");
    for (int i = 0; i < 2; i++) {
        struct pb_problem problem;
        cr_assert_eq(pb_problem_parse(shapes[i], &problem), PB_OK, "%s", pb_error());
        const struct {
            const char *kernel, *label;
            double time;
        } rows[] = {{pb_select(&problem, NULL)->name, "simd", 10},
                    {"gap_f32_naive", "naive", naive[i]},
                    {"far_gap", "far peer jit", peer[i]},
                    {"near_gap", "near reference ref", 1}};
        for (int k = 0; k < 3 * 4; k++) {
            bool slow = k >= 4 && k % 4 == 2;
            fprintf(file,
                    "%s{\"name\": \"%s/%s\", \"label\": \"%s\", \"real_time\": %g, "
                    "\"time_unit\": \"us\"}",
                    i || k ? ", " : "", rows[k % 4].kernel, shapes[i], rows[k % 4].label,
                    rows[k % 4].time * (slow ? 4 : 1));
        }
    }
    fprintf(file, "]}");
    fclose(file);
    struct pb_results results;
    struct pb_group *groups;
    cr_assert_eq(pb_results_parse(text, "groups", &results), PB_OK, "%s", pb_error());
    cr_assert_eq(pb_groups_find(&results, &groups, &count), PB_OK, "%s", pb_error());
    cr_assert_eq(count, 1);
    cr_expect(groups->op == PB_GAP && groups->layout == PB_NHWC && groups->dir == PB_FWD);
    cr_expect_eq(groups->shapes, 2);
    cr_expect_float_eq(pb_geometric_mean(&groups->ratio), 2, 1e-9);
    cr_expect_float_eq(pb_geometric_mean(&groups->medians), 8, 1e-9);
    cr_expect_float_eq(groups->ratio.low, 1, 1e-9, "%g", groups->ratio.low);
    cr_expect_str_eq(groups->worst_shape.name, "second");
    cr_expect_float_eq(pb_geometric_mean(&groups->lost), sqrt(2), 1e-9);
    free(groups);
    free(text);
    pb_results_free(&results);
}

/* METHOD ISA, as a label; in older files METHOD, of an ISA's kernels "simd". */
Test(bench, labels_of_our_own) {
    static const char json[] =
            "{\"context\": {}, \"benchmarks\": ["
            "{\"name\": \"a_avx2/p\", \"label\": \"direct avx2\", \"real_time\": 1, "
            "\"time_unit\": \"ns\"},"
            "{\"name\": \"b_naive/p\", \"label\": \"naive scalar\", \"real_time\": 2, "
            "\"time_unit\": \"ns\"},"
            "{\"name\": \"c_avx512/p\", \"label\": \"simd\", \"real_time\": 3, "
            "\"time_unit\": \"ns\"},"
            "{\"name\": \"d_im2col/p\", \"label\": \"im2col\", \"real_time\": 4, "
            "\"time_unit\": \"ns\"}]}";
    static const struct {
        const char *method, *isa;
        bool simd;
    } expected[] = {
            {"direct", "avx2", true},
            {"naive", "scalar", false},
            {"simd", "avx512", true},
            {"im2col", "", false},
    };
    struct pb_results results;
    cr_assert_eq(pb_results_parse(json, "labels", &results), PB_OK, "%s", pb_error());
    cr_assert_eq(results.count, 4);
    for (size_t i = 0; i < 4; i++) {
        const struct pb_result *result = &results.item[i];
        cr_expect_str_eq(result->method, expected[i].method);
        cr_expect_str_eq(result->isa, expected[i].isa);
        cr_expect_eq(pb_result_is(result, "simd"), expected[i].simd, "%s", result->kernel);
        cr_expect(pb_result_is(result, expected[i].method));
        cr_expect_not(result->peer || result->reference);
        cr_expect_str_eq(result->implementation, "");
    }
    pb_results_free(&results);
}

/* PROVIDER peer|reference IMPLEMENTATION, as a label. */
Test(bench, labels_of_peers) {
    static const char json[] =
            "{\"context\": {}, \"benchmarks\": ["
            "{\"name\": \"a_x/p\", \"label\": \"a peer jit:avx512 core\", \"real_time\": 1, "
            "\"time_unit\": \"ns\"},"
            "{\"name\": \"b_x/p\", \"label\": \"b reference\", \"real_time\": 2, "
            "\"time_unit\": \"ns\"},"
            "{\"name\": \"c_x/p\", \"label\": \"simd\", \"real_time\": 3, \"time_unit\": \"ns\"}]}";
    struct pb_results results;
    cr_assert_eq(pb_results_parse(json, "labels", &results), PB_OK, "%s", pb_error());
    cr_assert_eq(results.count, 3);
    cr_expect_str_eq(results.item[0].method, "a");
    cr_expect_str_eq(results.item[0].implementation, "jit:avx512 core");
    cr_expect(results.item[0].peer && !results.item[0].reference);
    cr_expect_str_eq(results.item[1].method, "b");
    cr_expect_str_empty(results.item[1].implementation);
    cr_expect(results.item[1].peer && results.item[1].reference);
    cr_expect_str_eq(results.item[2].method, "simd");
    cr_expect(!results.item[2].peer && !results.item[2].reference);
    pb_results_free(&results);
}
