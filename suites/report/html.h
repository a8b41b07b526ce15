/* html.h: the page of a report. */
#ifndef PB_HTML_H
#define PB_HTML_H

#include "results/recorded.h"

/* Writes folder/report.html, one page that needs no other file, with the plots in it, which must
 * have been drawn. Needs Python 3 with Jinja2; IO where it is not there. */
enum pb_status pb_recorded_page(const struct pb_recorded *recorded);

#endif
