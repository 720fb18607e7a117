/* A small canvas: pixels, a perceptual colour map, numbers, PNG. Local. */
#ifndef TRM_RUN_PAINT_H
#define TRM_RUN_PAINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct trm__rgb {
  uint8_t r, g, b;
} trm__rgb;

typedef struct trm__canvas {
  int width, height;
  trm__rgb *pixels; /* row-major from the top left; owned */
} trm__canvas;

/** A white canvas; pixels are NULL when there is no memory. */
trm__canvas trm__canvas_new(int width, int height);
void trm__canvas_free(trm__canvas *);

/** Fill a rectangle; what lies outside the canvas is left out. */
void trm__paint_box(trm__canvas *, int x, int y, int width, int height,
                    trm__rgb);
/** Write digits and . - + e; anything else is blank. \param scale pixels a dot
 */
void trm__paint_number(trm__canvas *, int x, int y, int scale, const char *);
/** Pixels that a text takes. */
int trm__paint_width(const char *, int scale);

/** Colour of a value in [0, 1]: viridis; grey for NaN. */
trm__rgb trm__colour(double);

/** Write to a file, complete or not at all; false: errno or `why` says why. */
bool trm__canvas_write(const trm__canvas *, const char *path, char why[80]);

#endif
