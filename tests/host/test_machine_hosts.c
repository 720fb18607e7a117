/* TEST */
/* Which of some made-up hosts is slow. */
#include <trireme/kernel.h>

#include "check.h"
#include "host/machine/machine.h"

enum { MOST = 64, HOSTS = 7 };

static int row(const char *name) {
  int i = 0;
  while (strcmp(trm__host_figure_rows[i].name, name)) i++;
  return i;
}

/* All alike up to `level`, with that spread. */
static void make_hosts(int n, trm__host_node host[], double level,
                       double spread) {
  for (int h = 0; h < n; h++) {
    snprintf(host[h].name, sizeof host[h].name, "node%d", h);
    for (int i = 0; i < TRM__FIGURE_COUNT; i++) {
      uint64_t at = (uint64_t)(h * TRM__FIGURE_COUNT + i);
      double median = 100 * (1 + level * trm_random_uniform(3, 1, at));
      host[h].figure[i] = (trm_figure){median, median, spread};
    }
  }
}

static void test_alike(void) {
  trm__host_node host[HOSTS];
  trm__host_slow_hosts_state slow[MOST];
  make_hosts(HOSTS, host, 0.04, 0.02);
  for (int n = 1; n <= HOSTS; n++)
    CHECK_INT(trm__host_slow_hosts(n, host, slow, MOST), 0);
}

/* One is slow in two figures, in the direction that is slow for each; what is
 * faster is never named. */
static void test_one_slow(void) {
  trm__host_node host[HOSTS];
  trm__host_slow_hosts_state slow[MOST];
  const int triad = row("triad.all"), latency = row("latency"),
            read = row("read.all"), link = row("link_latency");
  for (int n = 2; n <= HOSTS; n++)
    for (int h = 0; h < n; h++) {
      make_hosts(HOSTS, host, 0, 0.01);
      host[h].figure[triad].median = 80;
      host[h].figure[latency].median = 150;
      host[h].figure[read].median = 200;
      host[h].figure[link].median = 50;
      int found = trm__host_slow_hosts(n, host, slow, MOST);
      if (n == 2) { /* seen from the fast one the other is the slow one */
        CHECK_INT(found, 4);
        continue;
      }
      CHECK_INT(found, 2);
      CHECK_INT(slow[0].host, h);
      CHECK_INT(slow[0].figure, triad);
      CHECK_NEAR(slow[0].percent, 20, 1e-9);
      CHECK_NEAR(slow[0].other, 100, 1e-9);
      CHECK_INT(slow[1].host, h);
      CHECK_INT(slow[1].figure, latency);
      CHECK_NEAR(slow[1].percent, 50, 1e-9);
      CHECK(!slow[1].before);
    }
}

/* 5 % are allowed, and what the figures themselves spread. */
static void test_limits(void) {
  trm__host_node host[HOSTS];
  trm__host_slow_hosts_state slow[MOST];
  const int triad = row("triad.all");
  make_hosts(HOSTS, host, 0, 0.01);
  host[3].figure[triad].median = 95.1;
  CHECK_INT(trm__host_slow_hosts(HOSTS, host, slow, MOST), 0);
  host[3].figure[triad].median = 94.9;
  CHECK_INT(trm__host_slow_hosts(HOSTS, host, slow, MOST), 1);
  host[3].figure[triad].spread = 0.2;
  CHECK_INT(trm__host_slow_hosts(HOSTS, host, slow, MOST), 0);
  /* hosts that differ by 10 % all the time: one more is no news */
  for (int h = 0; h < HOSTS; h++)
    host[h].figure[triad] = (trm_figure){0, 100 + 10 * (h % 3), 0.01};
  host[3].figure[triad].median = 90;
  CHECK_INT(trm__host_slow_hosts(HOSTS, host, slow, MOST), 0);
  host[3].figure[triad].median = 40;
  CHECK_INT(trm__host_slow_hosts(HOSTS, host, slow, MOST), 1);
}

/* What was not measured is not compared; no more is written than there is room. */
static void test_absent(void) {
  trm__host_node host[HOSTS];
  trm__host_slow_hosts_state slow[MOST];
  make_hosts(HOSTS, host, 0, 0.01);
  for (int i = 0; i < TRM__FIGURE_COUNT; i++)
    host[2].figure[i] = (trm_figure){0, 0, 0};
  CHECK_INT(trm__host_slow_hosts(HOSTS, host, slow, MOST), 0);
  make_hosts(HOSTS, host, 0, 0.01);
  for (int i = 0; i < TRM__FIGURE_COUNT; i++)
    host[2].figure[i].median = trm__host_figure_rows[i].better ? 200 : 50;
  slow[5].host = -7;
  CHECK_INT(trm__host_slow_hosts(HOSTS, host, slow, 5), 5);
  CHECK_INT(slow[5].host, -7);
  CHECK_INT(trm__host_slow_hosts(HOSTS, host, slow, MOST), TRM__FIGURE_COUNT);
}

static void test_since(void) {
  trm__host_node now[HOSTS], then[HOSTS];
  trm__host_slow_hosts_state slow[MOST];
  const int triad = row("triad.all");
  make_hosts(HOSTS, now, 0, 0.01);
  make_hosts(HOSTS, then, 0, 0.01);
  CHECK_INT(trm__host_slow_since(HOSTS, now, HOSTS, then, slow, MOST), 0);
  then[1].figure[triad].median = 150; /* it was faster than the others */
  CHECK_INT(trm__host_slow_since(HOSTS, now, HOSTS, then, slow, MOST), 1);
  CHECK_INT(slow[0].host, 1);
  CHECK_NEAR(slow[0].percent, 100. / 3, 1e-9);
  CHECK(slow[0].before);
  /* a host that was not there is compared with the median of those that were */
  strcpy(now[1].name, "new");
  CHECK_INT(trm__host_slow_since(HOSTS, now, HOSTS, then, slow, MOST), 0);
  now[1].figure[triad].median = 60;
  CHECK_INT(trm__host_slow_since(HOSTS, now, HOSTS, then, slow, MOST), 1);
  CHECK_NEAR(slow[0].percent, 40, 1e-9);
  CHECK_INT(trm__host_slow_since(HOSTS, now, 0, then, slow, MOST), 0);
}

int main(void) {
  test_alike();
  test_one_slow();
  test_limits();
  test_absent();
  test_since();
  return check_done();
}
