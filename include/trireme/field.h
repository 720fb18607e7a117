/* Fields: named distributed arrays.
 *
 * A field's role decides whether it is checkpointed, restored, fingerprinted
 * and offered for output. All fields are counted in the memory bill. */
#ifndef TRIREME_FIELD_H
#define TRIREME_FIELD_H

#include <trireme/layout.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum trm_role {
  TRM_EVOLVING, /* checkpointed, restored, fingerprinted, offered for output */
  TRM_CONSTANT, /* set again by setup; offered for output */
  TRM_OUTPUT,   /* offered for output; pictures show the first */
  TRM_SCRATCH   /* neither checkpointed, fingerprinted nor output */
} trm_role;

typedef struct trm_field { /* read-only, except the data */
  const char *name;
  trm_type type;
  trm_role role;
  const trm_layout *layout;
  void *data; /* at local index (0,0,0); the halo has indices < 0 and >= len */
  struct trm__array_field *own; /* internal */
} trm_field;

/** Declare a field, with zeroed memory. Collective. Fails with TRM_EMEMORY or
 * TRM_EINPUT (name).
 * \param name unique in the run, 1 to 63 of [A-Za-z0-9_-]; copied */
trm_status trm_field_new(trm_run *, const trm_layout *, const char *name,
                         trm_type, trm_role, trm_field **);

/** Free a field before the run ends and set the pointer to NULL. Collective. */
void trm_field_drop(trm_run *, trm_field **);

/** Swap the memory of two fields of the same layout and type. Local. */
void trm_swap(trm_field *, trm_field *);

/** Move a field to another layout of the same global shape. Elements keep their
 * global indices; the halo is not filled. Collective. Fails with TRM_EMEMORY or
 * TRM_EINPUT. */
trm_status trm_relayout(trm_run *, trm_field *, const trm_layout *);

/** Give a field another layout of any shape, with zeroed memory. Collective.
 * Fails with TRM_EMEMORY. */
trm_status trm_reshape(trm_run *, trm_field *, const trm_layout *);

/** Store a small array, the same on all ranks, in every checkpoint, and restore
 * it on resume. Local. Fails with TRM_EINPUT (name used twice).
 * \param data borrowed; must live as long as the run */
trm_status trm_keep(trm_run *, const char *name, trm_type, int64_t n,
                    void *data);

/** Set every owned element to a function of its global index (index[dims],
 * 0-based). The value is converted to the field's type. Local. */
typedef double (*trm_field_fn)(const int64_t index[], void *context);
void trm_field_fill(trm_field *, trm_field_fn, void *context);

/** Fill the owned elements with random numbers from the run's seed, by
 * row-major global index: floating types uniform in [0, 1), complex in both
 * parts, integers with all bits random. Local. */
void trm_field_random(trm_run *, trm_field *, uint64_t stream);

/** Compute a 64-bit digest: the sum over all elements of a hash of global index
 * and value bits. It is the same for every layout and number of ranks.
 * Collective. */
uint64_t trm_digest(trm_run *, const trm_field *);

/** Find a field by name. Local.
 * \return NULL if no field has this name */
trm_field *trm_field_find(const trm_run *, const char *name);

#ifdef __cplusplus
}
#endif

#endif
