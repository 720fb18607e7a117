/* Fields: named arrays with a layout.
 *
 * Declared once, a field is checkpointed, restored, fingerprinted, counted in
 * the memory bill and offered for output, as its role says. */
#ifndef TRIREME_FIELD_H
#define TRIREME_FIELD_H

#include <trireme/layout.h>

typedef enum trm_role {
  TRM_EVOLVING, /* checkpointed, restored, fingerprinted, offered for output */
  TRM_CONSTANT, /* made again by setup; offered for output */
  TRM_OUTPUT,   /* only offered for output; the first one is the picture */
  TRM_SCRATCH   /* nobody's business */
} trm_role;

typedef struct trm_field { /* read-only but for the data */
  const char *name;
  trm_type type;
  trm_role role;
  const trm_layout *layout;
  void *data;                   /* of local index (0,0,0); halo at negative
                               indices */
  struct trm__array_field *own; /* the library's */
} trm_field;

/** Declare a field; its memory is zero. Collective. Fails with TRM_EMEMORY.
 * \param name unique in the run, [A-Za-z0-9_-]; copied */
trm_status trm_field_new(trm_run *, const trm_layout *, const char *name,
                         trm_type, trm_role, trm_field **);

/** Give back a field before the run ends. Clears. Collective. */
void trm_field_drop(trm_run *, trm_field **);

/** Swap the memory of two fields of one layout and type. Local. */
void trm_swap(trm_field *, trm_field *);

/** Move a field to another layout of the same global shape: its elements keep
 * their global indices. Its halo is not filled. Collective. */
trm_status trm_relayout(trm_run *, trm_field *, const trm_layout *);

/** Give a field another layout, of any shape, with zeroed memory.
 * Collective. */
trm_status trm_reshape(trm_run *, trm_field *, const trm_layout *);

/** Keep a small array, the same on all ranks, in every checkpoint, and restore
 * it from there.  \param data borrowed; lives as long as the run  Local. */
trm_status trm_keep(trm_run *, const char *name, trm_type, int64_t n,
                    void *data);

/** Set every owned element from its global index (index[dims], 0-based): with
 * f64, i64, ... fields alike; the value is converted. Local. */
typedef double (*trm_field_fn)(const int64_t index[], void *context);
void trm_field_fill(trm_field *, trm_field_fn, void *context);

/** Fill the owned elements, numbered by row-major global index, with the run's
 * seed: floating types uniform in [0, 1), complex in both parts, integers with
 * all their bits random. Local. */
void trm_field_random(trm_run *, trm_field *, uint64_t stream);

/** 64-bit digest of a field: the sum over all elements of a mixed hash of
 * global index and value bits. The same for every layout and rank count.
 * Collective. */
uint64_t trm_digest(trm_run *, const trm_field *);

/** A field by its name, NULL if there is none. Local. */
trm_field *trm_field_find(const trm_run *, const char *name);

#endif
