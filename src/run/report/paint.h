/* A small canvas: pixels, a perceptual colour map, numbers, PNG. Local. */
#ifndef TRM_RUN_REPORT_PAINT_H
#define TRM_RUN_REPORT_PAINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct trm__run_rgb {
  uint8_t r, g, b;
} trm__run_rgb;

typedef struct trm__run_canvas {
  int width, height;
  trm__run_rgb *pixels; /* row-major from the top left; owned */
} trm__run_canvas;

/** Return a white canvas; its pixels are NULL if there is no memory. */
trm__run_canvas trm__run_canvas_new(int width, int height);
void trm__run_canvas_free(trm__run_canvas *);

/** Fill a rectangle, clipped to the canvas. */
void trm__run_paint_box(trm__run_canvas *, int x, int y, int width, int height,
                        trm__run_rgb);
/** Draw digits and . - + e; anything else is blank. \param scale pixels per dot */
void trm__run_paint_number(trm__run_canvas *, int x, int y, int scale,
                           const char *);
/** Return the width of a text in pixels. */
int trm__run_paint_width(const char *, int scale);

/** Return the colour of a value in [0, 1]: viridis; grey for NaN. */
trm__run_rgb trm__run_colour(double);

/** Write to a file, complete or not at all. \return false: `why` gives the reason */
bool trm__run_canvas_write(const trm__run_canvas *, const char *path,
                           char why[80]);

#endif
