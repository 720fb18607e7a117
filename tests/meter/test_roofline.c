/* TEST */
/* The roofline: on made-up machines each ceiling binds where it should, and
 * what is reached of it is exact. */
#include "check.h"

#include "host/machine/figures.h"
#include "meter/roofline.h"

#define BOTH(x, y)                       \
  {                                      \
    .one = {x, x, 0}, .all = { y, y, 0 } \
  }

/* Two cores; powers of two, so that fractions are exact. */
static trm_machine machine(void) {
  trm_machine m = {
      .node_class = "made-up",
      .file = "/m.json",
      .written = "2026-01-01T00:00:00Z",
      .cores = 2,
      .ranks = 2,
      .threads = 1,
      .hosts = 1,
      .read = BOTH(32e9, 64e9),
      .copy = BOTH(16e9, 16e9),
      .copy_stream = BOTH(32e9, 32e9),
      .triad = BOTH(20e9, 20e9),
      .triad_stream = BOTH(40e9, 40e9),
      .fma_f64 = BOTH(64e9, 128e9),
      .fma_f32 = BOTH(128e9, 256e9),
      .rungs = 3,
      .eager_limit = 4096,
      .eager = {.latency = 3e-6, .overhead = 1e-6},
      .rendezvous = {.latency = 7e-6, .overhead = 1e-6, .gap_per_byte = 1e-9}};
  m.ladder[0].bytes = 32768;
  m.ladder[0].bandwidth.best = 256e9;
  m.ladder[1].bytes = 1 << 20;
  m.ladder[1].bandwidth.best = 128e9;
  m.ladder[2].bytes = 64 << 20;
  m.ladder[2].bandwidth.best = 33e9;
  return m;
}

/* On both cores, for one second, from memory. */
static trm__meter_work_done done(double flops, double read, double write) {
  return (trm__meter_work_done){.work = {.flops = flops,
                                         .read_bytes = read,
                                         .write_bytes = write,
                                         .resident_bytes = 1e9},
                                .stated = true,
                                .seconds = 1,
                                .ranks = 2,
                                .threads = 1,
                                .hosts = 1};
}

static void check(const trm__meter_work_done *d, trm__meter_roof roof,
                  double fraction) {
  trm_machine m = machine();
  trm__meter_roofline r = trm__meter_roofline_of(d, &m);
  CHECK(r.binds >= 0);
  if (r.binds < 0) return;
  CHECK_TEXT(trm__meter_roof_name(r.over[r.binds].roof),
             trm__meter_roof_name(roof));
  CHECK_NEAR(r.fraction, fraction, 1e-15 * fraction);
  CHECK_NEAR(r.seconds, fraction * d->seconds, 1e-15 * fraction);
}

/* -- each ceiling ---------------------------------------------------------- */

static void flops(void) {
  trm__meter_work_done d = done(64e9, 1e9, 0);
  check(&d, TRM__ROOF_FMA_F64, 0.5);
  d.work.single = true;
  check(&d, TRM__ROOF_FMA_F32, 0.25);
  d.work.single = false;
  d.ranks = 1; /* one core */
  check(&d, TRM__ROOF_FMA_F64, 1);
  d.ranks = 4; /* two cores all the same */
  check(&d, TRM__ROOF_FMA_F64, 0.5);
  d.ranks = d.hosts = 2; /* one core of each of two hosts */
  check(&d, TRM__ROOF_FMA_F64, 0.5);
  d.ranks = d.threads = 2;
  check(&d, TRM__ROOF_FMA_F64, 0.25);
}

static void memory(void) {
  trm__meter_work_done d = done(1e9, 16e9, 0);
  check(&d, TRM__ROOF_READ, 0.25);
  d = done(1e9, 8e9, 4e9); /* triad */
  check(&d, TRM__ROOF_PLAIN, 0.6);
  d.work.streamed_bytes = 4e9;
  check(&d, TRM__ROOF_STREAMED, 0.3);
  d = done(1e9, 6e9, 6e9); /* copy */
  check(&d, TRM__ROOF_PLAIN, 0.75);
  d.work.streamed_bytes = 3e9; /* half of them */
  check(&d, TRM__ROOF_STREAMED, 0.375);
  d.work.streamed_bytes = 2.9e9;
  check(&d, TRM__ROOF_PLAIN, 0.75);
  d = done(0, 4e9, 12e9); /* more stores than a copy: as a copy */
  check(&d, TRM__ROOF_PLAIN, 1);
}

/* Bytes cost in between what they cost in the loops on both sides. */
static void mixtures(void) {
  trm_machine m = machine();
  CHECK_NEAR(1 / trm__meter_roof_memory(&m, 2, TRM__ROOF_PLAIN, 5. / 12),
             (1 / 20e9 + 1 / 16e9) / 2, 1e-25);
  CHECK_NEAR(1 / trm__meter_roof_memory(&m, 2, TRM__ROOF_STREAMED, 1. / 6),
             (1 / 64e9 + 1 / 40e9) / 2, 1e-25);
  CHECK_SAME(trm__meter_roof_memory(&m, 2, TRM__ROOF_PLAIN, 0.9), 16e9);
  m.triad.all.best = m.triad.one.best = 0;
  CHECK_NEAR(1 / trm__meter_roof_memory(&m, 2, TRM__ROOF_PLAIN, 1. / 3),
             1 / 64e9 / 3 + 2 / 16e9 / 3, 1e-25);
  m.copy.all.best = m.copy.one.best = 0; /* reading says nothing of stores */
  CHECK_SAME(trm__meter_roof_memory(&m, 2, TRM__ROOF_PLAIN, 1. / 3), 0);
  CHECK_SAME(trm__meter_roof_memory(&m, 2, TRM__ROOF_READ, 0), 64e9);
}

static void cache(void) {
  trm__meter_work_done d = done(1e9, 64e9, 0);
  d.work.resident_bytes = 2 << 20; /* 1 MiB a core: the second rung */
  check(&d, TRM__ROOF_CACHE, 0.25);
  d.work.resident_bytes = 65536;
  check(&d, TRM__ROOF_CACHE, 0.125);
  d.work.resident_bytes =
      (2 << 20) + 2; /* the third is no faster than memory */
  check(&d, TRM__ROOF_READ, 1);
  d.work.resident_bytes = 1e12;
  check(&d, TRM__ROOF_READ, 1);
  d.work.resident_bytes = 0; /* not known */
  check(&d, TRM__ROOF_READ, 1);
}

static void network(void) {
  trm__meter_work_done d = done(1e9, 1e9, 0);
  d.work.messages = 2 * 100000;
  d.work.message_bytes = d.work.messages * 4096;
  check(&d, TRM__ROOF_NETWORK, 0.4);
  d.work.messages = 2 * 1000;
  d.work.message_bytes = d.work.messages * 100000;
  check(&d, TRM__ROOF_NETWORK, 1000 * 8e-6 + 1e8 * 1e-9);
  trm_machine m = machine();
  trm__meter_roofline r = trm__meter_roofline_of(&d, &m);
  char *text = trm__meter_roofline_sentence(&r, &d);
  CHECK_TEXT(text, "0.11 of the network (its messages take at least 108 ms)");
  free(text);
  d.ranks = 1;
  d.threads = 2;
  check(&d, TRM__ROOF_READ, 1. / 64);
}

/* A latency of 0 is a fit too; a regime without a fit takes the other's. */
static void network_without_latency(void) {
  trm_machine m = machine();
  trm__meter_work_done d = done(0, 0, 0);
  d.work.messages = 2 * 1000;
  d.work.message_bytes = d.work.messages * 100000;
  m.rendezvous.latency = 0;
  trm__meter_roofline r = trm__meter_roofline_of(&d, &m);
  CHECK_NEAR(r.seconds, 1000 * 1e-6 + 1e8 * 1e-9, 1e-15);
  m.eager.latency = 0;
  r = trm__meter_roofline_of(&d, &m);
  CHECK_NEAR(r.seconds, 1000 * 1e-6 + 1e8 * 1e-9, 1e-15);
  m.rendezvous = (trm_loggp){.from = 4097, .to = 1 << 20};
  r = trm__meter_roofline_of(&d, &m);
  CHECK_NEAR(r.seconds, 1000 * 1e-6, 1e-15);
  m.eager = m.rendezvous;
  r = trm__meter_roofline_of(&d, &m);
  CHECK_INT(r.n, 0);
}

/* -- what is not known ----------------------------------------------------- */

static void unknown_stores(void) {
  trm_machine m = machine();
  trm__meter_work_done d = done(1e9, 10e9, 0);
  d.stated = false;
  check(&d, TRM__ROOF_PLAIN, 0.5);
  trm__meter_roofline r = trm__meter_roofline_of(&d, &m);
  CHECK(r.other >= 0 && r.over[r.other].roof == TRM__ROOF_STREAMED);
  char *text = trm__meter_roofline_sentence(&r, &d);
  CHECK_TEXT(text,
             "0.50 of memory bandwidth with plain stores (10 GB/s of 20 GB/s), "
             "or 0.25 of memory bandwidth with streaming stores (10 GB/s of "
             "40 GB/s)");
  free(text);
  d.work.read_bytes = 20.9e9; /* exceeded by less than 5 % */
  check(&d, TRM__ROOF_PLAIN, 1.045);
  d.work.read_bytes = 21.1e9;
  check(&d, TRM__ROOF_STREAMED, 21.1 / 40);
  d.work.flops = 96e9; /* then stores do not matter */
  r = trm__meter_roofline_of(&d, &m);
  CHECK_INT(r.other, -1);
  check(&d, TRM__ROOF_FMA_F64, 0.75);
}

static void no_machine(void) {
  trm__meter_work_done d = done(3e9, 4e9, 2e9);
  d.seconds = 2;
  trm__meter_roofline r = trm__meter_roofline_of(&d, NULL);
  CHECK_INT(r.n, 0);
  CHECK_INT(r.binds, -1);
  CHECK_SAME(r.fraction, 0);
  CHECK_SAME(r.flops_per_s, 1.5e9);
  CHECK_SAME(r.bytes_per_s, 3e9);
  CHECK_SAME(r.intensity, 0.5);
  CHECK(trm__meter_roofline_sentence(&r, &d) == NULL);
  trm_machine empty = {.eager_limit = -1};
  d.work.messages = 10;
  d.work.message_bytes = 100;
  r = trm__meter_roofline_of(&d, &empty);
  CHECK_INT(r.n, 0);
  d.seconds = 0; /* nothing was advanced */
  empty = machine();
  r = trm__meter_roofline_of(&d, &empty);
  CHECK_INT(r.binds, -1);
  CHECK_SAME(r.bytes_per_s, 0);
}

/* Measured on one core of two: nothing is said of both, not even of
 * messages. */
static void more_cores_than_measured(void) {
  trm_machine m = machine();
  m.ranks = 1;
  trm__meter_work_done d = done(64e9, 8e9, 4e9);
  d.work.messages = 1000;
  d.work.message_bytes = 1000000;
  CHECK_INT(trm__meter_roofline_of(&d, &m).n, 0);
  CHECK_INT(trm__meter_roofline_of(&d, &m).binds, -1);
  d.ranks = 1;
  CHECK_INT(trm__meter_roofline_of(&d, &m).n, 2);
  m.threads = d.threads = 2;
  CHECK_INT(trm__meter_roofline_of(&d, &m).n, 2);
}

static void nothing_of_a_kind(void) {
  trm__meter_work_done d = done(0, 4e9, 4e9);
  check(&d, TRM__ROOF_PLAIN, 0.5);
  trm_machine m = machine();
  trm__meter_roofline r = trm__meter_roofline_of(&d, &m);
  CHECK_INT(r.n, 1);
  CHECK_SAME(r.intensity, 0);
  d = done(64e9, 0, 0);
  check(&d, TRM__ROOF_FMA_F64, 0.5);
  d = done(0, 0, 0);
  r = trm__meter_roofline_of(&d, &m);
  CHECK_INT(r.binds, -1);
}

/* -- as kernels are -------------------------------------------------------- */

static void kernels(void) {
  double cells = 1e9; /* heat: 9 flops, 8 bytes read, 8 streamed */
  trm__meter_work_done d = done(9 * cells, 8 * cells, 8 * cells);
  d.work.streamed_bytes = d.work.write_bytes;
  check(&d, TRM__ROOF_STREAMED, 0.5);
  trm_machine m = machine();
  trm__meter_roofline r = trm__meter_roofline_of(&d, &m);
  CHECK_SAME(r.intensity, 9. / 16);
  char *text = trm__meter_roofline_sentence(&r, &d);
  CHECK_TEXT(text,
             "0.50 of memory bandwidth with streaming stores (16 GB/s of "
             "32 GB/s)");
  free(text);
  d.seconds = 0.25; /* faster than when the ceiling was measured */
  r = trm__meter_roofline_of(&d, &m);
  CHECK_SAME(r.fraction, 2);
  text = trm__meter_roofline_sentence(&r, &d);
  CHECK(strstr(text, "above 1") != NULL);
  free(text);
  double pairs = 4e9; /* bodies: many flops on what lies in the cache */
  d = done(20 * pairs, 1e9, 1e8);
  d.work.resident_bytes = 1e5;
  d.work.single = true;
  check(&d, TRM__ROOF_FMA_F32, 80. / 256);
  d.work.messages = 2;
  d.work.message_bytes = 1000000;
  check(&d, TRM__ROOF_FMA_F32, 80. / 256);
}

/* -- figures in results ---------------------------------------------------- */

static void round_trip(void) {
  trm_machine m = machine(), back;
  cJSON *json = trm__host_figures_json(&m);
  char *text = cJSON_PrintUnformatted(json);
  cJSON *again = cJSON_Parse(text);
  CHECK(trm__host_figures_read(again, &back));
  CHECK_TEXT(back.node_class, "made-up");
  CHECK_TEXT(back.file, "/m.json");
  CHECK_TEXT(back.written, m.written);
  CHECK_INT(back.rungs, 3);
  CHECK_INT(back.eager_limit, 4096);
  CHECK_SAME(back.ladder[1].bandwidth.best, 128e9);
  trm__meter_work_done d = done(3e9, 5e9, 4e9);
  d.work.messages = 1000;
  d.work.message_bytes = 1000000;
  trm__meter_roofline want = trm__meter_roofline_of(&d, &m);
  trm__meter_roofline got = trm__meter_roofline_of(&d, &back);
  CHECK_INT(got.n, 3);
  for (int i = 0; i < got.n; i++)
    CHECK_SAME(got.over[i].seconds, want.over[i].seconds);
  cJSON_Delete(json);
  cJSON_Delete(again);
  cJSON_free(text);
  json = cJSON_Parse("{\"class\": \"x\", \"file\": null}");
  CHECK(!trm__host_figures_read(json, &back));
  CHECK_TEXT(back.node_class, "x");
  cJSON_Delete(json);
}

int main(void) {
  flops();
  memory();
  mixtures();
  cache();
  network();
  network_without_latency();
  unknown_stores();
  no_machine();
  more_cores_than_measured();
  nothing_of_a_kind();
  kernels();
  round_trip();
  return check_done();
}
