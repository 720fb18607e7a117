/* Memory: zeroed, aligned, first touched by the threads that will use it, with
 * an account (bill) per owner. */
#ifndef TRM_BASE_MEMORY_H
#define TRM_BASE_MEMORY_H

#include <stddef.h>
#include <stdint.h>

typedef struct trm__base_block { /* a block of memory on a bill */
  struct trm__base_block *next, *previous;
  void *data;
  int64_t bytes;
  char what[64]; /* a copy, because fields may be freed */
} trm__base_block;

typedef struct trm__base_bill { /* zero-initialised */
  trm__base_block *first;
  int64_t now, peak; /* bytes */
} trm__base_bill;

/** Allocate on a bill; NULL if memory is insufficient.
 * \param threads number of threads that touch it */
void *trm__base_bill_alloc(trm__base_bill *, const char *what, int64_t bytes,
                           int threads);
void trm__base_bill_free(trm__base_bill *, void *data);
void trm__base_bill_free_all(trm__base_bill *);

/** Allocate small bookkeeping memory: never NULL; a failure ends the process
 * with one line. Free with free(). */
void *trm__base_calloc(size_t n, size_t size);
void *trm__base_grow(void *old, size_t n, size_t size); /* realloc */
char *trm__base_strdup(const char *);
char *trm__base_format(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

#endif
