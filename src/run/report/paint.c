#include "run/report/paint.h"

#include <math.h>
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"

trm__run_canvas trm__run_canvas_new(int width, int height) {
  trm__run_canvas c = {width, height, NULL};
  size_t bytes = (size_t)width * (size_t)height * sizeof *c.pixels;
  c.pixels = malloc(bytes);
  if (c.pixels) memset(c.pixels, 255, bytes);
  return c;
}

void trm__run_canvas_free(trm__run_canvas *c) {
  free(c->pixels);
  c->pixels = NULL;
}

void trm__run_paint_box(trm__run_canvas *c, int x, int y, int width, int height,
                        trm__run_rgb colour) {
  int right = x + width < c->width ? x + width : c->width;
  int bottom = y + height < c->height ? y + height : c->height;
  for (int j = y < 0 ? 0 : y; j < bottom; j++)
    for (int i = x < 0 ? 0 : x; i < right; i++)
      c->pixels[(size_t)j * (size_t)c->width + (size_t)i] = colour;
}

/* -- numbers: 3 x 5 dots, one row per octal digit, top row first --------- */

static const struct {
  char c;
  uint16_t dots;
} font[] = {{'0', 075557}, {'1', 026227}, {'2', 071747}, {'3', 071717},
            {'4', 055711}, {'5', 074717}, {'6', 074757}, {'7', 071122},
            {'8', 075757}, {'9', 075717}, {'.', 000002}, {'-', 000700},
            {'+', 002720}, {'e', 007747}};

static uint16_t dots_of(char c) {
  for (size_t i = 0; i < sizeof font / sizeof *font; i++)
    if (font[i].c == c) return font[i].dots;
  return 0;
}

void trm__run_paint_number(trm__run_canvas *c, int x, int y, int scale,
                           const char *text) {
  static const trm__run_rgb ink = {40, 40, 40};
  for (; *text; text++, x += 4 * scale)
    for (int dot = 0; dot < 15; dot++)
      if (dots_of(*text) >> (14 - dot) & 1)
        trm__run_paint_box(c, x + dot % 3 * scale, y + dot / 3 * scale, scale,
                           scale, ink);
}

int trm__run_paint_width(const char *text, int scale) {
  return 4 * scale * (int)strlen(text);
}

/* -- colours: a polynomial of degree 6 through viridis (M. Zucker) --------- */

static uint8_t byte_of(double x) {
  return (uint8_t)lround(255 * fmin(1, fmax(0, x)));
}

trm__run_rgb trm__run_colour(double t) {
  static const double c[7][3] = {{0.27772733, 0.00540734, 0.33409981},
                                 {0.10509304, 1.40461353, 1.38459016},
                                 {-0.33086183, 0.21484756, 0.09509516},
                                 {-4.6342305, -5.79910097, -19.33244096},
                                 {6.22826994, 14.17993337, 56.6905526},
                                 {4.776385, -13.74514538, -65.35303263},
                                 {-5.43545586, 4.64585261, 26.31243525}};
  if (isnan(t)) return (trm__run_rgb){160, 160, 160};
  double x = fmin(1, fmax(0, t)), rgb[3];
  for (int k = 0; k < 3; k++) {
    rgb[k] = c[6][k];
    for (int i = 5; i >= 0; i--) rgb[k] = rgb[k] * x + c[i][k];
  }
  return (trm__run_rgb){byte_of(rgb[0]), byte_of(rgb[1]), byte_of(rgb[2])};
}

/* -- PNG ------------------------------------------------------------------- */

bool trm__run_canvas_write(const trm__run_canvas *c, const char *path,
                           char why[80]) {
  png_image image = {.version = PNG_IMAGE_VERSION,
                     .width = (png_uint_32)c->width,
                     .height = (png_uint_32)c->height,
                     .format = PNG_FORMAT_RGB};
  trm__base_atomic_file file;
  int failure = trm__base_atomic_file_open(&file, path);
  bool good = !failure &&
              png_image_write_to_stdio(&image, file.to, 0, c->pixels, 0, NULL);
  snprintf(why, 80, "%s", failure ? strerror(failure) : image.message);
  failure = trm__base_atomic_file_close(&file, good);
  if (good && failure) snprintf(why, 80, "%s", strerror(failure));
  png_image_free(&image);
  return good && !failure;
}
