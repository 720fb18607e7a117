# Tests need no list: each test file says in its head how it is run.
#
#   tests/FLOOR/test_NAME.c     /* TEST [ranks=1,3] [threads=1,2] [split] [kernels] [timeout=S] */
#   tests/FLOOR/test_NAME.sh    # TEST [timeout=S] [lock=NAME]
#   tests/FLOOR/test_NAME.py    the same, run by Debian's python3 (h5py)
#
# C tests without ranks run without mpirun. `split`: one launch tries 1, 2, 3, 4,
# 5, 7, 8 and 13 of its ranks. `kernels`: it has all kernels, and KERNELS
# lists them as X(name). Tests with one lock run one at a time. Names:
# array.layout@13x2, run.bad_input. Exit status 77: skipped, and listed so.

set(TRIREME_TEST_ENVIRONMENT
  OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_mpi_yield_when_idle=1
  OMPI_MCA_btl_tcp_if_include=lo OMPI_MCA_oob_tcp_if_include=lo OMPI_MCA_rmaps_base_oversubscribe=1
  OMPI_MCA_hwloc_base_binding_policy=none OMPI_MCA_io=romio321 OMP_WAIT_POLICY=passive
  "ASAN_OPTIONS=fast_unwind_on_malloc=0:detect_stack_use_after_return=0:allocator_may_return_null=1"
  "LSAN_OPTIONS=suppressions=${CMAKE_CURRENT_SOURCE_DIR}/tests/openmpi.lsan:print_suppressions=0")

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

function(trireme_test_properties name timeout processors)
  if(TRIREME_SANITIZE)
    math(EXPR timeout "3 * ${timeout}")
  endif()
  set_tests_properties(${name} PROPERTIES TIMEOUT ${timeout} PROCESSORS ${processors}
    SKIP_RETURN_CODE 77
    ENVIRONMENT "${TRIREME_TEST_ENVIRONMENT};TRIREME=$<TARGET_FILE:trireme_driver>;TRIREME_SOURCE=${PROJECT_SOURCE_DIR};TRIREME_BUILD=${PROJECT_BINARY_DIR};TRIREME_SANITIZE=${TRIREME_SANITIZE};${ARGN}")
endfunction()

function(trireme_add_c_test file name line)
  string(REPLACE "." "_" target test_${name})
  file(GLOB rooms CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/kernels/_*.c)
  add_executable(${target} ${file})
  set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  target_include_directories(${target} PRIVATE src tests)
  target_include_directories(${target} SYSTEM PRIVATE ${OPENBLAS_INCLUDE_DIRS})
  target_link_libraries(${target} PRIVATE trireme trireme_private
    PkgConfig::HDF5 PkgConfig::CJSON PkgConfig::HWLOC m)
  if(line MATCHES " kernels")
    trireme_kernel_names(names ${kernel_files})
    list(TRANSFORM names REPLACE "(.+)" "X(\\1)")
    string(REPLACE ";" " " names "${names}")
    target_sources(${target} PRIVATE ${kernel_files})
    target_compile_definitions(${target} PRIVATE "KERNELS=${names}")
  endif()
  trireme_test_word(ranks "${line}" ranks "")
  trireme_test_word(threads "${line}" threads 1)
  trireme_test_word(timeout "${line}" timeout 60)
  if(NOT ranks)
    add_test(NAME ${name} COMMAND ${target})
    trireme_test_properties(${name} ${timeout} 1)
    return()
  endif()
  set(split "")
  if(line MATCHES " split")
    set(split CHECK_SPLIT=1)
  endif()
  foreach(r IN LISTS ranks)
    foreach(t IN LISTS threads)
      set(test ${name}@${r}x${t})
      add_test(NAME ${test} COMMAND ${MPIEXEC_EXECUTABLE} -n ${r} $<TARGET_FILE:${target}>)
      math(EXPR p "${r} * ${t}")
      if(p GREATER 2)
        set(p 2)
      endif()
      trireme_test_properties(${test} ${timeout} ${p} CHECK_THREADS=${t} ${split})
    endforeach()
  endforeach()
endfunction()

function(trireme_add_tests folder)
  file(GLOB_RECURSE files CONFIGURE_DEPENDS ${folder}/*/test_*)
  foreach(file IN LISTS files)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    file(STRINGS ${file} line REGEX "^(/\\*|#) TEST( |$)" LIMIT_COUNT 1)
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
      continue()
    endif()
    set(program sh)
    if(file MATCHES "\\.py$")
      set(program /usr/bin/python3)
    endif()
    trireme_test_word(timeout "${line}" timeout 120)
    add_test(NAME ${name} COMMAND ${program} ${file})
    # they mostly wait, for mpirun and for what was killed: two at a time
    trireme_test_properties(${name} ${timeout} 1)
    trireme_test_word(lock "${line}" lock "")
    if(lock)
      set_tests_properties(${name} PROPERTIES RESOURCE_LOCK ${lock})
    endif()
  endforeach()
endfunction()

# Every kernel gets, from its file alone: verified on several ranks x threads, the
# messages that its work model states, the same fingerprint on all of them (rtol = 0), resumed on another rank count, every
# choice of an option against the first. Its head may say with which options:
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
    foreach(test IN ITEMS verify contract same resume choices)
      add_test(NAME kernel.${kernel}.${test} COMMAND sh ${script} ${test} ${kernel} ${options})
      trireme_test_properties(kernel.${kernel}.${test} 400 2)
    endforeach()
  endforeach()
endfunction()
