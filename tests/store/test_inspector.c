/* TEST */
/* The second process that looks at a file: what its end and its report mean, and what
 * it is started with. Scripts stand for the program. */
#include "store/scratch.h"

#include <signal.h>

#include "store/verdict/inspector.h"

static bool begins = true; /* the script says so first */
static char dir[] = "/tmp/trireme-XXXXXX", program[512], file[512];

static void write_text(const char *path, const char *head, const char *text) {
  FILE *f = fopen(path, "w");
  fprintf(f, "%s%s\n", head, text);
  fclose(f);
  chmod(path, 0755);
}

static void ask(const char *script, trm_status want, trm__store_verdict verdict,
                const char *reason) {
  trm__base_error error = {TRM_OK, ""};
  trm__store_verdict got;
  write_text(program, begins ? "#!/bin/sh\necho begun >&3\n" : "#!/bin/sh\n",
             script);
  trm_status status =
      trm__store_inspector_ask(program, file, "header", &got, &error);
  CHECK__REPORT(status == want && strstr(error.text, reason) &&
                    (!status || got == verdict),
                "%s: %s, verdict %d: %s", script, trm_status_name(status), got,
                error.text);
}

static void ends(void) {
  ask("echo '0 3 ' >&3", TRM_OK, 0, "");
  ask("kill -SEGV $$", TRM_ECHECKPOINT, TRM__STORE_DAMAGED, "HDF5 crashes");
  ask("echo '0 3 ' >&3; kill -ABRT $$", TRM_ECHECKPOINT, TRM__STORE_DAMAGED,
      "signal 6, Aborted");
  ask("kill -PROF $$", TRM_ECHECKPOINT, TRM__STORE_DAMAGED,
      "does not come to an end");
  ask("exit 7", TRM_ECHECKPOINT, TRM__STORE_DAMAGED,
      "HDF5 crashes on it (exit status 7");
  ask("printf '0 3' >&3", TRM_ECHECKPOINT, TRM__STORE_DAMAGED, "HDF5 crashes");
  ask("echo '8 0 too large' >&3", TRM_ECHECKPOINT, TRM__STORE_DAMAGED,
      "too large");
  ask("echo '8 1 from the future' >&3", TRM_ECHECKPOINT, TRM__STORE_NEWER,
      "from the future");
  /* what it prints elsewhere is not its report */
  ask("echo words; echo more >&2; echo '0 3 ' >&3", TRM_OK, 0, "");
}

/* What did not begin, or was ended from outside, says nothing about the file. */
static void unknown(void) {
  ask("kill -KILL $$", TRM_EFILE, TRM__STORE_DAMAGED, "signal 9 and no report");
  begins = false;
  ask("exit 7", TRM_EFILE, TRM__STORE_DAMAGED, "status 7 and no report");
  ask("kill -SEGV $$", TRM_EFILE, TRM__STORE_DAMAGED, "signal 11");
  ask("echo '0 3 ' >&3", TRM_EFILE, TRM__STORE_DAMAGED, "status 0");
  begins = true;
}

/* Nothing of this process's MPI, none of its signals, its words in order. */
static void start(void) {
  setenv("OMPI_COMM_WORLD_RANK", "1", 1);
  setenv("PMIX_RANK", "1", 1);
  setenv("PMI_RANK", "1", 1);
  setenv("HOME_OF_OMPI_", "kept", 1);
  ask("env | grep -E '^(OMPI|PMIX|PMI|ORTE)_' >&3 || echo '0 3 ' >&3", TRM_OK,
      0, "");
  ask("[ $HOME_OF_OMPI_ = kept ] && echo '0 3 ' >&3", TRM_OK, 0, "");
  ask("[ \"$1 $2 $3\" = 'ckpt .inspect header' ] && [ -f $4 ] && echo '0 3 ' "
      ">&3",
      TRM_OK, 0, "");
  sigset_t term;
  sigemptyset(&term);
  sigaddset(&term, SIGTERM);
  sigprocmask(SIG_BLOCK, &term, NULL);
  signal(SIGTERM, SIG_IGN);
  ask("kill -TERM $$; echo '0 3 ' >&3", TRM_EFILE, TRM__STORE_DAMAGED,
      "signal 15");
  snprintf(program, sizeof program, "%s/none", dir);
  trm__base_error error = {TRM_OK, ""};
  trm__store_verdict got;
  CHECK_STATUS(trm__store_inspector_ask(program, file, "header", &got, &error),
               TRM_EFILE);
  CHECK(strstr(error.text, "No such file") != NULL);
}

/* One that is asked to ask another refuses: a program whose main ignores its words
 * would start itself for ever. */
static void no_third(void) {
  trm__store_checkpoint c;
  setenv("TRIREME_INSPECTING", "1", 1);
  ask("echo '0 3 ' >&3", TRM_EFILE, TRM__STORE_DAMAGED, "not sealed");
  CHECK_STATUS(trm__store_checkpoint_examine(program, file, false, &c),
               TRM_EFILE);
  CHECK_INT(c.bytes, 6);
  trm__store_checkpoint_clear(&c);
}

int main(void) {
  if (!mkdtemp(dir)) return 2;
  snprintf(program, sizeof program, "%s/program", dir);
  snprintf(file, sizeof file, "%s/file.h5", dir);
  write_text(file, "words", "");
  ends();
  unknown();
  no_third();
  unsetenv("TRIREME_INSPECTING");
  start();
  scratch_remove(dir);
  return check_done();
}
