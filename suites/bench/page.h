/* page.h: what the parts of report.html share. */
#ifndef PAGE_H
#define PAGE_H

#include "recorded.h"
#include <stdio.h>

/* Text, with what HTML would take for its own escaped. */
void page_text(FILE *to, const char *text);
/* <TAG>text</TAG>; behind its name `tag` may have attributes. */
void page_element(FILE *to, const char *tag, const char *text);

/* The conformance matrix: rules, laws and exhibits by implementation. */
void page_conformance(FILE *to, json_t *conformance);

#endif
