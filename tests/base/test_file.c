/* TEST */
/* Files written aside: what was there stays until what takes its place is whole. */
#include "check.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

static char directory[] = "/tmp/trireme.XXXXXX";
static char path[64];

static void check_text(const char *want) {
  char text[64] = "";
  FILE *file = fopen(path, "r");
  CHECK((file != NULL) == (want != NULL));
  if (!file) return;
  text[fread(text, 1, sizeof text - 1, file)] = 0;
  fclose(file);
  CHECK_TEXT(text, want);
}

static int entries(void) {
  int n = 0;
  DIR *open = opendir(directory);
  while (readdir(open)) n++;
  closedir(open);
  return n - 2; /* . and .. */
}

static int put(const char *text, bool wanted) {
  trm__base_atomic_file file;
  CHECK_INT(trm__base_atomic_file_open(&file, path), 0);
  fputs(text, file.to);
  return trm__base_atomic_file_close(&file, wanted);
}

static void replaced(void) {
  trm__base_atomic_file file;
  CHECK_INT(put("one", false), 0);
  check_text(NULL);
  CHECK_INT(entries(), 0);
  CHECK_INT(put("one", true), 0);
  check_text("one");
  CHECK_INT(trm__base_atomic_file_open(&file, path), 0);
  fputs("two", file.to);
  fflush(file.to);
  check_text("one");
  CHECK_INT(entries(), 2);
  CHECK_INT(trm__base_atomic_file_close(&file, true), 0);
  check_text("two");
  CHECK_INT(entries(), 1);
}

/* A file that cannot grow, a name that is taken by a directory, no directory. */
static void failures(void) {
  char much[9000];
  struct rlimit was, small;
  trm__base_atomic_file file;
  memset(much, 'x', sizeof much - 1);
  much[sizeof much - 1] = 0;
  getrlimit(RLIMIT_FSIZE, &was);
  small = (struct rlimit){4096, was.rlim_max};
  signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &small);
  CHECK_INT(put(much, true), EFBIG);
  setrlimit(RLIMIT_FSIZE, &was);
  check_text("two");
  CHECK_INT(entries(), 1);
  unlink(path);
  CHECK_INT(mkdir(path, 0700), 0);
  CHECK_INT(put("three", true), EISDIR);
  CHECK_INT(entries(), 1);
  rmdir(path);
  strcat(path, "/deep");
  CHECK_INT(trm__base_atomic_file_open(&file, path), ENOENT);
  CHECK(file.to == NULL);
  CHECK_INT(trm__base_atomic_file_close(&file, true), 0);
}

static void check_path(const char *whole, const char *dir, const char *base) {
  char *got = trm__base_path_dir(whole);
  CHECK_TEXT(got, dir);
  CHECK_TEXT(trm__base_path_base(whole), base);
  free(got);
}

int main(void) {
  if (!mkdtemp(directory)) return 2;
  snprintf(path, sizeof path, "%s/file", directory);
  replaced();
  failures();
  check_path("a", ".", "a");
  check_path("/a", "/", "a");
  check_path("b/c/a", "b/c", "a");
  check_path("b/", "b", "");
  rmdir(directory);
  return check_done();
}
