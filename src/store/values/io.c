/* Large aligned parts bypass the page cache: the copy costs more time than the
 * disk, and would evict the application's own pages. Small or unaligned parts
 * (ends of datasets) go through the cache. The two never touch the same
 * block. */
#include "store/values/io.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/process.h"

enum { DIRECT_MIN = 256 << 10, THREAD_MIN = 256 << 10 };

trm_status trm__store_io_open(trm__store_io *io, const char *path, bool write,
                              trm__base_error *error) {
  int flags = (write ? O_RDWR : O_RDONLY) | O_CLOEXEC;
  *io = (trm__store_io){.path = trm__base_strdup(path), .fd = -1, .direct = -1};
  if (trm__base_fault(write ? "open" : "reopen") != TRM__FAULT_ERROR)
    io->fd = open(path, flags);
  if (io->fd < 0)
    return trm__base_error_set(error, TRM_EFILE, "%s: cannot open: %s", path,
                               strerror(errno));
#ifdef O_DIRECT
  io->direct = open(path, flags | O_DIRECT);
#endif
  return TRM_OK;
}

void trm__store_io_close(trm__store_io *io) {
  if (io->path && io->fd >= 0) close(io->fd);
  if (io->path && io->direct >= 0) close(io->direct);
  free(io->path);
  *io = (trm__store_io){.fd = -1, .direct = -1};
}

trm_status trm__store_io_sync(trm__store_io *io, trm__base_error *error) {
  if (trm__base_fault("fsync") == TRM__FAULT_ERROR || fsync(io->fd))
    return trm__base_error_set(error, TRM_EFILE, "%s: fsync failed: %s",
                               io->path, strerror(errno));
  return TRM_OK;
}

void trm__store_io_forget(trm__store_io *io) {
  posix_fadvise(io->fd, 0, 0, POSIX_FADV_DONTNEED);
}

/* Which descriptor takes the next bytes, and how many of them. */
static int descriptor(const trm__store_io *io, const char *data, int64_t offset,
                      int64_t *bytes) {
  if (io->direct < 0 || *bytes < DIRECT_MIN || offset % TRM__IO_ALIGN ||
      (uintptr_t)data % TRM__IO_ALIGN)
    return io->fd;
  *bytes -= *bytes % TRM__IO_ALIGN;
  return io->direct;
}

static ssize_t transfer(const trm__store_transfer *job, int fd, char *data,
                        int64_t bytes, int64_t offset) {
  int fault = trm__base_fault(job->op);
  if (fault == TRM__FAULT_ERROR) return -1;
  if (fault == TRM__FAULT_SHORT && bytes > 1) bytes /= 2;
  size_t n = (size_t)bytes;
  if (!job->write) {
    ssize_t got = pread(fd, data, n, offset);
    if (fault == TRM__FAULT_FLIP && got > 0) data[got / 2] ^= 1;
    return got;
  }
  if (fault == TRM__FAULT_FLIP) data[n / 2] ^= 1;
  ssize_t put = pwrite(fd, data, n, offset);
  if (fault == TRM__FAULT_FLIP) data[n / 2] ^= 1;
#ifdef SYNC_FILE_RANGE_WRITE
  if (put > 0 &&
      fd == job->io->fd) /* start writeback before fsync waits for it */
    sync_file_range(fd, offset, put, SYNC_FILE_RANGE_WRITE);
#endif
  return put;
}

static void failed(trm__store_transfer *job, ssize_t got, int64_t bytes,
                   int64_t offset) {
  if (got == 0 && !job->write)
    trm__base_error_set(&job->error, TRM_EFILE,
                        "%s: ends before offset %" PRId64 ", %" PRId64
                        " bytes are missing",
                        job->io->path, offset, bytes);
  else
    trm__base_error_set(&job->error, TRM_EFILE,
                        "%s: cannot %s %" PRId64 " bytes at offset %" PRId64
                        ": %s",
                        job->io->path, job->write ? "write" : "read", bytes,
                        offset, got ? strerror(errno) : "nothing was written");
}

static void *run_job(void *argument) {
  trm__store_transfer *job = argument;
  char *data = job->data;
  int64_t left = job->bytes, offset = job->offset;
  bool cached = false; /* this file system takes no direct transfers */
  while (left > 0) {
    int64_t bytes = left;
    int fd = cached ? job->io->fd : descriptor(job->io, data, offset, &bytes);
    ssize_t got = transfer(job, fd, data, bytes, offset);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EINVAL && fd == job->io->direct) {
      cached = true;
      continue;
    }
    if (got <= 0) {
      failed(job, got, left, offset);
      break;
    }
    data += got;
    offset += got;
    left -= got;
  }
  return NULL;
}

void trm__store_transfer_start(trm__store_transfer *job) {
  job->threaded = false;
  if (job->bytes >= THREAD_MIN) { /* signals are for the caller's thread */
    sigset_t everything, before;
    sigfillset(&everything);
    pthread_sigmask(SIG_SETMASK, &everything, &before);
    job->threaded = !pthread_create(&job->thread, NULL, run_job, job);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
  }
  if (!job->threaded) run_job(job);
}

trm_status trm__store_transfer_finish(trm__store_transfer *job) {
  if (job->threaded) pthread_join(job->thread, NULL);
  job->threaded = false;
  return job->error.status;
}
