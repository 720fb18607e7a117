/* The picture: SVG written by hand, colours of Okabe and Ito (2008), which the
 * colour-blind can tell apart. */
#include "cli/timeline/draw.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum {
  LEFT = 132,
  RIGHT = 24,
  TOP = 84,
  ROW = 24,
  BAR = 18,
  BETWEEN_RANKS = 8,
  BOTTOM = 40,
  WIDTH = 1080,
  SITES = 6
};

static const char *const site_colour[SITES] = {"#0072b2", "#009e73", "#56b4e9",
                                               "#7f7f7f", "#004466", "#8fd0b8"};
static const char *const kind_colour[] = {NULL, "#d55e00", "#f0e442",
                                          "#cc79a7"};
static const char *const kind_name[] = {NULL, "waiting for a late partner",
                                        "transfer", "checkpoint"};

typedef struct bar_rows { /* sorted by rank, then thread */
  struct bar_row {
    int rank, thread;
    double y;
  } * row;
  int n;
  double bottom;
  const char *site[SITES]; /* names, in the order of the colours */
  int sites;
} bar_rows;

/* -- rows ------------------------------------------------------------------ */

static int find_row(const bar_rows *r, int rank, int thread) {
  for (int i = 0; i < r->n; i++)
    if (r->row[i].rank == rank && r->row[i].thread == thread) return i;
  return -1;
}

static int by_place(const void *a, const void *b) {
  const struct bar_row *x = a, *y = b;
  if (x->rank != y->rank) return x->rank < y->rank ? -1 : 1;
  return (x->thread > y->thread) - (x->thread < y->thread);
}

static void note_site(bar_rows *r, const char *name) {
  for (int i = 0; i < r->sites; i++)
    if (!strcmp(r->site[i], name)) return;
  if (r->sites < SITES) r->site[r->sites++] = name;
}

static const char *colour_of(const bar_rows *r, const trm__cli_bar *b) {
  if (b->kind != TRM__CLI_BAR_SITE) return kind_colour[b->kind];
  for (int i = 0; i < r->sites; i++)
    if (!strcmp(r->site[i], b->name)) return site_colour[i];
  return site_colour[SITES - 1];
}

static bool is_shown(const trm__cli_timeline_picture *t,
                     const trm__cli_bar *b) {
  return b->to > t->from && b->from < t->to;
}

static bar_rows rows_of(const trm__cli_timeline_picture *t) {
  bar_rows r = {.row = NULL};
  for (int i = 0; i < t->bars; i++) {
    const trm__cli_bar *b = &t->bar[i];
    if (!is_shown(t, b)) continue;
    if (b->kind == TRM__CLI_BAR_SITE) note_site(&r, b->name);
    if (find_row(&r, b->rank, b->thread) >= 0) continue;
    r.row = trm__base_grow(r.row, (size_t)r.n + 1, sizeof *r.row);
    r.row[r.n++] = (struct bar_row){b->rank, b->thread, 0};
  }
  if (r.n) qsort(r.row, (size_t)r.n, sizeof *r.row, by_place);
  double y = TOP;
  for (int i = 0; i < r.n; i++, y += ROW) {
    if (i && r.row[i].rank != r.row[i - 1].rank) y += BETWEEN_RANKS;
    r.row[i].y = y;
  }
  r.bottom = y;
  return r;
}

/* -- pieces ---------------------------------------------------------------- */

static double x_of(const trm__cli_timeline_picture *t, double time) {
  double share = (time - t->from) / (t->to - t->from);
  return LEFT + fmin(fmax(share, 0), 1) * (WIDTH - LEFT - RIGHT);
}

static void put_text(FILE *to, double x, double y, const char *attributes,
                     const char *text) {
  fprintf(to, "<text x=\"%.1f\" y=\"%.1f\"%s>", x, y, attributes);
  for (; *text; text++) {
    if (*text == '<')
      fputs("&lt;", to);
    else if (*text == '&')
      fputs("&amp;", to);
    else
      fputc(*text, to);
  }
  fputs("</text>\n", to);
}

static void put_bars(const trm__cli_timeline_picture *t, const bar_rows *r,
                     FILE *to) {
  for (int i = 0; i < t->bars; i++) {
    const trm__cli_bar *b = &t->bar[i];
    if (!is_shown(t, b)) continue;
    double x = x_of(t, b->from), width = fmax(x_of(t, b->to) - x, 0.3);
    fprintf(to,
            "<rect x=\"%.2f\" y=\"%.1f\" width=\"%.2f\" height=\"%d\" "
            "fill=\"%s\"><title>",
            x, r->row[find_row(r, b->rank, b->thread)].y, width, BAR,
            colour_of(r, b));
    fprintf(to, "%s, %.3f us</title></rect>\n",
            b->kind == TRM__CLI_BAR_SITE ? b->name : kind_name[b->kind],
            b->to - b->from);
  }
}

static void put_arrows(const trm__cli_timeline_picture *t, const bar_rows *r,
                       FILE *to) {
  for (int i = 0; i < t->arrows; i++) {
    const trm__cli_arrow *a = &t->arrow[i];
    int from = find_row(r, a->from_rank, 0), end = find_row(r, a->to_rank, 0);
    if (a->from < t->from || a->to > t->to || from < 0 || end < 0) continue;
    bool down = r->row[end].y > r->row[from].y;
    fprintf(to, "<line x1=\"%.2f\" y1=\"%.1f\" x2=\"%.2f\" y2=\"%.1f\"/>\n",
            x_of(t, a->from), r->row[from].y + (down ? BAR : 0), x_of(t, a->to),
            r->row[end].y + (down ? 0 : BAR));
  }
}

static void put_labels(const bar_rows *r, FILE *to) {
  char text[40];
  for (int i = 0; i < r->n; i++) {
    bool first = !i || r->row[i].rank != r->row[i - 1].rank;
    snprintf(text, sizeof text, "rank %d", r->row[i].rank);
    if (first) put_text(to, 12, r->row[i].y + 13, " class=\"b\"", text);
    snprintf(text, sizeof text, "thread %d", r->row[i].thread);
    put_text(to, LEFT - 8, r->row[i].y + 13, " text-anchor=\"end\"", text);
  }
}

/* 1, 2 or 5 times a power of ten, eight ticks or fewer. */
static double tick_of(double span) {
  double step = pow(10, floor(log10(span / 8)));
  const double times[] = {1, 2, 5, 10};
  for (int i = 0; i < 4; i++)
    if (span / (step * times[i]) <= 8) return step * times[i];
  return step * 10;
}

static void put_axis(const trm__cli_timeline_picture *t, const bar_rows *r,
                     FILE *to) {
  double span = t->to - t->from, tick = tick_of(span);
  bool ms = tick >= 100;
  char text[40];
  for (int i = 0; i * tick <= span; i++) {
    double x = x_of(t, t->from + i * tick);
    fprintf(to, "<path class=\"g\" d=\"M%.1f %d V%.1f\"/>\n", x, TOP - 6,
            r->bottom);
    snprintf(text, sizeof text, "%g", i * tick / (ms ? 1000 : 1));
    put_text(to, x, r->bottom + 16, " text-anchor=\"middle\"", text);
  }
  put_text(to, WIDTH - RIGHT, r->bottom + 33, " text-anchor=\"end\"",
           ms ? "milliseconds" : "microseconds");
}

static double put_key(FILE *to, double x, const char *colour,
                      const char *text) {
  fprintf(to,
          "<rect x=\"%.1f\" y=\"50\" width=\"12\" height=\"12\" "
          "fill=\"%s\"/>",
          x, colour);
  put_text(to, x + 17, 60, "", text);
  return x + 17 + 6.4 * (double)strlen(text) + 18;
}

static void put_legend(const trm__cli_timeline_picture *t, const bar_rows *r,
                       FILE *to) {
  bool has[4] = {false};
  double x = LEFT;
  for (int i = 0; i < t->bars; i++)
    if (is_shown(t, &t->bar[i])) has[t->bar[i].kind] = true;
  for (int i = 0; i < r->sites; i++)
    x = put_key(to, x, site_colour[i], r->site[i]);
  for (int k = TRM__CLI_BAR_WAITING; k <= TRM__CLI_BAR_CHECKPOINT; k++)
    if (has[k]) x = put_key(to, x, kind_colour[k], kind_name[k]);
}

void trm__cli_timeline_draw(const trm__cli_timeline_picture *t, FILE *to) {
  bar_rows r = rows_of(t);
  double height = r.bottom + BOTTOM;
  fprintf(to,
          "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" "
          "height=\"%.0f\" viewBox=\"0 0 %d %.0f\">\n"
          "<style>text{font:12px sans-serif;fill:#222}.b{font-weight:bold}"
          ".t{font-size:15px;font-weight:bold}.g{stroke:#ddd;fill:none}"
          "line{stroke:#111;stroke-width:.8;stroke-opacity:.7;"
          "marker-end:url(#a)}</style>\n"
          "<defs><marker id=\"a\" viewBox=\"0 0 6 6\" refX=\"6\" refY=\"3\" "
          "markerWidth=\"6\" markerHeight=\"6\" orient=\"auto\">"
          "<path d=\"M0 0 L6 3 L0 6 z\" fill=\"#111\"/></marker></defs>\n"
          "<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n",
          WIDTH, height, WIDTH, height);
  put_text(to, 12, 22, " class=\"t\"", t->title);
  put_text(to, 12, 40, "", t->note);
  put_legend(t, &r, to);
  put_axis(t, &r, to);
  put_bars(t, &r, to);
  put_arrows(t, &r, to);
  put_labels(&r, to);
  fputs("</svg>\n", to);
  free(r.row);
}
