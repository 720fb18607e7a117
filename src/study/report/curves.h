/* What the files of a report share: the series of its studies as curves with laws
 * and verdicts, and the list of its pictures. */
#ifndef TRM_STUDY_REPORT_CURVES_H
#define TRM_STUDY_REPORT_CURVES_H

#include <trireme/option.h>

#include "base/text.h"
#include "study/laws/laws.h"
#include "study/report/pictures/colours.h"
#include "study/run/points.h"
#include "study/verdict/verdict.h"

enum { TRM__CURVE_LAWS = 3 };

typedef struct trm__study_curve { /* one series of one study */
  int study, series;
  trm__study_mode mode;
  char *name; /* in keys: without the mode; owned */
  trm__study_colour colour;
  int dash;                       /* of its line, as gnuplot counts */
  int n;                          /* points, rising x; failed ones too */
  const trm__study_point **point; /* the array is owned */
  const trm__study_point *base;   /* what speed-ups are over; NULL: none */
  double expected; /* exponent, by the work model; NAN: not known */
  int laws, best;  /* best: of the least error; -1: none is fitted */
  trm__study_law law[TRM__CURVE_LAWS];
  trm__study_verdict verdict;
} trm__study_curve;

typedef struct trm__study_report {
  int n;
  const trm__study *study;   /* borrowed */
  const trm_option *options; /* of the first one's kernel; NULL: not known */
  trm__study_points *points; /* of each study */
  int curves;
  trm__study_curve *curve;
  bool absent; /* there is no gnuplot */
} trm__study_report;

void trm__study_report_open(trm__study_report *, int n, const trm__study[],
                            const trm_option *table);
void trm__study_report_clear(trm__study_report *);

/** One series with its laws, without a name, a colour, a verdict. \return false: there
 * is none; else free with trm__study_curve_clear */
bool trm__study_curve_fit(trm__study_curve *, const trm__study *,
                          const trm__study_points *, int series);
void trm__study_curve_clear(trm__study_curve *);
extern const char *const trm__study_law_name[];
/** Karp and Flatt's serial fraction of a point over a base. \return false: it has
 * none: no base (NULL), no more cores, a problem that grew, or more ranks than cores */
bool trm__study_serial_fraction(const trm__study_point *base,
                                const trm__study_point *,
                                trm__study_interval *);
/** "0.034"; above one it is no fraction of anything: "none: slower than on one". */
trm__base_text trm__study_serial_fraction_text(
    const trm__study_point *base, const trm__study_interval *fraction);

/** What a series is drawn over: cores; memory: bytes of a rank. */
double trm__study_curve_x(const trm__study_curve *, const trm__study_point *);
bool trm__study_point_is_drawn(const trm__study_point *);
/** First curve of a mode; NULL: there is none. */
const trm__study_curve *trm__study_report_first(const trm__study_report *,
                                                trm__study_mode);
/** "speed-up over 32 cores"; "speed-up" where the series of a mode have several bases,
 * or none. */
trm__base_text trm__study_speedup_name(const trm__study_report *,
                                       trm__study_mode);
/** Last word of a study's directory. */
const char *trm__study_name(const trm__study *);
/** "cell" of "cell/s", as results say; "step". Static for the point's life. */
trm__base_text trm__study_point_unit(const trm__study_point *);
/** "4 ranks x 2 threads" in short: "4x2" with a sign of times. */
trm__base_text trm__study_point_shape(const trm__study_point *);
/** The last word of the newest failed launch of a point; NULL: none. */
const char *trm__study_point_last(const trm__study *, const trm__study_point *);

#endif
