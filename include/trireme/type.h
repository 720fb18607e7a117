/* Element types of fields and options. */
#ifndef TRIREME_TYPE_H
#define TRIREME_TYPE_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* name   C type            in files */
#define TRM_TYPES(X) \
  X(F64, double)     \
  X(F32, float)      \
  X(I64, int64_t)    \
  X(I32, int32_t)    \
  X(U64, uint64_t)   \
  X(U8, uint8_t)     \
  X(C128, double _Complex) /* a compound {r, i}, as h5py writes it */

typedef enum trm_type {
#define TRM__TYPE(name, ctype) TRM_##name,
  TRM_TYPES(TRM__TYPE)
#undef TRM__TYPE
      TRM_TYPE_COUNT,
  TRM_TEXT, /* options only: const char * */
  TRM_FLAG  /* options only: bool */
} trm_type;

/** Return the size of one element in bytes. Pure. */
size_t trm_type_size(trm_type);

/** Return the name of a type as users see it: "f64", "i32", "c128". Pure. */
const char *trm_type_name(trm_type);

#ifdef __cplusplus
}
#endif

#endif
