/* The picture of `trireme roofline`, private to it. */
#ifndef TRM_CLI_ROOFLINE_H
#define TRM_CLI_ROOFLINE_H

#include <stdio.h>
#include <trireme/machine.h>

typedef struct trm__plotted { /* one result */
  char kernel[64];
  int ranks, threads, hosts;
  double intensity, rate; /* flop/byte, flop/s */
  double fraction;        /* of what was attainable; 0: not known */
  const char *flaw;       /* NULL: verified, and measured as it should be */
} trm__plotted;

/** Write the gnuplot script that draws results under the roofs of a machine, the
 * picture on its standard output.  \param png else SVG
 * \return labels that found no place */
int trm__roofline_script(FILE *, const trm_machine *, int n,
                         const trm__plotted[], bool png);

#endif
