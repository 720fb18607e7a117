# Tests need no list: the first lines of a test file say how it is run.
#
#   tests/FLOOR/test_NAME.c     /* TEST [ranks=1,3] [threads=1,2] [split] [apart] [WORD...] */
#   tests/FLOOR/test_NAME.sh    # TEST [WORD...]
#   tests/FLOOR/test_NAME.py    the same, run by Debian's python3 (h5py)
#
# C tests without ranks run without mpirun. With them, one launch of the largest number
# of ranks tries all ranks x threads in turn (`check_mpi`); `split` stands for 1, 2, 3,
# 4, 5, 7, 8 and 13 of its ranks. `apart` means a launch for each, and so does a main
# of the file's own; `shapes=1x2,3x1` names these. Names: array.layout, store.faults@3x1
# (apart), run.bad_input.
#
#   timeout=S     seconds until it is ended; three times as long under sanitizers
#   cost=S        about how many seconds it takes: those that take long start first
#   lock=NAME     tests with one lock run one at a time
#   kernels       it has all kernels, and KERNELS lists them as X(name)
#   uses=A,B      targets that it needs besides the driver
#   once          not under sanitizers: it checks printed text, scripts or statistics
#   slow          not in the quick run
#   nightly       only in the full run
#
# A run with TRIREME_TEST_ALL (tests/run.sh all) leaves nothing out. The last three words
# become labels, which tests/run.sh chooses by. Exit status 77: skipped,
# and listed so. tests.txt in the build folder: what each test needs built.

set(TRIREME_TEST_ENVIRONMENT
  OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_mpi_yield_when_idle=1
  OMPI_MCA_pml=ob1 OMPI_MCA_btl=vader,self # what one machine takes anyway, without the search for it
  OMPI_MCA_odls_base_sigkill_timeout=0 # a launch that fails would wait 2 s for its ranks
  # A third of the time of a launch: each rank would look through /sys, load X11, OpenCL and
  # PCI for hwloc, and make files for PMIx.
  HWLOC_XMLFILE=${PROJECT_BINARY_DIR}/topology.xml HWLOC_THISSYSTEM=1
  HWLOC_PLUGINS_PATH=/nonexistent PMIX_MCA_gds=hash
  OMPI_MCA_btl_tcp_if_include=lo OMPI_MCA_oob_tcp_if_include=lo OMPI_MCA_rmaps_base_oversubscribe=1
  OMPI_MCA_hwloc_base_binding_policy=none OMPI_MCA_io=romio321 OMP_WAIT_POLICY=passive
  "ASAN_OPTIONS=fast_unwind_on_malloc=0:detect_stack_use_after_return=0:allocator_may_return_null=1"
  "LSAN_OPTIONS=suppressions=${CMAKE_CURRENT_SOURCE_DIR}/tests/openmpi.lsan:print_suppressions=0")

add_executable(write_topology tests/topology.c)
target_link_libraries(write_topology PRIVATE PkgConfig::HWLOC)
add_custom_command(OUTPUT topology.xml COMMAND write_topology topology.xml DEPENDS write_topology)
add_custom_target(test_topology ALL DEPENDS topology.xml)

# KEY=value of the TEST line of a file
function(trireme_test_word out line key fallback)
  if(line MATCHES "[ ]${key}=([^ ]+)")
    set(value ${CMAKE_MATCH_1})
  else()
    set(value ${fallback})
  endif()
  string(REPLACE "," ";" value "${value}")
  set(${out} ${value} PARENT_SCOPE)
endfunction()

# trireme_test_properties(NAME LINE TIMEOUT PROCESSORS TARGETS [NAME=VALUE...]):
# TIMEOUT where the line says none; a semicolon list of environment variables.
function(trireme_test_properties name line timeout processors targets)
  trireme_test_word(timeout "${line}" timeout ${timeout})
  trireme_test_word(cost "${line}" cost 1)
  trireme_test_word(lock "${line}" lock "")
  if(TRIREME_SANITIZE)
    math(EXPR timeout "3 * ${timeout}")
  endif()
  set(labels "")
  foreach(label IN ITEMS once slow nightly)
    if(line MATCHES " ${label}( |$)")
      list(APPEND labels ${label})
    endif()
  endforeach()
  set_tests_properties(${name} PROPERTIES TIMEOUT ${timeout} PROCESSORS ${processors}
    SKIP_RETURN_CODE 77 COST ${cost} LABELS "${labels}"
    ENVIRONMENT "${TRIREME_TEST_ENVIRONMENT};TRIREME=$<TARGET_FILE:trireme_driver>;TRIREME_SOURCE=${PROJECT_SOURCE_DIR};TRIREME_BUILD=${PROJECT_BINARY_DIR};TRIREME_SANITIZE=${TRIREME_SANITIZE};${ARGN}")
  if(lock)
    set_tests_properties(${name} PROPERTIES RESOURCE_LOCK ${lock})
  endif()
  list(APPEND targets test_topology)
  string(REPLACE ";" " " targets "${targets}")
  file(APPEND ${PROJECT_BINARY_DIR}/tests.txt "${name} ${targets}\n")
endfunction()

# What stands before the program of a rank.
set(TRIREME_TEST_RANK "")
if(TRIREME_SANITIZE)
  set(TRIREME_TEST_RANK sh ${PROJECT_SOURCE_DIR}/tests/sanitized.sh)
endif()

# A launch for each of the shapes, or for each number of ranks and of threads.
function(trireme_add_apart name target line ranks threads targets)
  trireme_test_word(shapes "${line}" shapes "")
  if(NOT shapes)
    foreach(r IN LISTS ranks)
      foreach(t IN LISTS threads)
        list(APPEND shapes ${r}x${t})
      endforeach()
    endforeach()
  endif()
  foreach(shape IN LISTS shapes)
    string(REPLACE "x" ";" numbers ${shape})
    list(GET numbers 0 r)
    list(GET numbers 1 t)
    add_test(NAME ${name}@${shape} COMMAND ${MPIEXEC_EXECUTABLE} -n ${r}
      ${TRIREME_TEST_RANK} $<TARGET_FILE:${target}>)
    trireme_test_properties(${name}@${shape} "${line}" 60 2 "${targets}" CHECK_THREADS=${t})
  endforeach()
endfunction()

# Under sanitizers at most 7 ranks, but in the full run: starting and ending a rank takes
# seconds there, and more of them reach no other code.
function(trireme_add_together name target line ranks threads targets)
  if(line MATCHES " split( |$)")
    set(ranks 1 2 3 4 5 7 8 13)
  endif()
  set(most 1)
  foreach(r IN LISTS ranks)
    if(r GREATER most AND (r LESS 8 OR NOT TRIREME_SANITIZE OR TRIREME_TEST_ALL))
      set(most ${r})
    endif()
  endforeach()
  string(REPLACE ";" "," ranks "${ranks}")
  string(REPLACE ";" "," threads "${threads}")
  add_test(NAME ${name} COMMAND ${MPIEXEC_EXECUTABLE} -n ${most}
    ${TRIREME_TEST_RANK} $<TARGET_FILE:${target}>)
  trireme_test_properties(${name} "${line}" 300 2 "${targets}"
    CHECK_RANKS=${ranks} CHECK_THREADS=${threads})
  # Many ranks that wait for each other take 100 s beside other tests, and 10 s alone.
  if(most GREATER 7)
    set_tests_properties(${name} PROPERTIES RUN_SERIAL TRUE)
  endif()
endfunction()

# The quickest of the linkers at hand: there are many tests, each small.
find_program(TRIREME_GOLD ld.gold)
mark_as_advanced(TRIREME_GOLD)

function(trireme_add_c_test file name line)
  string(REPLACE "." "_" target test_${name})
  add_executable(${target} ${file})
  set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  target_include_directories(${target} PRIVATE src tests)
  target_include_directories(${target} SYSTEM PRIVATE ${OPENBLAS_INCLUDE_DIRS})
  target_link_libraries(${target} PRIVATE trireme trireme_private
    PkgConfig::HDF5 PkgConfig::CJSON PkgConfig::HWLOC m)
  if(TRIREME_SANITIZE MATCHES "address")
    target_sources(${target} PRIVATE tests/sanitized.c)
  endif()
  if(TRIREME_GOLD AND CMAKE_C_COMPILER_ID STREQUAL "GNU")
    target_link_options(${target} PRIVATE -fuse-ld=gold)
  endif()
  if(line MATCHES " kernels")
    trireme_kernel_names(names ${kernel_files})
    list(TRANSFORM names REPLACE "(.+)" "X(\\1)")
    string(REPLACE ";" " " names "${names}")
    target_link_libraries(${target} PRIVATE trireme_kernels)
    target_compile_definitions(${target} PRIVATE "KERNELS=${names}")
  endif()
  trireme_test_word(ranks "${line}" ranks "")
  trireme_test_word(threads "${line}" threads 1)
  trireme_test_word(targets "${line}" uses "")
  list(PREPEND targets ${target})
  file(STRINGS ${file} own REGEX "check_mpi\\(")
  if(NOT line MATCHES " (ranks|shapes)=")
    add_test(NAME ${name} COMMAND ${target})
    trireme_test_properties(${name} "${line}" 60 1 "${targets}")
  elseif(own AND NOT line MATCHES " apart( |$)")
    trireme_add_together(${name} ${target} "${line}" "${ranks}" "${threads}" "${targets}")
  else()
    trireme_add_apart(${name} ${target} "${line}" "${ranks}" "${threads}" "${targets}")
  endif()
endfunction()

# Scripts mostly wait, for mpirun and for what was killed: they count as one processor.
function(trireme_add_script_test file name line)
  set(program sh)
  if(file MATCHES "\\.py$")
    set(program /usr/bin/python3)
  endif()
  trireme_test_word(targets "${line}" uses "")
  add_test(NAME ${name} COMMAND ${program} ${file})
  trireme_test_properties(${name} "${line}" 120 1 "trireme_driver;${targets}")
endfunction()

function(trireme_add_tests folder)
  file(WRITE ${PROJECT_BINARY_DIR}/tests.txt "")
  file(GLOB_RECURSE files CONFIGURE_DEPENDS ${folder}/*/test_*)
  foreach(file IN LISTS files)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    file(STRINGS ${file} line REGEX "^(/\\*|#) TEST( |$)" LIMIT_COUNT 1)
    string(REGEX REPLACE "[ ]*\\*/.*" "" line "${line}")
    get_filename_component(floor ${file} DIRECTORY)
    get_filename_component(floor ${floor} NAME)
    get_filename_component(base ${file} NAME_WE)
    string(REGEX REPLACE "^test_" "" base ${base})
    set(name ${floor}.${base})
    if(NOT line)
      message(FATAL_ERROR "${file}: no TEST line")
    endif()
    if(file MATCHES "\\.c$")
      trireme_add_c_test(${file} ${name} "${line}")
    else()
      trireme_add_script_test(${file} ${name} "${line}")
    endif()
  endforeach()
endfunction()

# Every kernel gets kernel.NAME.check, from its file alone: `trireme check` on 1 to 16
# ranks. Its head may say with which options:
#   TEST --n 33 --steps 12
function(trireme_add_kernel_tests)
  trireme_kernel_names(names ${ARGN})
  set(script ${PROJECT_SOURCE_DIR}/tests/kernels/kernel.sh)
  foreach(file IN LISTS ARGN)
    get_filename_component(kernel ${file} NAME_WE)
    if(NOT kernel IN_LIST names)
      continue()
    endif()
    file(STRINGS ${file} line REGEX "TEST --" LIMIT_COUNT 1)
    string(REGEX REPLACE "^.*TEST (--[^*]*).*$" "\\1" options "${line}")
    separate_arguments(options)
    add_test(NAME kernel.${kernel}.check COMMAND sh ${script} ${kernel} ${options})
    trireme_test_properties(kernel.${kernel}.check "cost=20" 400 2
      "trireme_driver;trireme_preload")
  endforeach()
endfunction()
