/* page.h: what the parts of report.html share. */
#ifndef PAGE_H
#define PAGE_H

#include "results/peer_comparison.h"
#include "results/recorded.h"
#include <stdio.h>

/* Text, with what HTML would take for its own escaped. */
void page_text(FILE *to, const char *text);
/* <TAG>text</TAG>; behind its name `tag` may have attributes. */
void page_element(FILE *to, const char *tag, const char *text);

/* One thing to know about a run; nothing where it is not recorded. */
void page_fact(FILE *to, const char *name, const char *value);
/* FOLDER/plots/NAME[ENDING].svg as a figure. */
enum pb_status page_plot(FILE *to, const char *folder, const char *name, const char *ending);

/* A run of `bench`: what it was measured on, how we stand beside peers, plots, every result. */
enum pb_status page_run(FILE *to, const char *folder, const struct pb_results *run);
/* How we stand beside the best peers as a table of groups, and as plots; nothing where there is
 * none. */
enum pb_status page_groups(FILE *to, const struct pb_results *run);
enum pb_status page_peers(FILE *to, const char *folder, const struct pb_results *run,
                          const struct pb_peer_comparison *comparisons, size_t count);
/* Every result as a table; folded up where there are very many. */
enum pb_status page_results(FILE *to, const struct pb_results *run);

/* Writes folder/report.html, one page that needs no other file, with the plots in it. */
enum pb_status pb_recorded_page(const struct pb_recorded *recorded);

/* The conformance matrix: rules, relations and known defects by implementation. */
void page_conformance(FILE *to, json_t *conformance);

#endif
