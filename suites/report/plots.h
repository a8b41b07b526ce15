/* plots.h: what the plots of a folder share, and which of them a run has. */
#ifndef PLOTS_H
#define PLOTS_H

#include "results/peer_comparison.h"
#include "results/recorded.h"
#include "common/output_file.h"

enum { PLOT_PATH = PATH_MAX + 64, PLOT_TITLE = 640, PLOT_NUMBERS = 4 };

/* One plot: PLOTS/name.svg, drawn by scripts/SCRIPT.gp from PLOTS/DATA.dat. */
struct plot {
    const char *script, *data, *name, *title;
    const char *series; /* the methods or peers, as plot_words has them, or how many runs */
    double number[PLOT_NUMBERS]; /* what else the script takes */
};
enum pb_status plot_draw(const char *plots, const struct plot *plot);

/* Opens PLOTS/NAME.dat. */
enum pb_status plot_open(struct output_file *file, const char *plots, const char *name);
/* Writes text with a space for whatever gnuplot would not take as part of a field. */
void plot_text(FILE *to, const char *text);
/* Appends names to `words`, each and a space, without what gnuplot would take for its own. */
enum { PLOT_WORDS = 512 };
void plot_words(char words[PLOT_WORDS], const char *const *name, size_t count);
/* "WHAT: CPU, ISA, threads: N". */
const char *plot_title(const struct pb_results *run, const char *what, char title[PLOT_TITLE]);

/* Whether the run has a plot of times and one of limits, with a group of bars for each shape: some
 * method was timed, and beside peers, where a shape has many bars, on few enough shapes. */
enum { PLOT_SHAPES_MOST = 24 };
bool plot_has_times(const struct pb_results *run, bool peers);

/* The bars of the ratios of one operation and direction, `count` comparisons that are alike. */
enum pb_status plot_peers(const char *plots, const struct pb_results *run,
                          const struct pb_peer_comparison *comparisons, size_t count);
/* "-peers-max-fwd": what follows the run's name in that plot's. */
const char *plot_peers_ending(const struct pb_problem *problem, char ending[64]);

/* Operations per byte and per second of every comparison, beneath what the machine can do. */
bool plot_has_roofline(const struct pb_results *run, const struct pb_peer_comparison *comparisons,
                       size_t count);
enum pb_status plot_roofline(const char *plots, const struct pb_results *run,
                             const struct pb_peer_comparison *comparisons, size_t count);

/* Draws folder/plots/: RUN-time.svg and RUN-limit.svg of every run, accuracy.svg and tradeoff.svg
 * of the training runs; of runs with peers RUN-peers-OP-DIR.svg and RUN-roofline.svg, and the first
 * two only for few shapes. Their data stays beside them. Needs gnuplot. */
enum pb_status pb_recorded_plot(const struct pb_recorded *recorded);

#endif
