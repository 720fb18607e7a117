/* Layouts as bytes: a header, then slice lengths by dimension, then the map.
 * All parts are multiples of 8 bytes, so that lists can be used in place. */
#include <limits.h>
#include <stdint.h>
#include <string.h>

#include <trireme/layout.h>

#include "array/digest.h"

enum { VERSION = 1 };

/* "TrmLayot" as a number: it differs in the other byte order. */
static const uint64_t MAGIC = UINT64_C(0x54726d4c61796f74);

typedef struct head_dim {
  int64_t n, block;
  int32_t kind, halo, periodic, grid, has_lengths, unused;
} head_dim;

typedef struct bytes_head {
  uint64_t magic;
  int64_t version, bytes; /* bytes: total size */
  uint64_t check;         /* digest of everything after it */
  int32_t dims, fastest, first, has_map;
  head_dim dim[TRM_DIMS];
} bytes_head;

static size_t padded(size_t bytes) {
  return (bytes + 7) / 8 * 8;
}

static uint64_t check_of(const void *bytes, size_t size) {
  const size_t from = offsetof(bytes_head, dims);
  return trm__array_digest_bytes((const char *)bytes + from,
                                 (int64_t)(size - from), VERSION);
}

/* -- to bytes -------------------------------------------------------------- */

static size_t lengths_size(const trm_dim *dim) {
  return dim->lengths ? sizeof *dim->lengths * (size_t)dim->grid : 0;
}

static size_t map_size(const trm_plan *p) {
  return p->map ? padded(sizeof *p->map * (size_t)p->ranks) : 0;
}

static size_t size_of(const trm_plan *p) {
  size_t size = sizeof(bytes_head) + map_size(p);
  for (int d = 0; d < p->dims; d++) size += lengths_size(&p->dim[d]);
  return size;
}

static bytes_head head_of(const trm_plan *p) {
  bytes_head h = {.magic = MAGIC,
                  .version = VERSION,
                  .bytes = (int64_t)size_of(p),
                  .dims = p->dims,
                  .fastest = p->fastest,
                  .first = p->first,
                  .has_map = p->map != NULL};
  for (int d = 0; d < TRM_DIMS; d++) {
    const trm_dim *dim = &p->dim[d];
    h.dim[d] = (head_dim){.n = dim->n,
                          .block = dim->block,
                          .kind = dim->kind,
                          .halo = dim->halo,
                          .periodic = dim->periodic,
                          .grid = dim->grid,
                          .has_lengths = dim->lengths != NULL};
  }
  return h;
}

static char *put(char *to, const void *from, size_t bytes) {
  if (bytes) memcpy(to, from, bytes);
  return to + bytes;
}

size_t trm_layout_write(const trm_layout *l, void *bytes, size_t capacity) {
  const trm_plan p = trm_layout_plan(l);
  const size_t size = size_of(&p);
  if (size > capacity) return size;
  memset(bytes, 0, size);
  bytes_head h = head_of(&p);
  char *at = put(bytes, &h, sizeof h);
  for (int d = 0; d < p.dims; d++)
    at = put(at, p.dim[d].lengths, lengths_size(&p.dim[d]));
  if (p.map) put(at, p.map, sizeof *p.map * (size_t)p.ranks);
  h.check = check_of(bytes, size);
  memcpy((char *)bytes + offsetof(bytes_head, check), &h.check, sizeof h.check);
  return size;
}

/* -- from bytes ------------------------------------------------------------ */

/* Check that these are the bytes of a layout, and complete.  \return NULL, or
 * the error */
static const char *check_frame(const void *bytes, size_t size, bytes_head *h) {
  if (size < sizeof *h) return "cut short";
  if ((uintptr_t)bytes % 8) return "not aligned to 8 bytes";
  memcpy(h, bytes, sizeof *h);
  if (h->magic == __builtin_bswap64(MAGIC))
    return "written on a machine of the other byte order";
  if (h->magic != MAGIC) return "not a layout";
  if (h->version != VERSION) return "a layout of another version";
  if (h->bytes < (int64_t)sizeof *h) return "damaged";
  if ((uint64_t)h->bytes > size) return "cut short";
  if (h->check != check_of(bytes, (size_t)h->bytes)) return "damaged";
  return NULL;
}

static bool is_flag(int32_t value) {
  return value == 0 || value == 1;
}

static bool is_dim(const head_dim *dim) {
  return dim->kind >= TRM_BLOCK && dim->kind <= TRM_WHOLE && dim->grid >= 1 &&
         is_flag(dim->periodic) && is_flag(dim->has_lengths) &&
         (!dim->has_lengths || dim->kind == TRM_SLICES);
}

/* A matching digest does not exclude malicious bytes: never read beyond the
 * end.  \return places; 0: damaged */
static int64_t places_of(const bytes_head *h) {
  int64_t places = 1;
  if (h->dims < 1 || h->dims > TRM_DIMS || !is_flag(h->has_map)) return 0;
  for (int d = 0; d < TRM_DIMS; d++) {
    if (!is_dim(&h->dim[d]) || (d >= h->dims && h->dim[d].has_lengths))
      return 0;
    places *= h->dim[d].grid;
    if (places > INT_MAX) return 0;
  }
  return places;
}

static trm_plan plan_of(const bytes_head *h, const void *bytes, int places) {
  trm_plan p = {.dims = h->dims,
                .fastest = h->fastest,
                .first = h->first,
                .ranks = places};
  const char *at = (const char *)bytes + sizeof *h;
  for (int d = 0; d < TRM_DIMS; d++) {
    const head_dim *dim = &h->dim[d];
    p.dim[d] = (trm_dim){.n = dim->n,
                         .kind = (trm_kind)dim->kind,
                         .block = dim->block,
                         .lengths = dim->has_lengths ? (const void *)at : NULL,
                         .halo = dim->halo,
                         .periodic = dim->periodic,
                         .grid = dim->grid};
    at += lengths_size(&p.dim[d]);
  }
  if (h->has_map) p.map = (const void *)at;
  return p;
}

bool trm_layout_read(const void *bytes, size_t size, trm_plan *plan,
                     const char **why) {
  bytes_head h;
  const char *error = check_frame(bytes, size, &h);
  int64_t places = error ? 0 : places_of(&h);
  trm_plan read = {0};
  if (places) read = plan_of(&h, bytes, (int)places);
  if (!error && (!places || (int64_t)size_of(&read) != h.bytes))
    error = "damaged";
  if (why) *why = error;
  if (error) return false;
  *plan = read;
  return true;
}
