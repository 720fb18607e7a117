#include "array/state.h"
#include "run/report/output.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "comm/run.h"

/* -- XDMF ------------------------------------------------------------------ */

char *trm__run_output_sidecar(const char *path) {
  const char *slash = strrchr(path, '/'), *dot = strrchr(path, '.');
  size_t stem =
      dot && (!slash || dot > slash) ? (size_t)(dot - path) : strlen(path);
  return trm__base_format("%.*s.xdmf", (int)stem, path);
}

/* Number type and bytes; NULL: ParaView has no such attribute. */
static const char *xdmf_type(trm_type type) {
  switch (type) {
    case TRM_F64:
      return "NumberType=\"Float\" Precision=\"8\"";
    case TRM_F32:
      return "NumberType=\"Float\" Precision=\"4\"";
    case TRM_I64:
      return "NumberType=\"Int\" Precision=\"8\"";
    case TRM_I32:
      return "NumberType=\"Int\" Precision=\"4\"";
    case TRM_U64:
      return "NumberType=\"UInt\" Precision=\"8\"";
    case TRM_U8:
      return "NumberType=\"UChar\" Precision=\"1\"";
    default:
      return NULL;
  }
}

static void print_lengths(FILE *to, const trm_layout *l, int more) {
  for (int d = 0; d < l->dims; d++)
    fprintf(to, "%s%lld", d ? " " : "", (long long)l->n[d] + more);
}

static void print_grid(FILE *to, const trm_field *f, const char *h5,
                       int64_t step) {
  const trm_layout *l = f->layout;
  const char *ones = l->dims == 3 ? "1 1 1" : "1 1";
  const char *zeros = l->dims == 3 ? "0 0 0" : "0 0";
  fprintf(to, "    <Grid Name=\"%s\" GridType=\"Uniform\">\n", f->name);
  fprintf(to, "      <Time Value=\"%lld\"/>\n", (long long)step);
  fprintf(to, "      <Topology TopologyType=\"%dDCoRectMesh\" Dimensions=\"",
          l->dims);
  print_lengths(to, l, 1);
  fprintf(to, "\"/>\n      <Geometry GeometryType=\"%s\">\n",
          l->dims == 3 ? "ORIGIN_DXDYDZ" : "ORIGIN_DXDY");
  for (int i = 0; i < 2; i++)
    fprintf(
        to,
        "        <DataItem Dimensions=\"%d\" Format=\"XML\">%s</DataItem>\n",
        l->dims, i ? ones : zeros);
  fprintf(
      to,
      "      </Geometry>\n"
      "      <Attribute Name=\"%s\" AttributeType=\"Scalar\" Center=\"Cell\">\n"
      "        <DataItem Dimensions=\"",
      f->name);
  print_lengths(to, l, 0);
  fprintf(to,
          "\" %s Format=\"HDF\">%s:/%s</DataItem>\n"
          "      </Attribute>\n    </Grid>\n",
          xdmf_type(f->type), h5, f->name);
}

static void print_xdmf(FILE *to, const trm_run *run, const char *path,
                       int64_t step) {
  const char *slash = strrchr(path, '/'), *h5 = slash ? slash + 1 : path;
  fputs("<?xml version=\"1.0\"?>\n<Xdmf Version=\"2.0\">\n  <Domain>\n", to);
  for (int i = 0; i < trm__array_state_of(run)->nfields; i++) {
    const trm_field *f = trm__array_state_of(run)->fields[i];
    bool shown = f->role != TRM_SCRATCH && xdmf_type(f->type);
    if (shown && (f->layout->dims == 2 || f->layout->dims == 3))
      print_grid(to, f, h5, step);
  }
  fputs("  </Domain>\n</Xdmf>\n", to);
}

static trm_status write_xdmf(trm_run *run, const char *path, int64_t step) {
  char *name = trm__run_output_sidecar(path);
  FILE *to = fopen(name, "w");
  if (to) print_xdmf(to, run, path, step);
  bool bad = !to || ferror(to);
  bad = (to && fclose(to)) || bad;
  trm_status status = TRM_OK;
  if (bad)
    status = trm_fail(run, TRM_EFILE, "%s: %s; the data are in %s", name,
                      strerror(errno), path);
  free(name);
  return status;
}

trm_status trm__run_output(trm_run *run, const char *path,
                           const trm__store_stamp *stamp) {
  TRM_TRY(trm__store_output(run, path, stamp));
  trm_status status = TRM_OK;
  if (run->rank == 0) status = write_xdmf(run, path, stamp->step);
  return trm_agree(run, status);
}
