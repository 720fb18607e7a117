/* The structure of a set: attributes and datasets, written and read with HDF5
 * on one rank. No MPI. Reading is trm__set_look of store.h. */
#ifndef TRM_STORE_HEADER_H
#define TRM_STORE_HEADER_H

#include "store/store.h"

/** Lay a new file out: attributes, one contiguous dataset a field with its
 * space but without values, kept arrays with theirs. Sets fields[].offset.
 * \param kept values of the kept arrays; NULL for fields */
trm_status trm__header_write(const char *path, const trm__set *,
                             const void *const kept[], trm__error *);

/** Bytes of the values of one field, and elements. Pure. */
int64_t trm__set_field_bytes(const trm__set_field *);
int64_t trm__set_field_count(const trm__set_field *);

/** A field by its name; NULL if there is none. Pure. */
const trm__set_field *trm__set_find(const trm__set *, const char *name);

#endif
