/* Pictures by gnuplot: how it is run, what pictures have in common, and how one
 * becomes a part of a page. Colours stand in one list: each is named once, and a
 * page shows it in the shade that suits its light or dark ground. */
#ifndef TRM_STUDY_REPORT_PICTURES_GNUPLOT_H
#define TRM_STUDY_REPORT_PICTURES_GNUPLOT_H

#include <stdbool.h>
#include <stdio.h>

#include "base/error.h"

/* Name, on light ground, on dark ground. Series: P. Tol's muted scheme; parts of a
 * ledger: M. Okabe and K. Ito, as in timelines. All eyes tell them apart. */
#define TRM__COLOURS(X)                          \
  X(ink, "#222222", "#e6e6e6")                   \
  X(title, "#000000", "#ffffff")                 \
  X(axis, "#333333", "#b8bcc2")                  \
  X(muted, "#555555", "#a9adb3")                 \
  X(faint, "#888888", "#8b9097")                 \
  X(cache, "#999999", "#7b8087")                 \
  X(grid, "#e6e6e6", "#34383f")                  \
  X(paper, "#ffffff", "#16181c")                 \
  X(bar, "#fefefe", "#0b0c0e")                   \
  X(series_1, "#332288", "#8e7bfd")              \
  X(series_2, "#117733", "#35fe8c")              \
  X(series_3, "#882255", "#dc5cb4")              \
  X(series_4, "#999933", "#bac931")              \
  X(series_5, "#44aa99", "#a9e5d5")              \
  X(series_6, "#661100", "#ad8375")              \
  X(part_useful, "#0072b2", "#3a9bd9")           \
  X(part_thread_imbalance, "#56b4e9", "#8fd0f5") \
  X(part_serial, "#009e73", "#1fbf92")           \
  X(part_rank_imbalance, "#e69f00", "#e69f00")   \
  X(part_waiting, "#d55e00", "#e0701a")          \
  X(part_transfer, "#f0e442", "#f0e442")         \
  X(part_checkpoint, "#cc79a7", "#d488b2")       \
  X(part_outside, "#bbbbbb", "#6d7279")

typedef enum trm__run_colour {
#define TRM__COLOUR(name, light, dark) TRM__COLOUR_##name,
  TRM__COLOURS(TRM__COLOUR)
#undef TRM__COLOUR
      TRM__COLOUR_COUNT
} trm__run_colour;
extern const char *const trm__colour_light[], *const trm__colour_dark[],
                                                  *const trm__colour_name[];
enum { TRM__SERIES_COLOURS = 6 };

/** Start a script: size in pixels of SVG, of which PNG has twice as many. */
void trm__plot_head(FILE *script, int width, int height, int font, bool png);
/** Write a text as gnuplot reads it between single quotes. */
void trm__plot_quoted(FILE *script, const char *text);
/** The same of so many letters at most, as there is room for. */
void trm__plot_short(FILE *script, const char *text, int letters);
/** The same for the name of a tic, which gnuplot takes for a format. */
void trm__plot_tic(FILE *script, const char *text);
/** Pixels that a text is wide, about. Pure. */
double trm__plot_width(const char *text, int size);

/** Let gnuplot draw a script; the picture is written aside, then named.
 * \return false and an error: gnuplot is absent (trm__plot_absent) or failed, the
 * file cannot be written */
bool trm__plot_draw(FILE *script, const char *path, trm__base_error *);
/** Is there no gnuplot in PATH? */
bool trm__plot_absent(void);

/** Put a picture of gnuplot's into a page: names of its own, colours of the page,
 * as wide as there is room.  \param alt what it shows, in words */
void trm__plot_inline(FILE *page, const char *svg, const char *name,
                      const char *alt);
/** The colours as custom properties of CSS, for light and for dark ground. */
void trm__plot_css(FILE *page);

#endif
