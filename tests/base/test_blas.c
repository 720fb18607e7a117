/* TEST
 * OpenBLAS, in each of the builds that are installed here, and in the one that
 * $TRIREME_BLAS names: no thread of its own when the program starts, when it is
 * loaded, and when several threads call it. */
#include "base/blas.h"

#include <dirent.h>
#include <glob.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/memory.h"
#include "check.h"

enum { TEAM = 3, N = 200 };

static int threads_now(void) {
  int n = 0;
  DIR *tasks = opendir("/proc/self/task");
  for (struct dirent *e; tasks && (e = readdir(tasks));)
    n += e->d_name[0] != '.';
  if (tasks) closedir(tasks);
  return n;
}

/* Elements of a product of small integers that are wrong. */
static int multiply(const trm__base_blas *blas, int shift) {
  double *a = calloc(3 * N * N, sizeof *a), *b = a + N * N, *c = b + N * N;
  int wrong = 0;
  for (int i = 0; i < N * N; i++) {
    a[i] = i % 7 + shift;
    b[i] = i % 5;
  }
  blas->cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, N, N, N, 1, a, N,
                    b, N, 0, c, N);
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j += 17) {
      double sum = 0;
      for (int k = 0; k < N; k++) sum += a[i * N + k] * b[k * N + j];
      wrong += sum != c[i * N + j];
    }
  free(a);
  return wrong;
}

static void call(const trm__base_blas *blas) {
  int wrong = 0;
#pragma omp parallel num_threads(1) reduction(+ : wrong)
  {
    omp_set_num_threads(1);
    wrong += multiply(blas, 1);
  }
  CHECK_INT(threads_now(), 1);
#pragma omp parallel num_threads(TEAM) reduction(+ : wrong)
  for (int i = 0; i < 5; i++) wrong += multiply(blas, omp_get_thread_num());
  CHECK_INT(wrong, 0);
  CHECK_INT(threads_now(), TEAM);
}

/* What the user chose for other libraries is there afterwards. */
static void check_build(const char *path) {
  trm__base_blas blas;
  trm__base_error error = {TRM_OK, ""};
  if (path) setenv("TRIREME_BLAS", path, 1);
  setenv("OPENBLAS_NUM_THREADS", "2", 1);
  CHECK_INT(threads_now(), 1);
  CHECK_INT(trm__base_blas_load(&blas, &error), TRM_OK);
  CHECK_TEXT(error.text, "");
  CHECK_INT(threads_now(), 1);
  CHECK_TEXT(getenv("OPENBLAS_NUM_THREADS"), "2");
  CHECK(strstr(blas.config, "OpenBLAS"));
  if (path) CHECK_TEXT(blas.path, path);
  call(&blas);
  CHECK_INT(trm__base_blas_load(&blas, &error), TRM_OK);
  CHECK_INT(threads_now(), TEAM);
}

/* A process each: a library stays loaded. */
static void in_child(const char *path) {
  int status = -1;
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    check_build(path);
    _exit(check_done());
  }
  CHECK(child > 0 && waitpid(child, &status, 0) == child);
  CHECK__REPORT(status == 0, "%s: wait status %d", path ? path : "default",
                status);
}

static void refused(const char *path, const char *what) {
  trm__base_blas blas;
  trm__base_error error = {TRM_OK, ""};
  setenv("TRIREME_BLAS", path, 1);
  CHECK_INT(trm__base_blas_load(&blas, &error), TRM_EFILE);
  CHECK__REPORT(strstr(error.text, what), "\"%s\" lacks \"%s\"", error.text,
                what);
  CHECK(strstr(error.text, path));
  CHECK(strstr(error.text, "set TRIREME_BLAS to the path of an OpenBLAS"));
  CHECK(!strchr(error.text, '\n'));
  CHECK(!getenv("OPENBLAS_NUM_THREADS"));
}

int main(void) {
  glob_t builds;
  const char *given = getenv("TRIREME_BLAS");
  char *named = given ? trm__base_strdup(given) : NULL;
  CHECK_INT(threads_now(), 1);
  unsetenv("OPENBLAS_NUM_THREADS");
  refused("/no/such/library.so", "No such file");
  refused("libm.so.6", "is not OpenBLAS");
  unsetenv("TRIREME_BLAS");
  in_child(NULL);
  if (named) in_child(named);
  free(named);
  glob("/usr/lib/*/openblas-*/libopenblas.so.0", 0, NULL, &builds);
  for (size_t i = 0; i < builds.gl_pathc; i++) in_child(builds.gl_pathv[i]);
  globfree(&builds);
  return check_done();
}
