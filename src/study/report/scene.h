/* What the files of a report share: the series of its studies as curves with laws
 * and verdicts, and the list of its pictures. */
#ifndef TRM_STUDY_REPORT_SCENE_H
#define TRM_STUDY_REPORT_SCENE_H

#include <stdio.h>

#include "base/file.h"
#include "base/text.h"
#include "study/laws/laws.h"
#include "study/report/pictures/gnuplot.h"
#include "study/plan/study.h"
#include "study/verdict/verdict.h"

enum { TRM__CURVE_LAWS = 3 };

typedef struct trm__curve { /* one series of one study */
  int study, series;
  trm__mode mode;
  char *name; /* in keys: without the mode; owned */
  trm__run_colour colour;
  int dash;                 /* of its line, as gnuplot counts */
  int n;                    /* points, rising x; failed ones too */
  const trm__point **point; /* the array is owned */
  const trm__point *base;   /* what speed-ups are over; NULL: none */
  double expected;          /* exponent, by the work model; NAN: not known */
  int laws, best;           /* best: of the least error; -1: none is fitted */
  trm__law law[TRM__CURVE_LAWS];
  trm__judged verdict;
} trm__curve;

typedef struct trm__scene {
  int n;
  const trm__study *study;   /* borrowed */
  const trm_option *options; /* of the first one's kernel; NULL: not known */
  trm__points *points;       /* of each study */
  int curves;
  trm__curve *curve;
  bool absent; /* there is no gnuplot */
} trm__scene;

void trm__scene_open(trm__scene *, int n, const trm__study[],
                     const trm_option *table);
void trm__scene_clear(trm__scene *);

/** One series with its laws, without a name, a colour, a verdict. \return false: there
 * is none; else free with trm__curve_clear */
bool trm__curve_fit(trm__curve *, const trm__study *, const trm__points *,
                    int series);
void trm__curve_clear(trm__curve *);
extern const char *const trm__law_name[];
/** Karp and Flatt's serial fraction of a point over a base. \return false: it has
 * none: no base (NULL), no more cores, a problem that grew, or more ranks than cores */
bool trm__fraction_of(const trm__point *base, const trm__point *,
                      trm__interval *);
/** "0.034"; above one it is no fraction of anything: "none: slower than on one". */
trm__base_text trm__fraction_text(const trm__point *base,
                                  const trm__interval *fraction);

/** What a series is drawn over: cores; memory: bytes of a rank. */
double trm__curve_x(const trm__curve *, const trm__point *);
bool trm__curve_is_drawn(const trm__point *);
/** First curve of a mode; NULL: there is none. */
const trm__curve *trm__scene_first(const trm__scene *, trm__mode);
/** "speed-up over 32 cores"; "speed-up" where the series of a mode have several bases,
 * or none. */
trm__base_text trm__speedup_name(const trm__scene *, trm__mode);
/** Last word of a study's directory. */
const char *trm__study_name(const trm__study *);
/** "cell" of "cell/s", as results say; "step". Static for the point's life. */
trm__base_text trm__point_unit(const trm__point *);
/** "4 ranks x 2 threads" in short: "4x2" with a sign of times. */
trm__base_text trm__point_shape(const trm__point *);
/** The last word of the newest failed launch of a point; NULL: none. */
const char *trm__point_last(const trm__study *, const trm__point *);

/* -- numbers as people read them ------------------------------------------- */

/** "2.9 to 3.1" of an interval, by some format of one value; "": no interval. A level
 * that is not 95 % stands behind. */
typedef trm__base_text trm__shown(double);
trm__base_text trm__interval_text(const trm__interval *, trm__shown *);
trm__base_text trm__shown_value(double);    /* "0.0342" */
trm__base_text trm__shown_ratio(double);    /* "3.40" */
trm__base_text trm__shown_percent(double);  /* "86 %" */
trm__base_text trm__shown_fraction(double); /* "0.034" */

trm__base_text trm__shown_time(double seconds); /* "12.0 ms" */
/** "11.9 to 12.1 ms" of an interval of seconds; "": no interval. */
trm__base_text trm__shown_times(const trm__interval *);

/** The unit of times of about so many seconds: "ms", and what to multiply by. */
const char *trm__time_unit(double seconds, double *factor);

/* -- pictures -------------------------------------------------------------- */

typedef struct trm__run_picture {
  char *name;        /* of its files; owned */
  const char *title; /* static */
  char *caption;     /* owned */
  trm__mode mode;
  const trm__curve *curve; /* of one curve alone; NULL: all of the mode */
  int width, height;
  void (*draw)(const trm__scene *, const struct trm__run_picture *,
               FILE *script, bool png);
} trm__run_picture;

void trm__draw_speedup(const trm__scene *, const trm__run_picture *, FILE *,
                       bool);
void trm__draw_efficiency(const trm__scene *, const trm__run_picture *, FILE *,
                          bool);
void trm__draw_memory(const trm__scene *, const trm__run_picture *, FILE *,
                      bool);
void trm__draw_time(const trm__scene *, const trm__run_picture *, FILE *, bool);
void trm__draw_law(const trm__scene *, const trm__run_picture *, FILE *, bool);
void trm__draw_ledger(const trm__scene *, const trm__run_picture *, FILE *,
                      bool);
void trm__draw_roofline(const trm__scene *, const trm__run_picture *, FILE *,
                        bool);

/** Rows of the ledger's picture; 0: no point has a ledger. */
int trm__ledger_rows(const trm__scene *, trm__mode, int *height);
/** Can the roofline be drawn: points with flops, and ceilings? */
bool trm__has_roofline(const trm__scene *);

/** All pictures that there is something to draw in; free with
 * trm__pictures_free. */
trm__run_picture *trm__pictures_of(const trm__scene *, int *n);
void trm__pictures_free(trm__run_picture *, int n);

/* -- files: written aside, then named ------------------------------------------ */

typedef struct trm__sink {
  FILE *file;
  trm__base_atomic_file aside;
} trm__sink;

bool trm__sink_open(trm__sink *, const char *path, trm__base_error *);
/** Name the file, or remove it where an error is set. */
void trm__sink_close(trm__sink *, trm__base_error *);

/* -- the page and the tables ----------------------------------------------- */

void trm__report_page(const trm__scene *, int n, const trm__run_picture[],
                      char *const svg[], FILE *);
void trm__report_points(const trm__scene *, trm__mode, FILE *);
void trm__report_laws(const trm__scene *, trm__mode, FILE *);
void trm__report_compared(const trm__scene *, FILE *);
/** Has another study a configuration of the first? Else there is nothing to compare. */
bool trm__report_comparable(const trm__scene *);
void trm__report_machine(const trm__scene *, FILE *);
void trm__report_csv(const trm__scene *, FILE *);
void trm__report_jsonl(const trm__scene *, FILE *);
void trm__report_law_lines(const trm__scene *, FILE *);
void trm__report_verdict_lines(const trm__scene *, FILE *);

#endif
