/* Writing fields to a file that the user named. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "comm/own.h"
#include "store/names.h"
#include "store/set.h"
#include "store/stamp.h"
#include "store/store.h"

/* Is there a directory to write to, and nothing at PATH that is no file? */
static trm_status check_path(const char *path, trm__error *error) {
  struct stat status;
  if (!*trm__path_base(path))
    return trm__error_set(error, TRM_EINPUT,
                          "%s: not a file's name; name one as in DIR/out.h5",
                          path);
  if (!stat(path, &status) && !S_ISREG(status.st_mode))
    return trm__error_set(
        error, TRM_EINPUT,
        "%s: exists and is %s; name a file that may be "
        "written or replaced",
        path, S_ISDIR(status.st_mode) ? "a directory" : "not a regular file");
  char *dir = trm__path_dir(path);
  if (stat(dir, &status))
    trm__error_set(error, errno == ENOENT ? TRM_EINPUT : TRM_EFILE,
                   "%s: cannot be written: directory %s: %s", path, dir,
                   strerror(errno));
  else if (!S_ISDIR(status.st_mode))
    trm__error_set(error, TRM_EINPUT,
                   "%s: cannot be written: %s is not a directory", path, dir);
  free(dir);
  return error->status;
}

/* The file is written under another name: can that be made? */
static trm_status check_writable(const char *path, trm__error *error) {
  if (check_path(path, error)) return error->status;
  char *part = trm__path_part(path);
  int fd = open(part, O_CREAT | O_WRONLY | O_CLOEXEC, 0666);
  if (fd < 0)
    trm__error_set(error, TRM_EFILE, "%s: cannot be written: %s", path,
                   strerror(errno));
  else
    close(fd);
  unlink(part);
  free(part);
  return error->status;
}

trm_status trm__store_output_check(trm_run *run, const char *path) {
  trm__error error = {TRM_OK, ""};
  if (run->rank == 0 && check_writable(path, &error))
    trm_fail(run, error.status, "%s", error.text);
  return trm_agree(run, error.status);
}

trm_status trm__store_output(trm_run *run, const char *path,
                             const trm__stamp *stamp) {
  TRM_TRY(trm__store_output_check(run, path));
  trm__bulk *bulk = NULL;
  trm__set_plan plan;
  trm__set_plan_make(run, true, &plan);
  trm__stamp_copy(&plan.set.stamp, stamp);
  trm_status status = trm__bulk_new(run, plan.largest, &bulk);
  if (status == TRM_OK) {
    trm__set_plan_digest(run, &plan);
    status = trm__set_write(bulk, &plan, path, false, true);
  }
  trm__bulk_free(&bulk);
  trm__set_plan_clear(&plan);
  return status;
}
