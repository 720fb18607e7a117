/* Writing fields to a file that the user named. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "comm/run.h"
#include "store/file/checkpoint_file.h"
#include "store/file/stamp.h"
#include "store/store.h"

/* A new file, or one that replaces an old one, needs a writable directory. */
static void check_directory(const char *who, const char *path,
                            trm__base_error *error) {
  trm__base_atomic_file file;
  int failure = trm__base_atomic_file_open(&file, path);
  trm__base_atomic_file_close(&file, false);
  if (!failure) return;
  struct stat what;
  char *directory = trm__base_path_dir(path);
  bool wrong = stat(directory, &what) || !S_ISDIR(what.st_mode);
  trm__base_error_set(error, wrong ? TRM_EINPUT : TRM_EFILE,
                      "%s: the directory %s cannot be written to: %s", who,
                      directory, strerror(failure));
  free(directory);
}

static void check_path(const char *who, const char *path, bool regular,
                       trm__base_error *error) {
  struct stat what;
  if (!*trm__base_path_base(path))
    trm__base_error_set(error, TRM_EINPUT,
                        "%s: no file name; give one as in DIR/FILE", who);
  else if (stat(path, &what))
    check_directory(who, path, error);
  else if (S_ISDIR(what.st_mode))
    trm__base_error_set(error, TRM_EINPUT,
                        "%s: is a directory; give a file name", who);
  else if (regular && !S_ISREG(what.st_mode))
    trm__base_error_set(
        error, TRM_EINPUT,
        "%s: exists and is not a regular file; give a file that may "
        "be replaced",
        who);
  else if (access(path, W_OK))
    trm__base_error_set(error, TRM_EFILE, "%s: cannot be written to: %s", who,
                        strerror(errno));
  else if (regular)
    check_directory(who, path, error);
}

trm_status trm__store_output_check(trm_run *run, const char *option,
                                   const char *path, bool regular) {
  trm__base_error error = {TRM_OK, ""};
  if (!path) return TRM_OK;
  char *who =
      trm__base_format("%s%s%s", option ? option : "", option ? "=" : "", path);
  if (run->rank == 0) check_path(who, path, regular, &error);
  free(who);
  return trm__comm_agree_on(run, &error);
}

trm_status trm__store_output(trm_run *run, const char *path,
                             const trm__store_stamp *stamp) {
  TRM_TRY(trm__store_output_check(run, NULL, path, true));
  trm__store_bulk *bulk = NULL;
  trm__store_checkpoint_plan plan;
  trm__store_checkpoint_plan_make(run, true, &plan);
  trm__store_stamp_copy(&plan.checkpoint.stamp, stamp);
  trm_status status = trm__store_bulk_new(run, plan.largest, &bulk);
  if (status == TRM_OK) {
    trm__store_checkpoint_plan_digest(run, &plan);
    status = trm__store_checkpoint_write(bulk, &plan, path, false, true);
  }
  trm__store_bulk_free(&bulk);
  trm__store_checkpoint_plan_clear(&plan);
  return status;
}
