/* Layouts: which global indices each rank owns.
 *
 * The ranks form a grid of up to 4 axes; axis d cuts dimension d, which is
 *   block    one interval a coordinate; differ by at most one, longer first
 *   cyclic   every p-th block of `block` indices
 *   slices   one interval of a given length, which may be 0
 *   whole    all of it on every coordinate: a copy each
 * Axes beyond the dimensions hold copies too; a layout that is whole in all its
 * dimensions has a copy on every rank. An element that several ranks own counts
 * once, at its lowest owner (of the lowest grid position). Ranks that the grid
 * has no place for own nothing and take part in everything.
 *
 * Local memory is row-major (the last dimension runs fastest, unless `fastest`
 * says otherwise), with `halo` cells on both sides of each dimension. It is
 * dense without a halo; with one, owned rows begin at multiples of 16 elements.
 * The local index (0,0,0) is the first owned element. */
#ifndef TRIREME_LAYOUT_H
#define TRIREME_LAYOUT_H

#include <trireme/run.h>

enum { TRM_DIMS = 4 };

typedef enum trm_kind { TRM_BLOCK, TRM_CYCLIC, TRM_SLICES, TRM_WHOLE } trm_kind;

typedef struct trm_dim { /* what is asked of one dimension */
  int64_t n;             /* global length, >= 0 */
  trm_kind kind;
  int64_t block;          /* cyclic: block length, >= 1 */
  const int64_t *lengths; /* slices: of each coordinate, sum n; NULL: even */
  int halo;               /* cells on each side; not for cyclic */
  bool periodic;          /* the halo wraps around */
  int grid;               /* ranks along this axis; 0: chosen */
} trm_dim;

typedef struct trm_plan { /* what is asked of a layout; the same on all
                               ranks */
  int dims;               /* 1 to 4 */
  trm_dim dim[TRM_DIMS];  /* beyond dims only `grid` counts: copies */
  int fastest;            /* 1 + dimension that runs fastest in memory; 0: the
                               last */
  int first, ranks;       /* ranks first .. first+ranks-1 of the run; 0: to
                               the last */
  const int *map;         /* grid position -> rank, row-major; NULL: first +
                               position */
} trm_plan;

typedef struct trm_layout { /* read-only */
  int dims;
  int64_t n[TRM_DIMS];      /* global lengths; 1 beyond dims */
  int64_t lo[TRM_DIMS];     /* first owned global index (not for cyclic) */
  int64_t len[TRM_DIMS];    /* owned length; all 0 on a rank that owns
                               nothing */
  int64_t stride[TRM_DIMS]; /* elements from one local index to the next */
  int64_t origin;           /* elements from the start of memory to (0,0,0) */
  int64_t total;            /* elements of memory, halo and padding included */
  int64_t count;            /* owned elements */
  int halo[TRM_DIMS];
  bool periodic[TRM_DIMS];
  trm_kind kind[TRM_DIMS];
  int64_t block[TRM_DIMS];    /* cyclic: block length */
  int grid[TRM_DIMS];         /* ranks along each axis */
  int coord[TRM_DIMS];        /* this rank's place; -1: none */
  int neighbour[TRM_DIMS][2]; /* rank below and above, -1: none (wall) */
  bool first_owner;           /* false: what this rank owns counts elsewhere */
  int fastest;                /* 1 + dimension that runs fastest in memory */
  int places;                 /* ranks with a place: product of `grid` */
  int first;                  /* rank at the first place, without a map */
  const int *map; /* grid position -> rank; NULL: first + position */
  const int64_t *lengths[TRM_DIMS]; /* slices: of each coordinate; NULL: even */
  trm_run *run;                     /* NULL: made by trm_layout_view */
  struct trm__array_layout *own;    /* the library's; NULL as well */
} trm_layout;

/** Make a layout. Collective (no message but for slices made by trm_slices).
 * The grid is chosen to have the least halo surface where `grid` is 0; it never
 * cuts a dimension into blocks thinner than its halo.
 * Fails with TRM_EINPUT: sizes out of range, their product over 2^59, a grid
 * larger than the ranks, a map that names a rank twice. */
trm_status trm_layout_new(trm_run *, const trm_plan *, const trm_layout **);

/** The common case: blocks in every dimension, one halo width. Collective. */
trm_status trm_grid(trm_run *, int dims, const int64_t n[], int halo,
                    const bool periodic[], const trm_layout **);

/** One dimension, each rank a slice of the length that it names. Collective. */
trm_status trm_slices(trm_run *, int64_t mine, const trm_layout **);

/** What trm_layout_new would give to a rank of so many, without a run: for work
 * models. All that takes a const trm_layout and is pure works on it. `run` and
 * `own` are NULL; nothing is to be freed. A map and lengths of slices are
 * borrowed from the plan and must live as long as the view. Takes the same time
 * for any number of ranks, except that a map and lengths are read to their end,
 * by this call, and in a view by trm_coord_of and trm_owner too. Pure.
 * \return false where trm_layout_new would fail; the view then owns nothing */
bool trm_layout_view(const trm_plan *, int ranks, int rank, trm_layout *);

/** The plan that makes the same layout again, with its grid and its ranks. A map
 * and lengths are borrowed from the layout. Pure. */
trm_plan trm_layout_plan(const trm_layout *);

/** Write a layout to bytes, for files and messages: the same bytes on every rank.
 * Some 200 bytes, 8 more for each slice whose length was given, and 4 for each
 * rank of a map. The format has a version and a checksum; numbers are in the
 * byte order of the machine. Pure.
 * \param bytes may be NULL if capacity is 0
 * \return the size; if it is more than `capacity`, nothing is written */
size_t trm_layout_write(const trm_layout *, void *bytes, size_t capacity);

/** Read what trm_layout_write wrote, as a plan for trm_layout_new or
 * trm_layout_view on any number of ranks that has room for it. A map and lengths
 * are borrowed from the bytes, which must live as long as the plan. Pure.
 * \param bytes aligned to 8, as memory from malloc is
 * \param size at least that of the layout; what follows it is not read
 * \param why may be NULL; else what is wrong, in a few words: not a layout, of
 * another version or byte order, cut short, damaged
 * \return false: the bytes are refused, and the plan is not changed */
bool trm_layout_read(const void *bytes, size_t size, trm_plan *,
                     const char **why);

/** The plan of trm_grid. Pure. */
trm_plan trm_grid_plan(int dims, const int64_t n[], int halo,
                       const bool periodic[]);

/** Give back a layout before the run ends; it goes when the last field leaves
 * it. Clears. Collective. */
void trm_layout_drop(trm_run *, const trm_layout **);

/** Communicator of the ranks that differ from this one in `axis` alone, ordered
 * by coordinate; NULL on ranks without a place. Made once, owned by the layout.
 * Collective over the run. */
trm_status trm_axis(trm_run *, const trm_layout *, int axis, const trm_comm **);

/** Lowest rank that owns a global index. Pure. */
int trm_owner(const trm_layout *, const int64_t index[]);

/** Coordinate on its axis that owns global index g, 0 to n-1 (whole: 0). Pure. */
int trm_coord_of(const trm_layout *, int dim, int64_t g);

/** Local index of a global one along a dimension; -1: not owned here. Pure. */
int64_t trm_local(const trm_layout *, int dim, int64_t g);

/** Global index of a local one. Pure. */
int64_t trm_global(const trm_layout *, int dim, int64_t local);

/** Owned length of another coordinate. Pure. */
int64_t trm_length_at(const trm_layout *, int dim, int coord);

/** Do both give every rank the same elements in the same memory? Pure. */
bool trm_layout_same(const trm_layout *, const trm_layout *);

/** Choose a process grid: at most `ranks` places, least halo surface per rank; of
 * equals the one with the fewest cells per rank, then the longest rows, then the
 * most compact blocks. Takes well below a millisecond for a million ranks. Pure.
 * \param fixed 0: free, else the extent to keep
 * \param min_block thinnest block */
void trm_grid_choose(int ranks, int dims, const int64_t n[],
                     const int min_block[], const int fixed[], int grid[]);

#endif
