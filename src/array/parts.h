/* Parts: what one rank holds of a global index space, and where the parts of two
 * ranks meet. Redistribution and files are built on this. */
#ifndef TRM_ARRAY_PARTS_H
#define TRM_ARRAY_PARTS_H

#include "array/layout_own.h"
#include "array/linear.h"

/* A product of one list of intervals per dimension. Shapes of fewer dimensions
 * have dimensions of length 1 in front, so that the last one is always the last. */
typedef struct trm__part {
  int64_t n[TRM_DIMS];               /* number of intervals */
  trm__interval *interval[TRM_DIMS]; /* ascending; owned */
} trm__part;

enum { TRM__PARTS = 2 * TRM_DIMS - 1 };

typedef struct trm__holding { /* all that a rank holds */
  int count;                  /* parts; 0: nothing */
  trm__part part[TRM__PARTS];
} trm__holding;

/* Where elements lie in this rank's memory: the one with local indices i at
 * base + sum(i[d] * stride[d]) elements. */
typedef struct trm__place {
  char *data;
  int64_t base, stride[TRM_DIMS];
} trm__place;

/** What a rank holds in a layout; `counting`: only if its elements count there. */
trm__holding trm__holding_of_layout(const trm_layout *, int rank,
                                    bool counting);
/** What lies in a linear window of a shape of TRM_DIMS lengths. */
trm__holding trm__holding_of_window(const int64_t n[], int64_t first,
                                    int64_t length);
void trm__holding_clear(trm__holding *);

/* Elements that two parts share, in row-major order of their global index. */
typedef struct trm__run {
  int64_t a, b, length, at;
} trm__run; /* innermost */
typedef struct trm__meet {
  int64_t extent[TRM_DIMS], elements;
  int64_t *a[TRM_DIMS - 1],
      *b[TRM_DIMS - 1]; /* outer: local index on either side */
  trm__run *runs;       /* innermost: ascending `at` */
  int64_t nruns;
} trm__meet;

/** Where two parts meet; false: nowhere. */
bool trm__meet_new(const trm__part *a, const trm__part *b, trm__meet *);
void trm__meet_clear(trm__meet *);

/** Copy elements first .. first+n-1 of a meeting. A place that is NULL is a dense
 * buffer of exactly those elements. */
typedef struct trm__copy {
  const trm__meet *meet;
  const trm__place *from, *to; /* from: side a, to: side b */
  const char *from_buffer;
  char *to_buffer;
  int64_t first, n;
  size_t size; /* of an element */
} trm__copy;
void trm__copy_elements(trm_run *, const trm__copy *);

#endif
