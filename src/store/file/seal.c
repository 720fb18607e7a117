/* Layout, at the end of the file:
 *   OFFSET BYTES\n        one line per piece of values, by offset
 *   trireme.seal/1 LINES_BYTES DIGEST      one line of 64 bytes
 * DIGEST covers every byte that is in no piece, up to the last line. */
#include "store/file/seal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "array/digest.h"
#include "base/memory.h"

enum { FOOT = 64, PIECE = 64 << 10, LONGEST = 16 << 20 };
#define MAGIC "trireme.seal/1"

typedef struct extent {
  int64_t offset, bytes;
} extent;

static int by_offset(const void *a, const void *b) {
  int64_t x = ((const extent *)a)->offset, y = ((const extent *)b)->offset;
  return x < y ? -1 : x > y;
}

typedef struct origin { /* of bytes: a file, or its image */
  int fd;
  const trm__store_image *image; /* NULL: the file */
} origin;

static bool all_of(origin from, void *data, int64_t n, int64_t offset) {
  if (!from.image) return pread(from.fd, data, (size_t)n, offset) == n;
  trm__store_image_get(from.image, offset, n, data);
  return true;
}

static bool digest_range(origin of, int64_t from, int64_t to,
                         uint64_t *digest) {
  char buffer[PIECE];
  while (from < to) {
    int64_t n = to - from < PIECE ? to - from : PIECE;
    if (!all_of(of, buffer, n, from)) return false;
    *digest = trm__array_digest_bytes(buffer, n, *digest);
    from += n;
  }
  return true;
}

/* Digest of all bytes up to `end` that belong to no piece of values. */
static bool digest_rest(origin of, const extent *pieces, int n, int64_t end,
                        uint64_t *digest) {
  int64_t at = 0;
  *digest = 0;
  for (int i = 0; i < n; i++) {
    if (pieces[i].offset < at || pieces[i].bytes < 0) return false;
    if (!digest_range(of, at, pieces[i].offset, digest)) return false;
    if (__builtin_add_overflow(pieces[i].offset, pieces[i].bytes, &at))
      return false;
  }
  return at <= end && digest_range(of, at, end, digest);
}

static int extents_of(const trm__store_dataset *fields, int n, extent *pieces) {
  int used = 0;
  for (int f = 0; f < n; f++) {
    int64_t bytes = (int64_t)trm_type_size(fields[f].type);
    for (int d = 0; d < fields[f].dims; d++) bytes *= fields[f].n[d];
    if (bytes == 0) continue;
    pieces[used++] = (extent){fields[f].offset, bytes};
  }
  qsort(pieces, (size_t)used, sizeof *pieces, by_offset);
  return used;
}

static void make_foot(char foot[FOOT + 1], int64_t length, uint64_t digest) {
  char words[FOOT];
  snprintf(words, sizeof words, MAGIC " %" PRId64 " %016" PRIx64, length,
           digest);
  snprintf(foot, FOOT + 1, "%-63s\n", words);
}

static void append(trm__store_image *image, const char *text) {
  trm__store_image_put(image, image->bytes, (int64_t)strlen(text), text);
}

trm__store_seal trm__store_seal_put(trm__store_image *image,
                                    const trm__store_dataset *fields, int n) {
  char line[64], foot[FOOT + 1];
  uint64_t digest;
  int64_t before = image->bytes;
  extent *pieces = trm__base_calloc((size_t)n, sizeof *pieces);
  int used = extents_of(fields, n, pieces);
  for (int i = 0; i < used; i++) {
    snprintf(line, sizeof line, "%" PRId64 " %" PRId64 "\n", pieces[i].offset,
             pieces[i].bytes);
    append(image, line);
  }
  digest_rest((origin){.image = image}, pieces, used, image->bytes, &digest);
  make_foot(foot, image->bytes - before, digest);
  append(image, foot);
  free(pieces);
  return (trm__store_seal){true, digest, image->bytes};
}

static int parse_lines(char *lines, extent **pieces) {
  int n = 0;
  *pieces = NULL;
  for (char *line = lines, *end; *line; line = end + (*end == '\n')) {
    extent e = {strtoll(line, &end, 10), 0};
    e.bytes = strtoll(end, &end, 10);
    if (*end != '\n') break;
    *pieces = trm__base_grow(*pieces, (size_t)n + 1, sizeof **pieces);
    (*pieces)[n++] = e;
  }
  return n;
}

/* \return 1: good, 0: bad, -1: no seal */
static int check(origin of, int64_t size, uint64_t *digest) {
  char foot[FOOT + 1] = "", expected[FOOT + 1];
  int64_t length;
  uint64_t stored;
  if (size < FOOT || !all_of(of, foot, FOOT, size - FOOT)) return -1;
  if (strncmp(foot, MAGIC " ", strlen(MAGIC) + 1)) return -1;
  if (sscanf(foot + strlen(MAGIC), "%" SCNd64 " %" SCNx64, &length, &stored) !=
      2)
    return 0;
  if (length < 0 || length > LONGEST || length > size - FOOT) return 0;
  make_foot(expected, length, stored);
  if (memcmp(foot, expected, FOOT)) return 0;
  char *lines = trm__base_calloc((size_t)length + 1, 1);
  extent *pieces = NULL;
  bool good = all_of(of, lines, length, size - FOOT - length);
  if (good) {
    int n = parse_lines(lines, &pieces);
    good = digest_rest(of, pieces, n, size - FOOT, digest) && *digest == stored;
  }
  free(pieces);
  free(lines);
  return good;
}

trm_status trm__store_seal_check(const char *path, trm__store_seal *seal,
                                 trm__base_error *error) {
  int fd = open(path, O_RDONLY | O_CLOEXEC), found = -1;
  struct stat status;
  if (fd < 0 || fstat(fd, &status))
    trm__base_error_set(error, TRM_EFILE, "%s: cannot open: %s", path,
                        strerror(errno));
  errno = 0;
  *seal = (trm__store_seal){.holds = false};
  if (!error->status) {
    seal->bytes = status.st_size;
    found = check((origin){.fd = fd}, seal->bytes, &seal->digest);
  }
  seal->holds = found == 1;
  if (found < 1 && errno) {
    trm__base_error_set(error, TRM_EFILE, "%s: cannot read: %s", path,
                        strerror(errno));
  } else if (found == 0) {
    trm__base_error_set(error, TRM_ECHECKPOINT,
                        "%s: its header is damaged: the digest of the file's "
                        "structure differs from its seal",
                        path);
  }
  if (fd >= 0) close(fd);
  return error->status;
}
