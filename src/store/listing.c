/* Checkpoints of any file, and of a directory. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "store/names.h"
#include "store/store.h"
#include "store/verdict/inspector.h"

trm_status trm__store_checkpoint_examine(const char *program, const char *path,
                                         bool values,
                                         trm__store_checkpoint *checkpoint) {
  trm__base_error error = {TRM_OK, ""};
  trm__store_verdict verdict;
  struct stat file;
  if (!program || !trm__store_inspector_needed(path) ||
      trm__store_inspector_ask(program, path, values ? "values" : "header",
                               &verdict, &error) == TRM_OK)
    return trm__store_checkpoint_inspect(path, checkpoint);
  memset(checkpoint, 0, sizeof *checkpoint);
  snprintf(checkpoint->path, sizeof checkpoint->path, "%s", path);
  checkpoint->bytes = stat(path, &file) ? 0 : file.st_size;
  checkpoint->verdict = verdict;
  checkpoint->error = error;
  return error.status;
}

trm_status trm__store_checkpoints_list(const char *dir, const char *program,
                                       bool values,
                                       trm__store_checkpoint **checkpoints,
                                       int *n, trm__base_error *error) {
  trm__store_name *names;
  *checkpoints = NULL;
  if (trm__store_names_list(dir, &names, n, error)) return error->status;
  *checkpoints = trm__base_calloc((size_t)*n, sizeof **checkpoints);
  for (int i = 0; i < *n; i++) {
    char *path = trm__base_format("%s/%s", dir, names[i].file);
    trm__store_checkpoint_examine(program, path, values, &(*checkpoints)[i]);
    free(path);
  }
  free(names);
  return TRM_OK;
}

void trm__store_checkpoints_free(trm__store_checkpoint **checkpoints, int n) {
  if (!*checkpoints) return;
  for (int i = 0; i < n; i++) trm__store_checkpoint_clear(&(*checkpoints)[i]);
  free(*checkpoints);
  *checkpoints = NULL;
}
