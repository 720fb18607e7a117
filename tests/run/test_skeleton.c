/* TEST shapes=1x2,3x1,5x2 */
/* The kernel to copy compiles, runs and is right. */
#include "../../kernels/_skeleton.c"

#include <stdlib.h>

int main(void) {
  static const trm_listed kernels[] = {
      {"skeleton", &trm_kernel__skeleton, sizeof(trm_kernel)}, TRM_LIST_END};
  char *threads = getenv("CHECK_THREADS");
  char *words[] = {"test",
                   "run",
                   "skeleton",
                   "--n",
                   "101",
                   "--from",
                   "50",
                   "--steps",
                   "30",
                   "--threads",
                   threads ? threads : "1",
                   NULL};
  return trm_main(11, words, kernels);
}
