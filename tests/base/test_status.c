/* TEST */
/* Names, texts and exit codes of the statuses, and names and sizes of types. */
#include <trireme/kernel.h>

#include "check.h"

static trm_status fails(trm_status status, int *reached) {
  TRM_TRY(status);
  ++*reached;
  return TRM_OK;
}

int main(void) {
  CHECK_TEXT(trm_status_name(TRM_OK), "OK");
  CHECK_TEXT(trm_status_name(TRM_EINTERRUPTED), "EINTERRUPTED");
  CHECK_TEXT(trm_status_text(TRM_EOPTION), "bad option");
  CHECK_TEXT(trm_status_name((trm_status)99), "unknown");
  CHECK_TEXT(trm_status_text((trm_status)-1), "unknown status");
  CHECK_INT(trm_status_exit((trm_status)99), 3);
  static const int exits[TRM_STATUS_COUNT] = {0, 0, 75, 1, 2, 2, 2,
                                              2, 3, 3,  3, 3, 3};
  for (int s = 0; s < TRM_STATUS_COUNT; s++) {
    CHECK_INT(trm_status_exit((trm_status)s), exits[s]);
    CHECK(strlen(trm_status_text((trm_status)s)) > 3);
    for (int t = 0; t < s; t++)
      CHECK(strcmp(trm_status_text((trm_status)s),
                   trm_status_text((trm_status)t)));
  }
  int reached = 0;
  CHECK_STATUS(fails(TRM_OK, &reached), TRM_OK);
  CHECK_STATUS(fails(TRM_DONE, &reached), TRM_DONE);
  CHECK_STATUS(fails(TRM_EFILE, &reached), TRM_EFILE);
  CHECK_INT(reached, 1);
  static const char *const names[] = {"f64", "f32", "i64", "i32",
                                      "u64", "u8",  "c128"};
  static const int sizes[] = {8, 4, 8, 4, 8, 1, 16};
  for (int t = 0; t < TRM_TYPE_COUNT; t++) {
    CHECK_TEXT(trm_type_name((trm_type)t), names[t]);
    CHECK_INT(trm_type_size((trm_type)t), sizes[t]);
  }
  CHECK_INT(trm_type_size(TRM_TEXT), 0);
  CHECK_TEXT(trm_type_name(TRM_FLAG), "flag");
  return check_done();
}
