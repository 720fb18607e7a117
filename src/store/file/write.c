/* Writing a checkpoint. PATH appears only when all data is on the disk and,
 * read back, equals memory. */
#include "store/file/checkpoint_file.h"

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
#include "base/process.h"
#include "comm/run.h"
#include "store/directory/directory.h"
#include "store/file/header.h"
#include "store/file/inspect.h"
#include "store/directory/names.h"

enum { STRUCTURE = 4 << 20 }; /* bytes besides the values: an upper bound */

typedef struct writer {
  trm_run *run;
  trm__store_bulk *bulk;
  trm__store_checkpoint_plan *plan;
  const char *path;
  char *part, *dir;
  trm__store_seal seal; /* of the file in memory */
  bool verify_disk, replace;
} writer;

/* -- rank 0's part --------------------------------------------------------- */

/* Detect a full disk now, not in the middle of the values. */
static trm_status reserve(const char *part, trm__base_error *error) {
  struct stat status;
  int fd = open(part, O_RDWR | O_CLOEXEC);
  bool good = fd >= 0 && trm__base_fault("reserve") != TRM__FAULT_ERROR &&
              !fstat(fd, &status);
  if (good && fallocate(fd, 0, 0, status.st_size))
    good = errno == EOPNOTSUPP || errno == ENOSYS || errno == EINTR;
  if (!good)
    trm__base_error_set(error, TRM_EFILE, "%s: cannot reserve its space: %s",
                        part, strerror(errno));
  if (fd >= 0) close(fd);
  return error->status;
}

static trm_status write_layout(writer *w, trm__base_error *error) {
  trm__store_checkpoint *checkpoint = &w->plan->checkpoint;
  time_t now = time(NULL);
  struct tm utc;
  strftime(checkpoint->stamp.written, sizeof checkpoint->stamp.written,
           "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
  int64_t bytes = w->plan->total + STRUCTURE;
  if (trm__store_directory_space(w->dir, bytes, 1, error)) return error->status;
  unlink(w->part);
  if (trm__store_header_write(w->part, checkpoint, w->plan->kept, &w->seal,
                              error))
    return error->status;
  return reserve(w->part, error);
}

static trm_status differs(const writer *w, const char *what,
                          trm__base_error *error) {
  return trm__base_error_set(
      error, TRM_EFILE,
      "%s: %s read back from the file differs from memory; "
      "do not trust this disk or file system",
      w->part, what);
}

/* The seal is checked over the bytes of the file, and compared with that of the
 * image in memory: HDF5 does not open a file that may be bad. */
static trm_status verify_structure(const writer *w, trm__base_error *error) {
  const trm__store_checkpoint *c = &w->plan->checkpoint;
  trm__store_seal seal;
  trm_status status = trm__store_seal_check(w->part, &seal, error);
  if (status == TRM_EFILE) return status;
  if (!seal.holds || seal.digest != w->seal.digest ||
      seal.bytes != w->seal.bytes) {
    error->status = TRM_OK;
    return differs(w, "the structure", error);
  }
  for (int i = 0; i < c->nfields && !error->status; i++)
    if (c->fields[i].kept &&
        trm__store_dataset_verify(w->part, &c->fields[i], error) ==
            TRM_ECHECKPOINT)
      error->status = TRM_EFILE;
  return error->status;
}

/* Rename without replacing; link() where renameat2() is not supported. */
static bool rename_new(const char *from, const char *to) {
  if (!renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE)) return true;
  if (errno != EINVAL && errno != ENOSYS) return false;
  return !link(from, to) && !unlink(from);
}

/* A run that resumed from an older checkpoint may reach a step whose name
 * exists already: the file just verified then replaces the refused one. */
static trm_status commit(writer *w, trm__base_error *error) {
  bool good = trm__base_fault("rename") != TRM__FAULT_ERROR &&
              (w->replace || rename_new(w->part, w->path));
  if (w->replace || (!good && errno == EEXIST))
    good = !rename(w->part, w->path);
  if (!good)
    return trm__base_error_set(error, TRM_EFILE,
                               "%s: cannot rename it to %s: %s", w->part,
                               w->path, strerror(errno));
  return trm__store_directory_sync(w->dir, error);
}

/* -- everyone's part ------------------------------------------------------- */

static trm_status layout_phase(writer *w) {
  trm__base_error error = {TRM_OK, ""};
  trm__store_checkpoint *checkpoint = &w->plan->checkpoint;
  if (w->run->rank == 0) write_layout(w, &error);
  TRM_TRY(trm__comm_agree_on(w->run, &error));
  trm_bcast(w->run->comm, checkpoint->fields,
            checkpoint->nfields * (int64_t)sizeof *checkpoint->fields, 0);
  return TRM_OK;
}

static trm_status values_phase(writer *w) {
  trm__base_error error = {TRM_OK, ""};
  trm__store_io io = {.fd = -1, .direct = -1};
  bool mine = trm__store_bulk_mine(w->bulk);
  if (mine) trm__store_io_open(&io, w->part, true, &error);
  trm_status status = trm__comm_agree_on(w->run, &error);
  for (int i = 0; status == TRM_OK && i < w->plan->checkpoint.nfields; i++)
    if (w->plan->fields[i])
      status = trm__store_bulk_write(
          w->bulk, &io, &w->plan->checkpoint.fields[i], w->plan->fields[i]);
  if (status == TRM_OK) {
    if (mine) trm__store_io_sync(&io, &error);
    status = trm__comm_agree_on(w->run, &error);
  }
  if (mine && w->verify_disk) trm__store_io_forget(&io);
  trm__store_io_close(&io);
  return status;
}

static trm_status verify_phase(writer *w) {
  trm__base_error error = {TRM_OK, ""};
  for (int i = 0; i < w->plan->checkpoint.nfields; i++) {
    const trm__store_dataset *f = &w->plan->checkpoint.fields[i];
    uint64_t digest = f->digest;
    if (w->plan->fields[i])
      TRM_TRY(trm__store_bulk_digest(w->bulk, w->part, f, &digest));
    if (digest != f->digest && !error.status) {
      char *what = trm__base_format("field %s", f->name);
      differs(w, what, &error);
      free(what);
    }
  }
  if (w->run->rank == 0 && !error.status) verify_structure(w, &error);
  return trm__comm_agree_on(w->run, &error);
}

static trm_status commit_phase(writer *w) {
  trm__base_error error = {TRM_OK, ""};
  if (w->run->rank == 0) commit(w, &error);
  return trm__comm_agree_on(w->run, &error);
}

trm_status trm__store_checkpoint_write(trm__store_bulk *bulk,
                                       trm__store_checkpoint_plan *plan,
                                       const char *path, bool verify_disk,
                                       bool replace) {
  writer w = {.run = trm__store_bulk_run(bulk),
              .bulk = bulk,
              .plan = plan,
              .path = path,
              .part = trm__store_path_part(path),
              .dir = trm__base_path_dir(path),
              .verify_disk = verify_disk,
              .replace = replace};
  trm_status (*const phases[])(writer *) = {layout_phase, values_phase,
                                            verify_phase, commit_phase};
  trm_status status = TRM_OK;
  for (int i = 0; status == TRM_OK && i < 4; i++) status = phases[i](&w);
  if (status && w.run->rank == 0) unlink(w.part);
  free(w.part);
  free(w.dir);
  return status;
}
