#include "store/directory/directory.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/process.h"
#include "comm/run.h"

enum { TOKEN = 48 };

/* -- on one rank ----------------------------------------------------------- */

/* \return 0 or errno; on some file systems a directory has no fsync */
static int sync_names(const char *dir) {
  int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  int why = fd < 0 ? errno : 0;
  if (fd >= 0) {
    do why = fsync(fd) ? errno : 0;
    while (why == EINTR);
    close(fd);
  }
  return why == EINVAL || why == EROFS ? 0 : why;
}

/* The name of the directory itself, which this run or one before it made. */
static trm_status keep_name(const char *dir, trm__base_error *error) {
  char *parent = trm__base_format("%s/..", dir); /* also behind a link */
  int why = sync_names(parent);
  if (why && why != EACCES) /* then another user made it */
    trm__base_error_set(error, TRM_EFILE, "%s: cannot fsync the directory: %s",
                        parent, strerror(why));
  free(parent);
  return error->status;
}

static trm_status make(const char *dir, trm__base_error *error) {
  struct stat status;
  if (!mkdir(dir, 0777)) return TRM_OK;
  int why = errno;
  if (why == EEXIST && !stat(dir, &status)) {
    if (S_ISDIR(status.st_mode)) return TRM_OK;
    return trm__base_error_set(
        error, TRM_EINPUT,
        "%s: exists and is not a directory; name a directory "
        "for checkpoints",
        dir);
  }
  char *link = why == EEXIST ? trm__base_link_target(dir) : NULL;
  if (link) {
    trm__base_error_set(error, TRM_EINPUT,
                        "%s: is a link to %s, which does not exist; make that "
                        "directory, or name another",
                        dir, link);
    free(link);
    return TRM_EINPUT;
  }
  if (why == ENOENT || why == ENOTDIR)
    return trm__base_error_set(
        error, TRM_EINPUT,
        "%s: cannot be created: %s; its parent directory must "
        "exist",
        dir, strerror(why));
  return trm__base_error_set(error, TRM_EFILE,
                             "%s: cannot create the directory: %s", dir,
                             strerror(why));
}

static trm_status write_token(const char *dir, const char *path,
                              const char *token, trm__base_error *error) {
  int fd = trm__base_open_regular(path, O_CREAT | O_EXCL | O_WRONLY);
  size_t n = strlen(token);
  bool good = fd >= 0 && trm__base_fault("token") != TRM__FAULT_ERROR &&
              write(fd, token, n) == (ssize_t)n;
  if (!good)
    trm__base_error_set(error, TRM_EFILE,
                        "%s: cannot create files in it: %s; the directory must "
                        "be writable",
                        dir, strerror(errno));
  if (fd >= 0) close(fd);
  return error->status;
}

static bool holds_token(const char *path, const char *token) {
  char text[TOKEN] = "";
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  ssize_t n = read(fd, text, sizeof text - 1);
  close(fd);
  return n == (ssize_t)strlen(token) && !strcmp(text, token);
}

/* -- on all ---------------------------------------------------------------- */

/* Called on all ranks; one rank of each host but the first checks. */
static trm_status see_from_host(trm_run *run, const char *dir, const char *path,
                                const char *token) {
  struct trm__comm_run *own = run->own;
  trm__base_error error = {TRM_OK, ""};
  if (own->host->rank == 0 && run->rank != 0) {
    char host[65] = "";
    gethostname(host, sizeof host - 1);
    char *second = trm__base_format("%s.%d", path, own->host_index);
    if (!holds_token(path, token))
      trm__base_error_set(
          &error, TRM_EFILE,
          "%s: host %s does not see the same directory as the host "
          "of rank 0; name one on a shared file system",
          dir, host);
    else
      write_token(dir, second, token, &error);
    unlink(second);
    free(second);
  }
  return trm__comm_agree_on(run, &error);
}

trm_status trm__store_directory_check(trm_run *run, const char *dir) {
  trm__base_error error = {TRM_OK, ""};
  char token[TOKEN] = "";
  if (run->rank == 0) {
    if (make(dir, &error) == TRM_OK) keep_name(dir, &error);
    snprintf(token, sizeof token, "%d-%.0f", (int)getpid(), trm_now() * 1e9);
  }
  trm_bcast(run->comm, token, sizeof token, 0);
  char *path = trm__base_format("%s/.trireme-%s", dir, token);
  if (run->rank == 0 && error.status == TRM_OK)
    write_token(dir, path, token, &error);
  trm_status status = trm__comm_agree_on(run, &error);
  if (status == TRM_OK) status = see_from_host(run, dir, path, token);
  if (run->rank == 0) unlink(path);
  free(path);
  return status;
}

/* -- the lock -------------------------------------------------------------- */

static void holder_of(int fd, char *text, size_t size) {
  ssize_t n = pread(fd, text, size - 1, 0);
  text[n > 0 ? n : 0] = 0;
  text[strcspn(text, "\n")] = 0;
  if (!*text) snprintf(text, size, "unknown");
}

/* Another process holds the lock. On some file systems a lost host keeps its
 * locks for a while. */
static trm_status wait_or_refuse(const char *dir, int fd, double until,
                                 bool *said, trm__base_error *error) {
  char holder[200];
  holder_of(fd, holder, sizeof holder);
  if (trm_now() >= until || trm__base_signals_seen())
    return trm__base_error_set(
        error, TRM_EFILE,
        "%s: another run writes its checkpoints there now "
        "(%s); wait for its end or name another directory",
        dir, holder);
  if (!*said)
    trm__base_error_print(
        "%s: another run writes its checkpoints there now (%s); "
        "waiting up to %.0f s for its end",
        dir, holder, until - trm_now());
  *said = true;
  sleep(1);
  return TRM_OK;
}

/* Another holder may have removed the file between our open and our lock. */
static bool still_named(int fd, const char *path) {
  struct stat open, named;
  return !fstat(fd, &open) && !stat(path, &named) &&
         open.st_ino == named.st_ino && open.st_dev == named.st_dev;
}

static void sign(int fd, const char *who) {
  char host[65] = "";
  gethostname(host, sizeof host - 1);
  char *text = trm__base_format("host %s, process %d, run %s\n", host,
                                (int)getpid(), who);
  size_t n = strlen(text);
  if (ftruncate(fd, 0) || pwrite(fd, text, n, 0) != (ssize_t)n) {
    /* only the message to a second writer says less then */
  }
  free(text);
}

trm_status trm__store_lock_take(trm__store_lock *lock, const char *dir,
                                const char *who, double patience,
                                trm__base_error *error) {
  char *path = trm__base_format("%s/.trireme-lock", dir);
  double until = trm_now() + patience;
  bool said = false;
  *lock = (trm__store_lock){-1, NULL};
  for (int attempt = 0; attempt < 100 && !error->status; attempt++) {
    int fd = trm__base_open_regular(path, O_CREAT | O_RDWR);
    if (fd < 0) {
      trm__base_error_set(error, TRM_EFILE, "%s: cannot be opened: %s", path,
                          trm__base_file_why(errno));
    } else if (flock(fd, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK) {
      wait_or_refuse(dir, fd, until, &said, error);
      attempt = -1;
    } else if (still_named(fd, path)) {
      /* also on a file system without locks: no guarantee there */
      sign(fd, who);
      *lock = (trm__store_lock){fd, path};
      return TRM_OK;
    }
    if (fd >= 0) close(fd);
  }
  free(path);
  return trm__base_error_set(error, TRM_EFILE, "%s: cannot lock the directory",
                             dir);
}

void trm__store_lock_drop(trm__store_lock *lock) {
  if (!lock->path) return;
  unlink(lock->path);
  close(lock->fd);
  free(lock->path);
  *lock = (trm__store_lock){-1, NULL};
}

/* -- space ----------------------------------------------------------------- */

trm_status trm__store_directory_space(const char *dir, int64_t bytes, int files,
                                      trm__base_error *error) {
  struct statvfs fs;
  struct rlimit most;
  double required = (double)bytes / (1 << 30);
  if (!getrlimit(RLIMIT_FSIZE, &most) && most.rlim_cur != RLIM_INFINITY &&
      (rlim_t)bytes > most.rlim_cur)
    return trm__base_error_set(
        error, TRM_EFILE,
        "%s: a file of %.3f GiB is needed, but the limit of "
        "this process is %.3f GiB (ulimit -f)",
        dir, required, (double)most.rlim_cur / (1 << 30));
  if (statvfs(dir, &fs)) return TRM_OK; /* then writing will fail */
  required *= files;
  double there = (double)fs.f_bavail * (double)fs.f_frsize / (1 << 30);
  if (there >= required) return TRM_OK;
  return trm__base_error_set(
      error, TRM_EFILE,
      "%s: no space left: %.3f GiB are needed, %.3f GiB are "
      "free",
      dir, required, there);
}

trm_status trm__store_directory_sync(const char *dir, trm__base_error *error) {
  int why =
      trm__base_fault("commit") == TRM__FAULT_ERROR ? errno : sync_names(dir);
  if (why)
    trm__base_error_set(error, TRM_EFILE, "%s: cannot fsync the directory: %s",
                        dir, strerror(why));
  return error->status;
}
