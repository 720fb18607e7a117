#include "base/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <trireme/status.h>

#include "base/program.h"

enum { LINE = 64, HUGE_PAGE = 2 << 20 };

/* Zero memory with the threads that will use it, which places pages near them.
 */
static void touch(char *data, int64_t bytes, int threads) {
#pragma omp parallel for schedule(static) num_threads(threads)
  for (int64_t page = 0; page < bytes; page += HUGE_PAGE)
    memset(data + page, 0,
           (size_t)(bytes - page < HUGE_PAGE ? bytes - page : HUGE_PAGE));
}

void *trm__base_bill_alloc(trm__base_bill *bill, const char *what,
                           int64_t bytes, int threads) {
  if (bytes < 0 || bytes > PTRDIFF_MAX - HUGE_PAGE) return NULL;
  int64_t align = bytes >= HUGE_PAGE ? HUGE_PAGE : LINE;
  int64_t size = (bytes + align - 1) / align * align;
  if (size == 0) size = align;
  void *data = NULL;
  if (posix_memalign(&data, (size_t)align, (size_t)size)) return NULL;
#ifdef MADV_HUGEPAGE
  if (align == HUGE_PAGE) madvise(data, (size_t)size, MADV_HUGEPAGE);
#endif
  touch(data, size, threads < 1 || size < HUGE_PAGE ? 1 : threads);
  trm__base_block *block = trm__base_calloc(1, sizeof *block);
  *block = (trm__base_block){.next = bill->first, .data = data, .bytes = size};
  snprintf(block->what, sizeof block->what, "%s", what);
  if (bill->first) bill->first->previous = block;
  bill->first = block;
  bill->now += size;
  if (bill->now > bill->peak) bill->peak = bill->now;
  return data;
}

static void drop(trm__base_bill *bill, trm__base_block *block) {
  if (block->previous)
    block->previous->next = block->next;
  else
    bill->first = block->next;
  if (block->next) block->next->previous = block->previous;
  bill->now -= block->bytes;
  free(block->data);
  free(block);
}

void trm__base_bill_free(trm__base_bill *bill, void *data) {
  for (trm__base_block *b = bill->first; b; b = b->next)
    if (b->data == data) {
      drop(bill, b);
      return;
    }
}

void trm__base_bill_free_all(trm__base_bill *bill) {
  while (bill->first) drop(bill, bill->first);
}

/* End without exit handlers: those of MPI may wait for memory or for other
 * ranks. */
static void *or_end(void *data, size_t bytes) {
  if (data) return data;
  fflush(stdout);
  fprintf(stderr,
          "%s: not enough memory: cannot allocate %.3g MiB for bookkeeping; "
          "raise the limit (ulimit -v) or use fewer ranks per host\n",
          trm__base_program_name(), (double)bytes / 1048576);
  _exit(trm_status_exit(TRM_EMEMORY));
}

void *trm__base_calloc(size_t n, size_t size) {
  size_t bytes;
  if (__builtin_mul_overflow(n, size, &bytes)) bytes = SIZE_MAX;
  return or_end(calloc(n ? n : 1, size ? size : 1), bytes);
}

void *trm__base_grow(void *old, size_t n, size_t size) {
  size_t bytes;
  if (__builtin_mul_overflow(n, size, &bytes)) return or_end(NULL, SIZE_MAX);
  return or_end(realloc(old, bytes ? bytes : 1), bytes);
}

char *trm__base_strdup(const char *text) {
  return or_end(strdup(text), strlen(text) + 1);
}

char *trm__base_format(const char *format, ...) {
  va_list args;
  va_start(args, format);
  char *text = NULL;
  int n = vasprintf(&text, format, args);
  va_end(args);
  return or_end(n < 0 ? NULL : text, strlen(format));
}
