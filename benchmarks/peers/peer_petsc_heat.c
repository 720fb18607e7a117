/* The step of kernels/heat.c with PETSc's distributed arrays: a periodic cube, the
 * same start, the same operations in the same order, checked by the same decay.
 * PEER packages=PETSc debian=petsc-dev kernel=heat
 * LAUNCH 1x1 2x1 1x2:2x1
 * CASE --n 256 --steps 60
 *
 * 1x2:2x1 sets our 2 threads against its 2 ranks: the packaged PETSc has no threads.
 * There are five ways to say the step in PETSc; `--method all` times them. G cell/s
 * at 256^3 on 2 ranks of 2 cores that were not quiet, the best of three:
 *   ghosts  1.64  sweep from one local vector to another; a PetscSF of the faces alone
 *   global  0.67  DMGlobalToLocal, then sweep into the global vector
 *   local   0.56  as ghosts with DMLocalToLocal, which copies the inside too
 *   euler   0.43  TSEULER, whose right-hand side does as global
 *   matrix  0.29  MatMult with 1 + nu L as an assembled AIJ matrix */
#include <math.h>
#include <petscdmda.h>
#include <petscmachineinfo.h>
#include <petscsf.h>
#include <petscts.h>

#include "peer.h"

enum { Z, Y, X, DIMS };

struct grid {
  DM da;
  PetscInt n, from[DIMS], len[DIMS];
  PetscReal nu;
  Vec global[2], local[2];
  PetscSF faces;
  Mat matrix;
  TS ts;
};

/* -- the sweep ------------------------------------------------------------- */

static PetscReal wave(const struct grid *g, PetscInt i) {
  return cos(2 * PETSC_PI * (PetscReal)i / (PetscReal)g->n);
}

/* out = keep u + nu L u; keep is a constant where this is called */
static inline PetscErrorCode sweep(const struct grid *g, Vec from, Vec to,
                                   PetscReal keep) {
  PetscReal ***u, ***out;
  const PetscReal nu = g->nu;
  PetscFunctionBeginUser;
  PetscCall(DMDAVecGetArrayRead(g->da, from, &u));
  PetscCall(DMDAVecGetArray(g->da, to, &out));
  const PetscInt x = g->from[X], n = g->len[X];
  for (PetscInt k = g->from[Z]; k < g->from[Z] + g->len[Z]; k++)
    for (PetscInt j = g->from[Y]; j < g->from[Y] + g->len[Y]; j++) {
      const PetscReal *c = u[k][j] + x, *s = u[k][j - 1] + x,
                      *t = u[k][j + 1] + x, *d = u[k - 1][j] + x,
                      *a = u[k + 1][j] + x;
      PetscReal *restrict o = out[k][j] + x;
      for (PetscInt i = 0; i < n; i++)
        o[i] = keep * c[i] + nu * (((c[i - 1] + c[i + 1]) + (s[i] + t[i])) +
                                   ((d[i] + a[i]) - 6 * c[i]));
    }
  PetscCall(DMDAVecRestoreArrayRead(g->da, from, &u));
  PetscCall(DMDAVecRestoreArray(g->da, to, &out));
  PetscFunctionReturn(0);
}

/* -- the ways of a step: from global[0] or local[0] to the same ------------- */

static void swap(Vec v[2]) {
  Vec first = v[0];
  v[0] = v[1];
  v[1] = first;
}

static PetscErrorCode step_ghosts(struct grid *g) {
  PetscReal *u;
  PetscFunctionBeginUser;
  PetscCall(VecGetArray(g->local[0], &u));
  PetscCall(PetscSFBcastBegin(g->faces, MPIU_REAL, u, u, MPI_REPLACE));
  PetscCall(PetscSFBcastEnd(g->faces, MPIU_REAL, u, u, MPI_REPLACE));
  PetscCall(VecRestoreArray(g->local[0], &u));
  PetscCall(sweep(g, g->local[0], g->local[1], 1));
  swap(g->local);
  PetscFunctionReturn(0);
}

static PetscErrorCode step_local(struct grid *g) {
  Vec u = g->local[0];
  PetscFunctionBeginUser;
  PetscCall(DMLocalToLocalBegin(g->da, u, INSERT_VALUES, u));
  PetscCall(DMLocalToLocalEnd(g->da, u, INSERT_VALUES, u));
  PetscCall(sweep(g, u, g->local[1], 1));
  swap(g->local);
  PetscFunctionReturn(0);
}

static PetscErrorCode step_global(struct grid *g) {
  Vec u = g->global[0], with_ghosts = g->local[0];
  PetscFunctionBeginUser;
  PetscCall(DMGlobalToLocalBegin(g->da, u, INSERT_VALUES, with_ghosts));
  PetscCall(DMGlobalToLocalEnd(g->da, u, INSERT_VALUES, with_ghosts));
  PetscCall(sweep(g, with_ghosts, u, 1));
  PetscFunctionReturn(0);
}

static PetscErrorCode step_matrix(struct grid *g) {
  PetscFunctionBeginUser;
  PetscCall(MatMult(g->matrix, g->global[0], g->global[1]));
  swap(g->global);
  PetscFunctionReturn(0);
}

static PetscErrorCode step_euler(struct grid *g) {
  PetscFunctionBeginUser;
  PetscCall(TSStep(g->ts));
  PetscFunctionReturn(0);
}

/* -- what they need -------------------------------------------------------- */

/* Points of the local array: of the inside, and of the faces beyond it with their
 * global numbers. */
struct points {
  PetscInt all, owned, ghosts;
  PetscInt *own, *ghost, *number;
};

static PetscErrorCode find_points(const struct grid *g, struct points *p) {
  PetscInt low[DIMS], size[DIMS];
  const PetscInt *number;
  ISLocalToGlobalMapping map;
  PetscFunctionBeginUser;
  PetscCall(DMDAGetGhostCorners(g->da, &low[X], &low[Y], &low[Z], &size[X],
                                &size[Y], &size[Z]));
  PetscCall(DMGetLocalToGlobalMapping(g->da, &map));
  PetscCall(ISLocalToGlobalMappingGetIndices(map, &number));
  p->all = size[Z] * size[Y] * size[X];
  PetscCall(
      PetscMalloc3(p->all, &p->own, p->all, &p->ghost, p->all, &p->number));
  for (PetscInt at = 0; at < p->all; at++) {
    PetscInt i[DIMS] = {at / (size[X] * size[Y]), at / size[X] % size[Y],
                        at % size[X]};
    int beyond = 0;
    for (int d = 0; d < DIMS; d++) {
      PetscInt k = i[d] + low[d] - g->from[d];
      beyond += k < 0 || k >= g->len[d];
    }
    if (beyond == 0) p->own[p->owned++] = at;
    if (beyond != 1) continue;
    p->ghost[p->ghosts] = at;
    p->number[p->ghosts++] = number[at];
  }
  PetscCall(ISLocalToGlobalMappingRestoreIndices(map, &number));
  PetscFunctionReturn(0);
}

/* Each owner tells those who have its points as ghosts where these lie in its local
 * array: then faces can go from one local array to another. */
static PetscErrorCode make_faces(struct grid *g) {
  struct points p = {0};
  PetscLayout layout;
  PetscInt *there;
  PetscSFNode *node;
  PetscSF numbers;
  PetscFunctionBeginUser;
  PetscCall(find_points(g, &p));
  PetscCall(PetscMalloc2(p.ghosts, &there, p.ghosts, &node));
  PetscCall(VecGetLayout(g->global[0], &layout));
  PetscCall(PetscSFCreate(PETSC_COMM_WORLD, &numbers));
  PetscCall(PetscSFSetGraphLayout(numbers, layout, p.ghosts, NULL,
                                  PETSC_COPY_VALUES, p.number));
  PetscCall(PetscSFBcastBegin(numbers, MPIU_INT, p.own, there, MPI_REPLACE));
  PetscCall(PetscSFBcastEnd(numbers, MPIU_INT, p.own, there, MPI_REPLACE));
  PetscCall(PetscSFDestroy(&numbers));
  for (PetscInt k = 0; k < p.ghosts; k++) {
    PetscMPIInt rank;
    PetscCall(PetscLayoutFindOwner(layout, p.number[k], &rank));
    node[k] = (PetscSFNode){.rank = rank, .index = there[k]};
  }
  PetscCall(PetscSFCreate(PETSC_COMM_WORLD, &g->faces));
  PetscCall(PetscSFSetGraph(g->faces, p.all, p.ghosts, p.ghost,
                            PETSC_COPY_VALUES, node, PETSC_COPY_VALUES));
  PetscCall(PetscSFSetUp(g->faces));
  PetscCall(PetscFree2(there, node));
  PetscCall(PetscFree3(p.own, p.ghost, p.number));
  PetscFunctionReturn(0);
}

static PetscErrorCode make_matrix(struct grid *g) {
  static const int away[6][DIMS] = {{-1, 0, 0}, {1, 0, 0},  {0, -1, 0},
                                    {0, 1, 0},  {0, 0, -1}, {0, 0, 1}};
  MatStencil row, column[7];
  PetscReal value[7];
  PetscFunctionBeginUser;
  PetscCall(DMSetMatType(g->da, MATAIJ));
  PetscCall(DMCreateMatrix(g->da, &g->matrix));
  const PetscInt *from = g->from, *len = g->len;
  for (row.k = from[Z]; row.k < from[Z] + len[Z]; row.k++)
    for (row.j = from[Y]; row.j < from[Y] + len[Y]; row.j++)
      for (row.i = from[X]; row.i < from[X] + len[X]; row.i++) {
        for (int d = 0; d < 6; d++) {
          column[d] = (MatStencil){.k = row.k + away[d][Z],
                                   .j = row.j + away[d][Y],
                                   .i = row.i + away[d][X]};
          value[d] = g->nu;
        }
        column[6] = row;
        value[6] = 1 - 6 * g->nu;
        PetscCall(MatSetValuesStencil(g->matrix, 1, &row, 7, column, value,
                                      INSERT_VALUES));
      }
  PetscCall(MatAssemblyBegin(g->matrix, MAT_FINAL_ASSEMBLY));
  PetscCall(MatAssemblyEnd(g->matrix, MAT_FINAL_ASSEMBLY));
  PetscFunctionReturn(0);
}

/* du/dt = nu L u: steps of 1 */
static PetscErrorCode slope(TS ts, PetscReal t, Vec u, Vec du, void *context) {
  struct grid *g = context;
  PetscFunctionBeginUser;
  (void)ts;
  (void)t;
  PetscCall(DMGlobalToLocalBegin(g->da, u, INSERT_VALUES, g->local[0]));
  PetscCall(DMGlobalToLocalEnd(g->da, u, INSERT_VALUES, g->local[0]));
  PetscCall(sweep(g, g->local[0], du, 0));
  PetscFunctionReturn(0);
}

static PetscErrorCode make_euler(struct grid *g) {
  PetscFunctionBeginUser;
  PetscCall(TSCreate(PETSC_COMM_WORLD, &g->ts));
  PetscCall(TSSetDM(g->ts, g->da));
  PetscCall(TSSetType(g->ts, TSEULER));
  PetscCall(TSSetRHSFunction(g->ts, NULL, slope, g));
  PetscCall(TSSetTimeStep(g->ts, 1));
  PetscCall(TSSetMaxSteps(g->ts, 1000000000));
  PetscCall(TSSetSolution(g->ts, g->global[0]));
  PetscCall(TSSetUp(g->ts));
  PetscFunctionReturn(0);
}

static PetscErrorCode make_grid(struct grid *g) {
  const DMBoundaryType wraps = DM_BOUNDARY_PERIODIC;
  PetscFunctionBeginUser;
  PetscCall(DMDACreate3d(PETSC_COMM_WORLD, wraps, wraps, wraps,
                         DMDA_STENCIL_STAR, g->n, g->n, g->n, PETSC_DECIDE,
                         PETSC_DECIDE, PETSC_DECIDE, 1, 1, NULL, NULL, NULL,
                         &g->da));
  PetscCall(DMSetUp(g->da));
  PetscCall(DMDAGetCorners(g->da, &g->from[X], &g->from[Y], &g->from[Z],
                           &g->len[X], &g->len[Y], &g->len[Z]));
  for (int k = 0; k < 2; k++) {
    PetscCall(DMCreateGlobalVector(g->da, &g->global[k]));
    PetscCall(DMCreateLocalVector(g->da, &g->local[k]));
    PetscCall(VecSet(g->global[k], 0));
    PetscCall(VecSet(g->local[k], 0));
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode free_grid(struct grid *g) {
  PetscFunctionBeginUser;
  PetscCall(TSDestroy(&g->ts));
  PetscCall(MatDestroy(&g->matrix));
  PetscCall(PetscSFDestroy(&g->faces));
  for (int k = 0; k < 2; k++) {
    PetscCall(VecDestroy(&g->global[k]));
    PetscCall(VecDestroy(&g->local[k]));
  }
  PetscCall(DMDestroy(&g->da));
  PetscFunctionReturn(0);
}

/* -- a run ----------------------------------------------------------------- */

static const struct method {
  const char *name;
  PetscErrorCode (*step)(struct grid *), (*make)(struct grid *);
  PetscBool local; /* where the answer is */
} methods[] = {{"ghosts", step_ghosts, make_faces, PETSC_TRUE},
               {"local", step_local, NULL, PETSC_TRUE},
               {"global", step_global, NULL, PETSC_FALSE},
               {"euler", step_euler, make_euler, PETSC_FALSE},
               {"matrix", step_matrix, make_matrix, PETSC_FALSE}};
enum { METHODS = sizeof methods / sizeof *methods };

/* Writes the mode into the inside of a vector, or gives its largest difference. */
static PetscErrorCode mode(const struct grid *g, Vec v, PetscReal amplitude,
                           PetscBool write, PetscReal *worst) {
  PetscReal ***u, largest = 0;
  PetscFunctionBeginUser;
  PetscCall(DMDAVecGetArray(g->da, v, &u));
  for (PetscInt k = g->from[Z]; k < g->from[Z] + g->len[Z]; k++)
    for (PetscInt j = g->from[Y]; j < g->from[Y] + g->len[Y]; j++) {
      PetscReal plane = amplitude * wave(g, k) * wave(g, j);
      for (PetscInt i = g->from[X]; i < g->from[X] + g->len[X]; i++) {
        PetscReal want = plane * wave(g, i), error = fabs(u[k][j][i] - want);
        if (write) u[k][j][i] = want;
        if (!(error <= largest)) largest = error; /* NaN is worst */
      }
    }
  PetscCall(DMDAVecRestoreArray(g->da, v, &u));
  PetscCallMPI(
      MPI_Allreduce(&largest, worst, 1, MPIU_REAL, MPIU_MAX, PETSC_COMM_WORLD));
  PetscFunctionReturn(0);
}

static PetscErrorCode run(const struct method *m, PetscInt n, PetscInt steps,
                          PetscReal *rate, PetscReal *error) {
  struct grid g = {.n = n, .nu = 0.15};
  PetscReal unused, seconds, slowest;
  PetscFunctionBeginUser;
  PetscCall(make_grid(&g));
  PetscCall(
      mode(&g, m->local ? g.local[0] : g.global[0], 1, PETSC_TRUE, &unused));
  if (m->make) PetscCall(m->make(&g));
  PetscCallMPI(MPI_Barrier(PETSC_COMM_WORLD));
  seconds = MPI_Wtime();
  for (PetscInt k = 0; k < steps; k++) PetscCall(m->step(&g));
  seconds = MPI_Wtime() - seconds;
  PetscCallMPI(MPI_Allreduce(&seconds, &slowest, 1, MPIU_REAL, MPIU_MAX,
                             PETSC_COMM_WORLD));
  *rate = pow((PetscReal)n, 3) * (PetscReal)steps / slowest;
  PetscReal decay = 1 - 12 * g.nu * pow(sin(PETSC_PI / (PetscReal)n), 2);
  PetscCall(mode(&g, m->local ? g.local[0] : g.global[0],
                 pow(decay, (PetscReal)steps), PETSC_FALSE, error));
  PetscCall(free_grid(&g));
  PetscFunctionReturn(0);
}

/* "PETSc 3.18.5 as packaged: mpicc -g -O2" */
static const char *built(void) {
  static char text[200];
  const char *with = strstr(petsccompilerinfo, "compiler: ");
  const char *end = with ? strstr(with, " -ffile-prefix-map") : NULL;
  with = with ? with + strlen("compiler: ") : "";
  int words = end ? (int)(end - with) : (int)strcspn(with, "\n");
  snprintf(text, sizeof text, "PETSc %d.%d.%d as packaged (%.*s)",
           PETSC_VERSION_MAJOR, PETSC_VERSION_MINOR, PETSC_VERSION_SUBMINOR,
           words, with);
  return text;
}

int main(int argc, char **argv) {
  const double tolerance = 1e-12;
  const PetscInt n = atoi(peer_option(argc, argv, "n", "64"));
  const PetscInt steps = atoi(peer_option(argc, argv, "steps", "100"));
  const char *name = peer_option(argc, argv, "method", methods[0].name);
  PetscReal rate = 0, error = 0;
  PetscMPIInt rank;
  PetscCall(PetscInitialize(NULL, NULL, NULL, NULL));
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  for (int m = 0; m < METHODS; m++) {
    if (strcmp(name, "all") && strcmp(name, methods[m].name)) continue;
    PetscCall(run(&methods[m], n, steps, &rate, &error));
    if (rank == 0 && !strcmp(name, "all"))
      printf("%-8s %6.3f G cell/s, error %.2e\n", methods[m].name, rate * 1e-9,
             error);
  }
  if (rank == 0 && strcmp(name, "all"))
    peer_say(built(), rate, error, tolerance);
  PetscCall(PetscFinalize());
  return error <= tolerance && rate > 0 ? 0 : 1;
}
