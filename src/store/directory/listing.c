/* Checkpoints of any file, and of a directory. */
#include <dirent.h>
#include <hdf5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "base/text.h"
#include "store/h5.h"
#include "store/directory/names.h"
#include "store/file/seal.h"
#include "store/file/stamp.h"
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

/* Only a file that is sealed is opened: HDF5 may crash on others. */
static bool is_checkpoint(const char *path) {
  trm__base_error ignored = {TRM_OK, ""};
  trm__store_seal seal;
  bool output = true, newer;
  if (trm__store_seal_check(path, &seal, &ignored) || !seal.holds) return false;
  hid_t file = trm__store_h5_open(path);
  if (file < 0) return false;
  trm__store_stamp stamp = {.options = NULL};
  trm__store_stamp_get(file, path, &stamp, &output, &newer, &ignored);
  trm__store_stamp_clear(&stamp);
  H5Fclose(file);
  return !output;
}

char *trm__store_stray(const char *dir) {
  DIR *open = opendir(dir);
  char *found = NULL;
  trm__store_name name;
  for (struct dirent *e; open && !found && (e = readdir(open));) {
    if (e->d_name[0] == '.' || trm__base_text_ends(e->d_name, ".abandoned") ||
        trm__base_text_ends(e->d_name, ".jsonl") ||
        trm__store_name_parse(e->d_name, &name))
      continue;
    char *path = trm__base_format("%s/%s", dir, e->d_name);
    if (is_checkpoint(path)) found = trm__base_strdup(e->d_name);
    free(path);
  }
  if (open) closedir(open);
  return found;
}
