/* The picture of results under the roofs of their machine. */
#ifndef TRM_STUDY_REPORT_PICTURES_ROOFLINE_H
#define TRM_STUDY_REPORT_PICTURES_ROOFLINE_H

#include <stdbool.h>
#include <stdio.h>
#include <trireme/machine.h>

typedef struct trm__study_roofline_point { /* one result */
  char kernel[64];
  int ranks, threads, hosts;
  double intensity, rate; /* flop/byte, flop/s */
  double fraction;        /* of what was attainable; 0: not known */
  const char *flaw;       /* NULL: verified, and measured as it should be */
  const char *colour;     /* NULL: one a kernel */
  bool quiet;             /* without a label */
} trm__study_roofline_point;

/** Write the gnuplot script that draws results under the roofs of a machine, the
 * picture on its standard output.  \param png else SVG
 * \param narrow smaller, with larger letters and shorter labels: for a column of a
 * page that says the rest
 * \return labels that found no place */
int trm__study_roofline_script(FILE *, const trm_machine *, int n,
                               const trm__study_roofline_point[], bool png,
                               bool narrow);

#endif
