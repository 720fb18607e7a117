/* Pictures by gnuplot: how it is run, what pictures have in common, and how one
 * becomes a part of a page. Colours stand in one list: each is named once, and a
 * page shows it in the shade that suits its light or dark ground. */
#ifndef TRM_STUDY_REPORT_PICTURES_GNUPLOT_H
#define TRM_STUDY_REPORT_PICTURES_GNUPLOT_H

#include <stdbool.h>
#include <stdio.h>

#include "base/error.h"

/** Start a script: size in pixels of SVG, of which PNG has twice as many. */
void trm__study_plot_head(FILE *script, int width, int height, int font,
                          bool png);
/** Write a text as gnuplot reads it between single quotes. */
void trm__study_plot_quoted(FILE *script, const char *text);
/** The same of so many letters at most, as there is room for. */
void trm__study_plot_short(FILE *script, const char *text, int letters);
/** The same for the name of a tic, which gnuplot takes for a format. */
void trm__study_plot_tic(FILE *script, const char *text);
/** Pixels that a text is wide, about. Pure. */
double trm__study_plot_width(const char *text, int size);

/** Let gnuplot draw a script; the picture is written to an atomic file.
 * \return false and an error: gnuplot is absent (trm__study_plot_absent) or failed, the
 * file cannot be written */
bool trm__study_plot_draw(FILE *script, const char *path, trm__base_error *);
/** Is there no gnuplot in PATH? */
bool trm__study_plot_absent(void);

/** Put a picture of gnuplot's into a page: names of its own, colours of the page,
 * as wide as there is room.  \param alt what it shows, in words */
void trm__study_plot_inline(FILE *page, const char *svg, const char *name,
                            const char *alt);
#endif
