/* How the numbers in a file stand for values: scale, offset and missing cells
 * of the CF conventions (sections 2.5.1 and 8.1; _Unsigned: NetCDF Users Guide,
 * appendix B). No MPI. */
#ifndef TRM_STORE_INPUT_PACKING_H
#define TRM_STORE_INPUT_PACKING_H

#include <hdf5.h>
#include <stdbool.h>
#include <stdint.h>

#include <trireme/type.h>

#include "base/error.h"

enum { TRM__PACKING_FILLS = 16 };

typedef struct trm__store_packing {
  bool packed; /* values are not those of the file */
  bool scaled; /* value = number x scale + offset */
  double scale, offset;
  double wrap; /* added to negative numbers (_Unsigned); 0: none */
  int fills;   /* numbers that stand for missing cells */
  double fill[TRM__PACKING_FILLS];
  double least, most; /* of valid numbers */
  bool values_valid;  /* least and most limit values, not numbers */
  bool replace;       /* missing cells and NaN get a value */
  double value;       /* that value */
} trm__store_packing;

/** Read the attributes of a dataset of real numbers. TRM_EINPUT: one of them
 * cannot be understood.
 * \param fill value for missing cells and NaN; NULL: none */
trm_status trm__store_packing_read(hid_t dataset, const char *where,
                                   const double *fill, trm__store_packing *,
                                   trm__base_error *);

/** Turn n numbers of the file into values, in place. NaN stands for missing
 * cells, unless they are replaced. Pure.
 * \return missing cells */
int64_t trm__store_packing_apply(const trm__store_packing *, double *numbers,
                                 int64_t n);

/** Convert values to the type of a field; false: an integer field cannot hold
 * one of them (NaN counts as 0). Pure. */
bool trm__store_packing_convert(const double *values, int64_t n, trm_type,
                                void *to);

#endif
