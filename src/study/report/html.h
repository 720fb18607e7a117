/* Pieces of a page in HTML: all text is escaped. */
#ifndef TRM_STUDY_REPORT_HTML_H
#define TRM_STUDY_REPORT_HTML_H

#include <stdio.h>

/** Write a text, escaped for content and for attributes in double quotes. */
void trm__study_html_text(FILE *, const char *);
/** The same of a printf format. */
void trm__study_html_print(FILE *, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** "<TAG>text</TAG>\n"; attributes may follow the tag's name: "td class=\"x\"". */
void trm__study_html_put(FILE *, const char *tag, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** A cell of a table: a text, and a smaller one below it. NULL or "": none. */
void trm__study_html_cell(FILE *, const char *text, const char *small);

/** Everything down to the body: title and style. */
void trm__study_html_head(FILE *, const char *title);
void trm__study_html_foot(FILE *);

#endif
