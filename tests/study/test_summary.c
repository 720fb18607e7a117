/* TEST */
/* What a study says at a terminal: what its speed-ups are over, and the serial
 * fraction, of one problem alone, and what it means where it rises. */
#include "check.h"

#include "study/report/text/laws.h"
#include "study/report/text/summary.h"
#include "synthetic.h"

static trm__study study_of(const synthetic *m, trm__study_mode mode, int n,
                           const int ranks[]) {
  trm__study s = {.seed = 1, .kernel = trm__base_strdup("planted")};
  for (int k = 0; k < 7; k++)
    for (int i = 0; i < n; i++) {
      synthetic noisy = *m;
      noisy.work *= 1 + 0.001 * ((3 * k + i) % 7);
      recorded_add(&s, mode, synthetic_result(&noisy, ranks[i], 1));
    }
  return s;
}

/* In one line: where it is wrapped is not the question. */
static void print(const synthetic *m, trm__study_mode mode, int n,
                  const int ranks[], char said[4096]) {
  trm__study s = study_of(m, mode, n, ranks);
  trm__study_points points = trm__study_points_of(&s);
  FILE *file = tmpfile();
  size_t length = 0;
  int last = 0, c;
  trm__study_print(file, &s, &points);
  rewind(file);
  while ((c = fgetc(file)) != EOF && length < 4095) {
    if (c == '\n') c = ' ';
    if (c != ' ' || last != ' ') said[length++] = (char)c;
    last = c;
  }
  said[length] = 0;
  fclose(file);
  trm__study_points_clear(&points);
  trm__study_clear(&s);
}

static void expect(const char *said, const char *want, bool there) {
  CHECK__REPORT(!strstr(said, want) != there, "%s '%s' in: %s",
                there ? "want" : "do not want", want, said);
}

int main(void) {
  static const int ranks[] = {1, 2, 4, 8}, late[] = {4, 8, 16};
  char said[4096];
  /* a part of all work is done by rank 0 alone: the same on any number of ranks */
  synthetic serial = {.work = 10, .alone = 0.5};
  print(&serial, TRM__MODE_STRONG, 4, ranks, said);
  expect(said, "strong, 1 thread; speed-up over 1 core", true);
  expect(said, "serial fraction on 8 cores (Karp-Flatt): 0.04", true);
  expect(said, "it rises", false);
  /* each rank more makes all of them slower, and the last one more so */
  synthetic starving = {.work = 10, .uncounted = 0.1, .dearer = 0.1};
  print(&starving, TRM__MODE_STRONG, 4, ranks, said);
  expect(said, "serial fraction (Karp-Flatt): 0.27", true);
  expect(said, " on 8 cores, 0.21", true);
  expect(said,
         ") on 2: it rises, so the loss is overhead that grows with the cores, "
         "not serial code",
         true);
  print(&serial, TRM__MODE_STRONG, 3, late, said);
  expect(said, "; speed-up over 4 cores", true);
  expect(said, "serial fraction on 16 cores", true);
  /* of a problem that grows it means nothing */
  print(&serial, TRM__MODE_WEAK, 4, ranks, said);
  expect(said, "speed-up over 1 core", true);
  expect(said, "Karp-Flatt", false);
  return check_done();
}
