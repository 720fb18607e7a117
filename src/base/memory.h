/* Memory: zeroed, aligned, touched first by the threads that will use it, with
 * a bill per owner. */
#ifndef TRM_BASE_MEMORY_H
#define TRM_BASE_MEMORY_H

#include <stddef.h>
#include <stdint.h>

typedef struct trm__block { /* one piece of memory on a bill */
  struct trm__block *next, *previous;
  void *data;
  int64_t bytes;
  char what[64]; /* a copy: fields come and go */
} trm__block;

typedef struct trm__bill { /* zero-initialised */
  trm__block *first;
  int64_t now, peak; /* bytes */
} trm__bill;

/** Allocate on a bill; NULL when there is not enough. \param threads that touch it */
void *trm__bill_alloc(trm__bill *, const char *what, int64_t bytes,
                      int threads);
void trm__bill_free(trm__bill *, void *data);
void trm__bill_free_all(trm__bill *);

/** Small bookkeeping memory: never NULL, a failure ends the process with one
 * line. Free with free(). */
void *trm__calloc(size_t n, size_t size);
void *trm__grow(void *old, size_t n, size_t size); /* realloc */
char *trm__strdup(const char *);
char *trm__format(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

#endif
