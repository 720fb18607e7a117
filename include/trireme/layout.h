/* Layouts: which global indices each rank owns.
 *
 * The ranks form a grid of up to 4 axes. Axis d divides dimension d, by kind:
 *   block    one interval per coordinate; lengths differ by at most one, longer
 *            ones first
 *   cyclic   every p-th block of `block` indices
 *   slices   one interval of a given length per coordinate, which may be 0
 *   whole    every coordinate has a copy of the whole dimension
 * Axes beyond the dimensions hold copies too; a layout that is whole in all
 * dimensions has a copy on every rank. An element that several ranks own counts
 * once, on its lowest owner (lowest grid position). Ranks without a place in
 * the grid own nothing and still take part in every collective call.
 *
 * Local memory is row-major: the last dimension runs fastest, unless `fastest`
 * says otherwise. It has `halo` cells on both sides of each dimension. It is
 * dense without a halo; with one, owned rows begin at multiples of 16 elements.
 * Local index (0,0,0) is the first owned element. */
#ifndef TRIREME_LAYOUT_H
#define TRIREME_LAYOUT_H

#include <trireme/run.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { TRM_DIMS = 4 };

typedef enum trm_kind { TRM_BLOCK, TRM_CYCLIC, TRM_SLICES, TRM_WHOLE } trm_kind;

typedef struct trm_dim { /* request for one dimension */
  int64_t n;             /* global length, >= 0 */
  trm_kind kind;
  int64_t block;          /* cyclic: block length, >= 1 */
  const int64_t *lengths; /* slices: one per coordinate, sum n; NULL: even */
  int halo;               /* cells on each side; not for cyclic */
  bool periodic;          /* the halo wraps around */
  int grid;               /* ranks along this axis; 0: automatic */
} trm_dim;

typedef struct trm_plan { /* request for a layout; the same on all ranks */
  int dims;               /* 1 to 4 */
  trm_dim dim[TRM_DIMS];  /* beyond dims only `grid` is used: copies */
  int fastest;            /* 1 + fastest dimension in memory; 0: the last */
  int first, ranks; /* use ranks first .. first+ranks-1; ranks 0: to the last */
  const int *map; /* grid position -> rank, row-major; NULL: first + position */
} trm_plan;

typedef struct trm_layout { /* read-only */
  int dims;
  int64_t n[TRM_DIMS];   /* global lengths; 1 beyond dims */
  int64_t lo[TRM_DIMS];  /* first owned global index (not for cyclic) */
  int64_t len[TRM_DIMS]; /* owned length; all 0 on a rank that owns nothing */
  int64_t stride[TRM_DIMS]; /* elements from one local index to the next */
  int64_t origin;           /* elements from the start of memory to (0,0,0) */
  int64_t total;            /* elements in memory, with halo and padding */
  int64_t count;            /* owned elements */
  int halo[TRM_DIMS];
  bool periodic[TRM_DIMS];
  trm_kind kind[TRM_DIMS];
  int64_t block[TRM_DIMS];    /* cyclic: block length */
  int grid[TRM_DIMS];         /* ranks along each axis */
  int coord[TRM_DIMS];        /* grid coordinates of this rank; -1: none */
  int neighbour[TRM_DIMS][2]; /* rank below and above; -1: none (wall) */
  bool first_owner;           /* false: its elements count on another rank */
  int fastest;                /* 1 + dimension that runs fastest in memory */
  int places;                 /* ranks with a place: the product of `grid` */
  int first;                  /* rank at the first place, without a map */
  const int *map; /* grid position -> rank; NULL: first + position */
  const int64_t *lengths[TRM_DIMS]; /* slices: one per coordinate; NULL: even */
  trm_run *run;                     /* NULL: made by trm_layout_view */
  struct trm__array_layout *own;    /* internal; NULL as well */
} trm_layout;

/** Make a layout. Collective (only slices made by trm_slices send messages).
 * Where `grid` is 0 the library chooses the grid with the least halo surface;
 * it never makes blocks thinner than their halo. Fails with TRM_EINPUT: sizes
 * out of range, their product over 2^59, a grid larger than the number of
 * ranks, a map that names a rank twice. */
trm_status trm_layout_new(trm_run *, const trm_plan *, const trm_layout **);

/** Make the common layout: blocks in every dimension and one halo width.
 * Collective. */
trm_status trm_grid(trm_run *, int dims, const int64_t n[], int halo,
                    const bool periodic[], const trm_layout **);

/** Make a one-dimensional layout in which each rank owns a slice of the length
 * `mine`. Collective. */
trm_status trm_slices(trm_run *, int64_t mine, const trm_layout **);

/** Compute the layout that trm_layout_new would give to one of `ranks` ranks,
 * without a run: for work models. All pure functions on layouts accept it.
 * `run` and `own` are NULL, and nothing is to be freed. A map and slice lengths
 * are borrowed from the plan, which must outlive the view. The time does not
 * depend on the number of ranks, except that this call, and on a view also
 * trm_coord_of and trm_owner, read a map and slice lengths to their end. Pure.
 * \return false where trm_layout_new would fail; the view then owns nothing */
bool trm_layout_view(const trm_plan *, int ranks, int rank, trm_layout *);

/** Return the plan that makes the same layout again, with its grid and ranks. A
 * map and slice lengths are borrowed from the layout. Pure. */
trm_plan trm_layout_plan(const trm_layout *);

/** Write a layout to bytes, for files and messages; every rank gets the same
 * bytes. The size is about 200 bytes, plus 8 for each slice of given length and
 * 4 for each rank of a map. The format has a version and a checksum; numbers
 * are in the machine's byte order. Pure.
 * \param bytes may be NULL if capacity is 0
 * \return the size; if it exceeds `capacity`, nothing is written */
size_t trm_layout_write(const trm_layout *, void *bytes, size_t capacity);

/** Read what trm_layout_write wrote, as a plan for trm_layout_new or
 * trm_layout_view on any sufficient number of ranks. A map and slice lengths
 * are borrowed from the bytes, which must outlive the plan. Pure.
 * \param bytes aligned to 8 bytes, like memory from malloc
 * \param size at least that of the layout; bytes after it are not read
 * \param why may be NULL; receives the error in a few words: not a layout,
 * other version or byte order, cut short, damaged
 * \return false: the bytes are invalid, and the plan is unchanged */
bool trm_layout_read(const void *bytes, size_t size, trm_plan *,
                     const char **why);

/** Return the plan of trm_grid. Pure. */
trm_plan trm_grid_plan(int dims, const int64_t n[], int halo,
                       const bool periodic[]);

/** Release a layout before the run ends and set the pointer to NULL. It is
 * freed when no field uses it any more. Collective. */
void trm_layout_drop(trm_run *, const trm_layout **);

/** Get the communicator of the ranks that differ from this one only in `axis`,
 * ordered by coordinate; NULL on ranks without a place. Created once and owned
 * by the layout. Collective over the run. */
trm_status trm_axis(trm_run *, const trm_layout *, int axis, const trm_comm **);

/** Find the lowest rank that owns a global index. Pure. */
int trm_owner(const trm_layout *, const int64_t index[]);

/** Find the coordinate on axis `dim` that owns global index g, 0 to n-1 (whole:
 * 0). Pure. */
int trm_coord_of(const trm_layout *, int dim, int64_t g);

/** Convert a global index to a local one along a dimension; -1: not owned here.
 * Pure. */
int64_t trm_local(const trm_layout *, int dim, int64_t g);

/** Convert a local index to a global one along a dimension. Pure. */
int64_t trm_global(const trm_layout *, int dim, int64_t local);

/** Return the owned length of any coordinate along a dimension. Pure. */
int64_t trm_length_at(const trm_layout *, int dim, int coord);

/** Test whether two layouts give every rank the same elements in the same
 * memory order. Pure. */
bool trm_layout_same(const trm_layout *, const trm_layout *);

/** Choose a process grid of at most `ranks` places with the least halo surface
 * per rank. Ties go to the fewest cells per rank, then the longest rows, then
 * the most compact blocks. Takes well below a millisecond for a million ranks.
 * Pure.
 * \param min_block thinnest block allowed in each dimension
 * \param fixed 0: free, else the extent to keep */
void trm_grid_choose(int ranks, int dims, const int64_t n[],
                     const int min_block[], const int fixed[], int grid[]);

#ifdef __cplusplus
}
#endif

#endif
