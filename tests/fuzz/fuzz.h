/* What the fuzz targets share. Each target is one file: libFuzzer calls
 * LLVMFuzzerTestOneInput with bytes that it makes up from tests/fuzz/seeds/NAME and from
 * what real runs write (test_inputs.sh). A target must neither crash, leak nor hang. */
#ifndef TRM_TESTS_FUZZ_H
#define TRM_TESTS_FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The bytes as a text; free with free(). */
static inline char *fuzz_text(const uint8_t *data, size_t size) {
  char *text = malloc(size + 1);
  if (size) memcpy(text, data, size);
  text[size] = 0;
  return text;
}

/* A file in memory with these bytes, by its path; close the descriptor. */
static inline int fuzz_file(const void *data, size_t size, char path[64]) {
  int file = memfd_create("fuzz", 0);
  if (file < 0 || write(file, data, size) != (ssize_t)size) abort();
  snprintf(path, 64, "/proc/self/fd/%d", file);
  return file;
}

/* The directory for files, of the script that runs this. */
static inline char *fuzz_dir(void) {
  char *dir = getenv("FUZZ_DIR");
  return dir ? dir : "/tmp";
}

/* Write the file NAME there; free the path with free(). */
static inline char *fuzz_here(const char *name, const void *data, size_t size) {
  char *path = NULL;
  if (asprintf(&path, "%s/%s", fuzz_dir(), name) < 0) abort();
  FILE *file = fopen(path, "w");
  if (!file) abort();
  if (size) fwrite(data, 1, size, file);
  fclose(file);
  return path;
}

/* Where the first line ends: behind its newline, or at the end. */
static inline size_t fuzz_line(const uint8_t *data, size_t size) {
  const uint8_t *end = size ? memchr(data, '\n', size) : NULL;
  return end ? (size_t)(end - data) + 1 : size;
}

#endif
