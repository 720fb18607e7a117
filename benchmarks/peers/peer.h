/* What the drivers of peers share: the options that a kernel of ours gets in the
 * same comparison, and the lines that ../compare.sh reads:
 *
 *   rate 1.9e9               updates a second, in our kernel's unit
 *   error 1.1e-15 1e-12      of the answer, and what is still right
 *   built PETSc 3.18.5 ...   version, and how it was compiled */
#ifndef TRM_PEER_H
#define TRM_PEER_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef PEER_FLAGS
#define PEER_FLAGS "unknown flags"
#endif

/** Value of "--name value" among the words; `fallback` where it is not. */
static inline const char *peer_option(int argc, char **argv, const char *name,
                                      const char *fallback) {
  for (int i = 1; i + 1 < argc; i++)
    if (!strncmp(argv[i], "--", 2) && !strcmp(argv[i] + 2, name))
      return argv[i + 1];
  return fallback;
}

static inline void peer_say(const char *built, double rate, double error,
                            double tolerance) {
  printf("rate %.6e\nerror %.3e %.3e\nbuilt %s; its driver: %s\n", rate, error,
         tolerance, built, PEER_FLAGS);
}

#endif
