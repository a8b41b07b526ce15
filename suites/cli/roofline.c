/* poolbench roofline: the machine's limits, by working set and thread count. */
#include "roofline/limits.h"
#include "common/machine.h"
#include "common/suites.h"
#include <jansson.h>
#include <stdio.h>
#include <unistd.h>

struct options {
    bool json;
};

static error_t parse(int key, char *value, struct argp_state *state) {
    struct options *o = state->input;
    (void)value;
    if (key != 'j') return ARGP_ERR_UNKNOWN;
    o->json = true;
    return 0;
}

static const struct argp_option options[] = {{"json", 'j', NULL, 0, "Print JSON", 0}, {0}};
static const struct argp_child children[] = {{&pb_machine_argp, 0, NULL, 0}, {0}};
static const struct argp argp = {
        .options = options,
        .parser = parse,
        .doc = "Measures what this machine can do at best: bandwidth of streams that read and "
               "write in several proportions, with and without non-temporal stores, by working "
               "set from half the L1 cache to four times the L3, and the rate of single-precision "
               "multiply-adds of each ISA; with one thread and with --threads.\v"
               "Run it on a quiet machine.",
        .children = children,
};

struct result {
    json_t *context, *peaks, *bandwidths;
};

static json_t *context; /* for add_context, which takes no argument of its own */

static void add_context(const char *key, const char *value) {
    json_object_set_new(context, key, json_string(value));
}

static enum pb_status measure_peak(int threads, unsigned isa, json_t *peaks) {
    double flops;
    enum pb_status status = pb_peak_measure(threads, isa, &flops);
    if (!status)
        json_array_append_new(peaks, json_pack("{s:i, s:s, s:f}", "threads", threads, "isa",
                                               pb_isa_name(isa), "flop_per_second", flops));
    return status;
}

/* Of the baseline and of every level up to the highest that is on. */
static enum pb_status measure_peaks(int threads, json_t *peaks) {
    unsigned isa = 0;
    enum pb_status status = measure_peak(threads, isa, peaks);
    for (unsigned bit = 1; !status && bit <= pb_isa(); bit <<= 1)
        if (pb_isa() & bit) status = measure_peak(threads, isa |= bit, peaks);
    return status;
}

static enum pb_status measure_bandwidths(int threads, json_t *bandwidths) {
    const struct pb_caches caches = pb_caches();
    const int64_t first = caches.l1d ? caches.l1d / 2 : 16 << 10;
    const int64_t memory = (int64_t)sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE);
    int64_t last = 4 * (caches.l3 ? caches.l3 : caches.l2 ? caches.l2 : 16 << 20);
    if (last > memory / 8) last = memory / 8;
    enum pb_status status = PB_OK;
    for (int64_t size = first; !status && size <= last; size *= 2) {
        json_t *row = json_pack("{s:i, s:I}", "threads", threads, "working_set", (json_int_t)size);
        for (int i = 0; !status && i < PB_STREAM_MIXES; i++) {
            double rate = 0;
            status = pb_bandwidth_measure(&pb_stream_mixes[i], size, threads, pb_isa(), &rate);
            json_object_set_new(row, pb_stream_mixes[i].name, json_real(rate));
        }
        json_array_append_new(bandwidths, row);
    }
    return status;
}

static double number(const json_t *object, const char *key) {
    return json_number_value(json_object_get(object, key));
}

static void print_tables(const struct result *result) {
    size_t i;
    json_t *row;
    printf("%s, caches %s\n\nthreads  ISA      GFLOP/s\n",
           json_string_value(json_object_get(result->context, "cpu")),
           json_string_value(json_object_get(result->context, "data_caches")));
    json_array_foreach(result->peaks, i, row) printf("%7.0f  %-7s %8.1f\n", number(row, "threads"),
                                                     json_string_value(json_object_get(row, "isa")),
                                                     number(row, "flop_per_second") / 1e9);
    printf("\nGB/s of streams that read and write in these proportions\nthreads  working set");
    for (int p = 0; p < PB_STREAM_MIXES; p++) printf(" %6s", pb_stream_mixes[p].name);
    json_array_foreach(result->bandwidths, i, row) {
        printf("\n%7.0f  %7.0f KiB", number(row, "threads"), number(row, "working_set") / 1024);
        for (int p = 0; p < PB_STREAM_MIXES; p++)
            printf(" %6.1f", number(row, pb_stream_mixes[p].name) / 1e9);
    }
    putchar('\n');
}

int pb_roofline_main(int argc, char **argv) {
    struct options o = {0};
    argp_parse(&argp, argc, argv, 0, NULL, &o);
    struct result result = {json_object(), json_array(), json_array()};
    const int counts[] = {1, pb_threads()};
    enum pb_status status = PB_OK;
    context = result.context;
    pb_machine_describe(add_context);
    for (int i = 0; !status && i < (counts[1] > 1 ? 2 : 1); i++) {
        status = measure_peaks(counts[i], result.peaks);
        if (!status) status = measure_bandwidths(counts[i], result.bandwidths);
    }
    json_t *all = json_pack("{s:o, s:o, s:o}", "context", result.context, "peaks", result.peaks,
                            "bandwidths", result.bandwidths);
    if (!status && o.json) {
        json_dumpf(all, stdout, JSON_INDENT(2));
        putchar('\n');
    } else if (!status) {
        print_tables(&result);
    }
    json_decref(all);
    return status ? pb_complain(status) : EXIT_PASSED;
}
