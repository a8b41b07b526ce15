/* The section of a run of `bench`. */
#include "report/page.h"
#include "report/plots.h"
#include "results/queries.h"
#include <stdlib.h>

static const struct {
    const char *key, *name;
} machine_facts[] = {
        {"cpu", "Processor"},       {"isa", "ISA"},           {"data_caches", "Caches"},
        {"threads", "Threads"},     {"compiler", "Compiler"}, {"flags", "Flags"},
        {"blas_core", "BLAS core"}, {"commit", "Commit"},     {"date", "Date"},
};

/* "simd is 3.1 times as fast as naive (geometric mean over 12 shapes; from 1.2 to 9.0)". */
static void put_speedup(FILE *to, const struct pb_results *run, const char *fast,
                        const char *slow) {
    const struct pb_speedup speedup = pb_results_speedup(run, fast, slow);
    if (!speedup.shapes) return;
    fprintf(to,
            "<p class=\"key\"><b>%s</b> is <b>%.1f times</b> as fast as %s (geometric mean over "
            "%d shapes; from %.1f to %.1f).</p>\n",
            fast, speedup.mean, slow, speedup.shapes, speedup.low, speedup.high);
}

/* Plots with a group of bars for each shape; where these are too many, a word. */
static enum pb_status put_times(FILE *to, const char *folder, const struct pb_results *run,
                                bool peers) {
    size_t shapes = pb_results_shapes(run);
    if (plot_has_times(run, peers)) {
        enum pb_status status = page_plot(to, folder, run->name, "-time");
        return status ? status : page_plot(to, folder, run->name, "-limit");
    }
    if (peers && shapes > PLOT_SHAPES_MOST)
        fprintf(to,
                "<p>Times and shares of the limit by method are drawn for up to %d shapes beside "
                "peers; this run has %zu, all of them in the table.</p>\n",
                PLOT_SHAPES_MOST, shapes);
    return PB_OK;
}

enum pb_status page_run(FILE *to, const char *folder, const struct pb_results *run) {
    struct pb_peer_comparison *comparisons;
    size_t count;
    enum pb_status status = pb_peer_comparisons_find(run, &comparisons, &count);
    if (status) return status;
    fputs("<h2>Kernels: ", to);
    page_text(to, run->name);
    fputs("</h2>\n", to);
    status = page_groups(to, run);
    put_speedup(to, run, "simd", "naive");
    put_speedup(to, run, "simd", "im2col");
    put_speedup(to, run, "im2col", "naive");
    fputs("<dl>", to);
    for (size_t i = 0; i < sizeof machine_facts / sizeof *machine_facts; i++)
        page_fact(to, machine_facts[i].name, pb_results_context(run, machine_facts[i].key, ""));
    fputs("</dl>\n", to);
    if (!status) status = page_peers(to, folder, run, comparisons, count);
    if (!status) status = put_times(to, folder, run, count > 0);
    if (!status) status = page_results(to, run);
    free(comparisons);
    return status;
}
