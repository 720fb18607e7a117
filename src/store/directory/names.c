#include "store/directory/names.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"

enum { ID = 16, STEP = 12 };

char *trm__store_name_make(const char *kernel, const char *run_id,
                           int64_t step) {
  return trm__base_format("%s-%s-%012" PRId64 ".h5", kernel, run_id, step);
}

static bool all(const char *text, size_t n, int (*is)(int)) {
  for (size_t i = 0; i < n; i++)
    if (!is((unsigned char)text[i])) return false;
  return true;
}

/* Parse from the end: a kernel's name may contain dashes. */
bool trm__store_name_parse(const char *file, trm__store_name *name) {
  size_t n = strlen(file);
  if (n >= sizeof name->file || n < 3 || file[0] == '.') return false;
  if (strcmp(file + n - 3, ".h5")) return false;
  const char *end = file + n - 3, *step = end;
  while (step > file && isdigit((unsigned char)step[-1])) step--;
  if (end - step < STEP || end - step > 18) return false;
  if (end - step > STEP && *step == '0') return false;
  if (step - file < 1 + 1 + ID + 1) return false;
  const char *id = step - 1 - ID;
  if (step[-1] != '-' || id[-1] != '-' || !all(id, ID, isxdigit)) return false;
  size_t kernel = (size_t)(id - 1 - file);
  if (kernel >= sizeof name->kernel) return false;
  memset(name, 0, sizeof *name);
  memcpy(name->file, file, n);
  memcpy(name->kernel, file, kernel);
  memcpy(name->run_id, id, ID);
  name->step = strtoll(step, NULL, 10);
  return true;
}

static int later_first(const void *a, const void *b) {
  const trm__store_name *x = a, *y = b;
  if (x->step != y->step) return x->step < y->step ? 1 : -1;
  return strcmp(x->file, y->file);
}

static trm_status cannot_list(const char *dir, trm__base_error *error) {
  bool named = errno == ENOENT || errno == ENOTDIR || errno == EACCES;
  return trm__base_error_set(error, named ? TRM_EINPUT : TRM_EFILE,
                             "%s: cannot list the directory: %s", dir,
                             strerror(errno));
}

/* The next entry; NULL with errno 0: the end. An error is not the end: a run
 * that missed its checkpoints would begin again. */
static struct dirent *next_entry(DIR *open) {
  struct dirent *entry;
  do errno = 0;
  while (!(entry = readdir(open)) && errno == EINTR);
  return entry;
}

trm_status trm__store_names_list(const char *dir, trm__store_name **names,
                                 int *n, trm__base_error *error) {
  *names = NULL;
  *n = 0;
  DIR *open = opendir(dir);
  if (!open) return cannot_list(dir, error);
  trm__store_name name;
  for (struct dirent *entry; (entry = next_entry(open));) {
    if (!trm__store_name_parse(entry->d_name, &name)) continue;
    *names = trm__base_grow(*names, (size_t)*n + 1, sizeof **names);
    (*names)[(*n)++] = name;
  }
  if (errno) {
    cannot_list(dir, error);
    free(*names);
    *names = NULL;
    *n = 0;
  }
  closedir(open);
  if (*n) qsort(*names, (size_t)*n, sizeof **names, later_first);
  return error->status;
}

/* A checkpoint that was being written. */
static bool is_part(const char *file) {
  trm__store_name name;
  size_t n = strlen(file);
  if (n < 6 || file[0] != '.' || strcmp(file + n - 5, ".part")) return false;
  char *inner = trm__base_strdup(file + 1);
  inner[n - 1 - 5] = 0;
  bool ours = trm__store_name_parse(inner, &name);
  free(inner);
  return ours;
}

/* A token by which hosts verify that they share the directory. A recent one may
 * belong to a run that is starting. */
static bool is_old_token(int dir, const char *file) {
  struct stat status;
  return !strncmp(file, ".trireme-", 9) && strcmp(file, ".trireme-lock") &&
         !fstatat(dir, file, &status, AT_SYMLINK_NOFOLLOW) &&
         time(NULL) - status.st_mtime > 60;
}

void trm__store_names_clean(const char *dir) {
  DIR *open = opendir(dir);
  if (!open) return;
  for (struct dirent *entry; (entry = readdir(open));)
    if (is_part(entry->d_name) || is_old_token(dirfd(open), entry->d_name))
      unlinkat(dirfd(open), entry->d_name, 0);
  closedir(open);
}

char *trm__store_path_part(const char *path) {
  const char *base = trm__base_path_base(path);
  return trm__base_format("%.*s.%s.part", (int)(base - path), path, base);
}
