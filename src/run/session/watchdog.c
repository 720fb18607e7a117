#include "run/session/watchdog.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"

struct trm__run_watchdog {
  pthread_t thread;
  pthread_mutex_t mutex;
  pthread_cond_t changed;
  bool stopped, running;
  struct timespec until;
  char *line;
  int exit_code;
};

static void *watch(void *argument) {
  trm__run_watchdog *dog = argument;
  pthread_mutex_lock(&dog->mutex);
  int late = 0;
  while (!dog->stopped && late != ETIMEDOUT)
    late = pthread_cond_timedwait(&dog->changed, &dog->mutex, &dog->until);
  bool bite = !dog->stopped;
  pthread_mutex_unlock(&dog->mutex);
  if (!bite) return NULL;
  ssize_t written = write(STDERR_FILENO, dog->line, strlen(dog->line));
  (void)written;
  _exit(dog->exit_code);
}

trm__run_watchdog *trm__run_watchdog_start(double seconds, const char *line,
                                           int exit_code) {
  trm__run_watchdog *dog = trm__base_calloc(1, sizeof *dog);
  dog->line = trm__base_format("%s\n", line);
  dog->exit_code = exit_code;
  pthread_condattr_t monotonic;
  pthread_condattr_init(&monotonic);
  pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
  pthread_cond_init(&dog->changed, &monotonic);
  pthread_condattr_destroy(&monotonic);
  pthread_mutex_init(&dog->mutex, NULL);
  clock_gettime(CLOCK_MONOTONIC, &dog->until);
  dog->until.tv_sec += (time_t)seconds;
  dog->running = !pthread_create(&dog->thread, NULL, watch, dog);
  return dog;
}

void trm__run_watchdog_stop(trm__run_watchdog **pointer) {
  trm__run_watchdog *dog = *pointer;
  if (!dog) return;
  pthread_mutex_lock(&dog->mutex);
  dog->stopped = true;
  pthread_cond_signal(&dog->changed);
  pthread_mutex_unlock(&dog->mutex);
  if (dog->running) pthread_join(dog->thread, NULL);
  pthread_cond_destroy(&dog->changed);
  pthread_mutex_destroy(&dog->mutex);
  free(dog->line);
  free(dog);
  *pointer = NULL;
}
