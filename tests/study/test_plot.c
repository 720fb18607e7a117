/* TEST */
/* Texts in scripts and pages, colours that all eyes tell apart, pictures in pages. */
#include "../check.h"

#include "study/report/html.h"
#include "study/report/pictures/gnuplot.h"
#include "study/report/pictures/roofline.h"
#include "study/report/numbers.h"
#include "study/report/pictures/colours.h"
#include "study/report/pictures/ledger.h"

static char written[65536];

static const char *text_of(FILE *file) {
  long n = ftell(file);
  rewind(file);
  written[fread(written, 1, (size_t)n < sizeof written ? (size_t)n : 0, file)] =
      0;
  fclose(file);
  return written;
}

/* -- texts ----------------------------------------------------------------- */

static void check_quoting(void) {
  FILE *file = tmpfile();
  trm__study_plot_quoted(file, "it's `date` $(id) \\n %\n\t.");
  CHECK_TEXT(text_of(file), "'it''s `date` $(id) \\n %.'");
  file = tmpfile();
  trm__study_plot_tic(file, "100 % of 'it'");
  CHECK_TEXT(text_of(file), "'100 %% of ''it'''");
  file = tmpfile();
  trm__study_plot_short(file, "\u00e9\u00e9\u00e9\u00e9", 4);
  trm__study_plot_short(file, "\u00e9\u00e9\u00e9\u00e9", 3);
  CHECK_TEXT(text_of(file),
             "'\u00e9\u00e9\u00e9\u00e9''\u00e9\u00e9\u00e9...'");
  file = tmpfile();
  trm__study_html_put(file, "td class=\"x\"", "<b onclick=\"%s\"> & '",
                      "</td>\x01");
  CHECK_TEXT(text_of(file),
             "<td class=\"x\">&lt;b onclick=&quot;&lt;/td&gt;&quot;&gt; &amp; "
             "&#39;</td>\n");
}

static void check_numbers(void) {
  trm__study_interval five = {3, 2.5, 3.25, 0.9375},
                      ms = {0.0126, 0.012, 0.013, 0.98}, one = {3, 3, 3, 0};
  CHECK_TEXT(trm__study_interval_text(&five, trm__study_ratio_text).s,
             "2.50 to 3.25 (94 %)");
  CHECK_TEXT(trm__study_interval_text(&one, trm__study_ratio_text).s, "");
  CHECK_TEXT(trm__study_times_text(&ms).s, "12.0 to 13.0 ms");
  CHECK_TEXT(trm__study_time_text(0.00099).s, "990 \u00b5s");
}

/* -- colours --------------------------------------------------------------- */

/* What eyes make of linear red, green and blue: all cones; without one kind (G.
 * Machado et al., 2009, severity 1). */
static const double eyes[4][3][3] = {{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
                                     {{0.152286, 1.052583, -0.204868},
                                      {0.114503, 0.786281, 0.099216},
                                      {-0.003882, -0.048116, 1.051998}},
                                     {{0.367322, 0.860646, -0.227968},
                                      {0.280085, 0.672501, 0.047413},
                                      {-0.011820, 0.042940, 0.968881}},
                                     {{1.255528, -0.076749, -0.178779},
                                      {-0.078411, 0.930809, 0.147602},
                                      {0.004733, 0.691367, 0.303900}}};

static double curve(double t) {
  return t > 0.008856 ? cbrt(t) : 7.787 * t + 16.0 / 116;
}

/* CIE L*a*b* of a colour as some eyes see it. */
static void lab_of(const char *hex, int eye, double lab[3]) {
  unsigned byte[3];
  double linear[3], seen[3];
  sscanf(hex, "#%2x%2x%2x", &byte[0], &byte[1], &byte[2]);
  for (int i = 0; i < 3; i++) {
    double v = byte[i] / 255.0;
    linear[i] = v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
  }
  for (int i = 0; i < 3; i++) {
    seen[i] = 0;
    for (int k = 0; k < 3; k++) seen[i] += eyes[eye][i][k] * linear[k];
    seen[i] = fmin(fmax(seen[i], 0), 1);
  }
  double x = curve((0.4124 * seen[0] + 0.3576 * seen[1] + 0.1805 * seen[2]) /
                   0.9505),
         y = curve(0.2126 * seen[0] + 0.7152 * seen[1] + 0.0722 * seen[2]),
         z = curve((0.0193 * seen[0] + 0.1192 * seen[1] + 0.9505 * seen[2]) /
                   1.089);
  lab[0] = 116 * y - 16;
  lab[1] = 500 * (x - y);
  lab[2] = 200 * (y - z);
}

static double apart(const char *a, const char *b, int eye) {
  double p[3], q[3];
  lab_of(a, eye, p);
  lab_of(b, eye, q);
  return sqrt((p[0] - q[0]) * (p[0] - q[0]) + (p[1] - q[1]) * (p[1] - q[1]) +
              (p[2] - q[2]) * (p[2] - q[2]));
}

/* A distance of some 2 can just be seen; what is told apart at a glance has 10. */
static void check_colours(const char *const shade[], trm__study_colour first,
                          trm__study_colour last) {
  for (int eye = 0; eye < 4; eye++)
    for (int a = (int)first; a <= (int)last; a++) {
      for (int b = (int)first; b < a; b++)
        CHECK__REPORT(apart(shade[a], shade[b], eye) > 12,
                      "%s and %s: %g apart", shade[a], shade[b],
                      apart(shade[a], shade[b], eye));
      CHECK__REPORT(apart(shade[a], shade[TRM__COLOUR_paper], eye) > 12,
                    "%s on its ground: %g apart", shade[a],
                    apart(shade[a], shade[TRM__COLOUR_paper], eye));
    }
}

/* -- pictures in pages ----------------------------------------------------- */

static const char gnuplots[] =
    "<?xml version=\"1.0\"?>\n<svg\n width=\"560\" height=\"420\"\n "
    "viewBox=\"0 0 "
    "560 420\"\n xmlns=\"somewhere\">\n<title>Gnuplot</title>\n<g "
    "id=\"gnuplot_canvas\">\n\n<rect x=\"0\" fill=\"#ffffff\"/>\n<defs>\n"
    "\t<circle id='gpDot' r='0.5'/>\n\t<use xlink:href='#gpPt5' id='gpPt6'/>\n"
    "<filter id='textbox'><feFlood/></filter>\n</defs>\n"
    "<g fill=\"none\" color=\"black\">\n</g>\n<g fill=\"none\" "
    "color=\"gray\">\n</g>\n"
    "<g id=\"gnuplot_plot_1\" ><title>gnuplot_plot_1</title>\n"
    "<path stroke='rgb( 51,  34, 136)'/><path stroke='rgb(1,2,3)'/>\n"
    "<text fill=\"rgb(0,0,0)\">rgb gp id=x</text></g>\n</g>\n</svg>\n";

static void check_inline(void) {
  FILE *file = tmpfile();
  trm__study_plot_inline(file, gnuplots, "one", "a \"picture\"");
  CHECK_TEXT(
      text_of(file),
      "<svg id=\"one\" role=\"img\" viewBox=\"0 0 560 420\" "
      "aria-label=\"a &quot;picture&quot;\">\n<g>\n<defs>\n"
      "\t<circle id='one-gpDot' r='0.5'/>\n"
      "\t<use href='#one-gpPt5' id='one-gpPt6'/>\n\n</defs>\n<g>\n"
      "<path stroke='var(--series_1)'/><path stroke='rgb(1,2,3)'/>\n"
      "<text fill=\"var(--title)\">rgb gp id=x</text></g>\n</g>\n</svg>\n");
}

int main(void) {
  check_quoting();
  check_numbers();
  check_colours(trm__study_colour_light, TRM__COLOUR_series_1,
                TRM__COLOUR_series_6);
  check_colours(trm__study_colour_dark, TRM__COLOUR_series_1,
                TRM__COLOUR_series_6);
  check_colours(trm__study_colour_light, TRM__COLOUR_part_useful,
                TRM__COLOUR_part_outside);
  check_colours(trm__study_colour_dark, TRM__COLOUR_part_useful,
                TRM__COLOUR_part_outside);
  check_inline();
  return check_done();
}
