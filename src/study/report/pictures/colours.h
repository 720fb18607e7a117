/* Colours of pictures: each is named once, and a page shows it in the shade that
 * suits its light or dark ground. */
#ifndef TRM_STUDY_REPORT_PICTURES_COLOURS_H
#define TRM_STUDY_REPORT_PICTURES_COLOURS_H

#include <stdio.h>

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

typedef enum trm__study_colour {
#define TRM__COLOUR(name, light, dark) TRM__COLOUR_##name,
  TRM__COLOURS(TRM__COLOUR)
#undef TRM__COLOUR
      TRM__COLOUR_COUNT
} trm__study_colour;
extern const char *const trm__study_colour_light[],
    *const trm__study_colour_dark[], *const trm__study_colour_name[];
enum { TRM__SERIES_COLOURS = 6 };

/** The colours as custom properties of CSS, for light and for dark ground. */
void trm__study_plot_css(FILE *page);

#endif
