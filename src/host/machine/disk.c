/* The disk: write + fsync, and read after dropping it from the page cache. One
 * file per host, unlinked as soon as it is open. */
#include "host/machine/machine.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/memory.h"

enum { PIECES = 4, MARK = 512 }; /* words between two that are checked */

typedef struct disk {
  int file; /* -1: none */
  const char *directory;
  int64_t bytes; /* of a piece */
  uint64_t *data;
  int error;  /* errno of the first failure */
  bool wrong; /* read something else than was written */
  int round;
  trm__host_samples write, read;
} disk;

static int open_file(const char *directory) {
  char *path = trm__base_format("%s/.trireme-disk-XXXXXX", directory);
  int file = mkstemp(path);
  int error = errno;
  if (file >= 0) unlink(path);
  free(path);
  errno = error;
  return file;
}

trm_status trm__host_disk_may_write(const char *directory,
                                    trm__base_error *error) {
  int file = open_file(directory);
  if (file < 0)
    return trm__base_error_set(error, TRM_EFILE,
                               "--dir=%s: %s; give a writable directory, or "
                               "--dir none",
                               directory, strerror(errno));
  close(file);
  return TRM_OK;
}

static bool move_all(disk *d, bool write, off_t at) {
  int64_t done = 0;
  while (done < d->bytes) {
    char *p = (char *)d->data + done;
    size_t n = (size_t)(d->bytes - done);
    ssize_t got = write ? pwrite(d->file, p, n, at + done)
                        : pread(d->file, p, n, at + done);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) {
      d->error = got < 0 && errno ? errno : EIO;
      return false;
    }
    done += got;
  }
  return true;
}

static void mark(disk *d) {
  for (int64_t i = 0; i < d->bytes / 8; i += MARK)
    d->data[i] = (uint64_t)(i + d->round);
}

static bool is_marked(const disk *d) {
  for (int64_t i = 0; i < d->bytes / 8; i += MARK)
    if (d->data[i] != (uint64_t)(i + d->round)) return false;
  return true;
}

/* A piece written, synced, forgotten and read back. The first write of a file
 * is separate: it allocates blocks. */
static void write_read(trm__host_stage *stage, void *what, int threads) {
  disk *d = what;
  off_t at = d->round % PIECES * d->bytes;
  (void)stage, (void)threads;
  if (d->file < 0 || d->error || d->wrong) return;
  mark(d);
  double since = trm_now();
  if (!move_all(d, true, at)) return;
  if (fsync(d->file)) {
    d->error = errno;
    return;
  }
  double written = trm_now();
  posix_fadvise(d->file, at, d->bytes, POSIX_FADV_DONTNEED);
  memset(d->data, 0, (size_t)d->bytes);
  double before = trm_now();
  if (!move_all(d, false, at)) return;
  double seconds = trm_now() - before;
  d->wrong = !is_marked(d);
  if (d->round++ == 0) return;
  trm__host_samples_add(&d->write, (double)d->bytes / (written - since));
  trm__host_samples_add(&d->read, (double)d->bytes / seconds);
}

static trm_status open_disk(trm__host_stage *stage, disk *d) {
  struct statvfs fs;
  void *data;
  d->file = open_file(d->directory);
  if (d->file < 0)
    return trm_fail(stage->run, TRM_EFILE, "--dir=%s: %s", d->directory,
                    strerror(errno));
  if (!fstatvfs(d->file, &fs) &&
      (double)fs.f_bavail * (double)fs.f_frsize < 2.0 * PIECES * d->bytes)
    return trm_fail(stage->run, TRM_EFILE,
                    "--dir=%s: less than %lld MiB free; give another "
                    "directory, or --dir none",
                    d->directory, (long long)(2 * PIECES * d->bytes >> 20));
  TRM_TRY(trm_alloc(stage->run, "the disk test", d->bytes, &data));
  d->data = data;
  return TRM_OK;
}

static trm_status result(trm__host_stage *stage, const disk *d) {
  if (d->wrong)
    return trm_fail(stage->run, TRM_EVERIFY,
                    "--dir=%s: data read back differs from data written",
                    d->directory);
  if (d->error)
    return trm_fail(stage->run, TRM_EFILE, "--dir=%s: %s", d->directory,
                    strerror(d->error));
  return TRM_OK;
}

trm_status trm__host_measure_disk(trm__host_stage *stage,
                                  const char *directory) {
  disk d = {.file = -1, .directory = directory};
  void *data;
  d.bytes = stage->quick ? 16 << 20 : 64 << 20;
  trm_status status = stage->leader ? open_disk(stage, &d) : TRM_OK;
  status = trm_agree(stage->run, status);
  for (int r = 0; !status && trm__host_turn(stage, r); r++)
    trm__host_one(stage, write_read, &d);
  stage->machine->disk_write = trm__host_samples_figure(&d.write, TRM__HIGHER);
  stage->machine->disk_read = trm__host_samples_figure(&d.read, TRM__HIGHER);
  trm__host_samples_clear(&d.write);
  trm__host_samples_clear(&d.read);
  if (d.file >= 0) close(d.file);
  data = d.data;
  trm_release(stage->run, &data);
  return status ? status : trm_agree(stage->run, result(stage, &d));
}
