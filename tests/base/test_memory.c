/* TEST */
/* Memory: aligned, zeroed, on a bill; bookkeeping that never fails quietly. */
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

#include "base/memory.h"

static bool all_zero(const char *data, int64_t bytes) {
  for (int64_t i = 0; i < bytes; i++)
    if (data[i]) return false;
  return true;
}

/* Sizes around the border to huge pages; memory is zero also when it is reused.
 */
static void sizes(void) {
  trm__base_bill bill = {0};
  int64_t huge = 2 << 20,
          list[] = {0, 1, 63, 64, 65, huge - 1, huge, huge + 1, 9 * huge};
  for (int round = 0; round < 2; round++)
    for (int i = 0; i < 9; i++) {
      char *data = trm__base_bill_alloc(&bill, "piece", list[i], 1 + round);
      CHECK(data &&
            (uintptr_t)data % (list[i] < huge ? 64 : (uintptr_t)huge) == 0);
      CHECK(all_zero(data, list[i]));
      CHECK(bill.now >= list[i] && bill.now <= list[i] + huge);
      memset(data, 1, (size_t)list[i]);
      trm__base_bill_free(&bill, data);
      CHECK_INT(bill.now, 0);
    }
  CHECK(bill.peak >= 9 * huge && bill.peak <= 10 * huge);
}

static void many(void) {
  trm__base_bill bill = {0};
  void *data[5];
  char name[16] = "first";
  for (int i = 0; i < 5; i++)
    data[i] = trm__base_bill_alloc(&bill, name, 100, 1);
  strcpy(name, "changed");
  CHECK_INT(bill.now, 5 * 128);
  for (trm__base_block *b = bill.first; b; b = b->next)
    CHECK_TEXT(b->what, "first");
  trm__base_bill_free(&bill, data[2]); /* middle, last, first */
  trm__base_bill_free(&bill, data[0]);
  trm__base_bill_free(&bill, data[4]);
  trm__base_bill_free(&bill, data[4]);
  CHECK_INT(bill.now, 2 * 128);
  trm__base_bill_free_all(&bill);
  CHECK(bill.now == 0 && bill.first == NULL);
  CHECK_INT(bill.peak, 5 * 128);
}

static void too_much(void) {
  trm__base_bill bill = {0};
  CHECK(!trm__base_bill_alloc(&bill, "x", -1, 1));
  CHECK(!trm__base_bill_alloc(&bill, "x", INT64_MAX, 1));
  CHECK(!trm__base_bill_alloc(&bill, "x", (int64_t)1 << 60, 1));
  CHECK(bill.now == 0 && bill.peak == 0);
}

/* The process ends with the status for memory, not by a signal. */
static void no_bookkeeping(void) {
  int status = 0;
  pid_t child = fork();
  if (child == 0) {
    close(STDERR_FILENO);
    trm__base_calloc(1, SIZE_MAX / 4);
    _exit(0);
  }
  CHECK(child > 0 && waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK_INT(WEXITSTATUS(status), 3);
}

static void bookkeeping(void) {
  int64_t *list = trm__base_calloc(0, 8);
  CHECK(list);
  list = trm__base_grow(list, 1000, sizeof *list);
  list[999] = 7;
  list = trm__base_grow(list, 0, sizeof *list);
  CHECK(list);
  free(list);
  char *text = trm__base_format("%d of %s", 3, "x"),
       *copy = trm__base_strdup(text);
  CHECK_TEXT(copy, "3 of x");
  free(text);
  free(copy);
}

int main(void) {
  sizes();
  many();
  too_much();
  bookkeeping();
  no_bookkeeping();
  return check_done();
}
