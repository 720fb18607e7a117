# A program with kernels: a kernel is one file NAME.c or NAME.cpp, or a folder NAME/ whose
# NAME.c is the kernel and whose other files are its rooms. Files and folders that
# begin with _ are left out. Used by Trireme itself and, after find_package, by
# anyone's own project.

set(TRIREME_PROGRAM_DIR ${CMAKE_CURRENT_LIST_DIR})

# All kernel files below a folder.
function(trireme_kernel_files out folder)
  file(GLOB flat CONFIGURE_DEPENDS ${folder}/*.c ${folder}/*.cpp)
  file(GLOB nested CONFIGURE_DEPENDS ${folder}/*/*.c ${folder}/*/*.cpp)
  set(files ${flat} ${nested})
  list(FILTER files EXCLUDE REGEX "/_[^/]*\\.c(pp)?$|/_[^/]*/[^/]*\\.c(pp)?$")
  get_filename_component(here ${folder} ABSOLUTE)
  foreach(file IN LISTS files)
    get_filename_component(inside ${file} DIRECTORY)
    get_filename_component(owner ${inside} NAME)
    trireme_kernel_of(name ${file})
    if(NOT "${name}" STREQUAL "" AND NOT inside STREQUAL here AND NOT name STREQUAL owner)
      message(FATAL_ERROR "${file}: defines the kernel ${name} in the folder ${owner}/; "
                          "expected ${owner}/${owner}.c to define ${owner}")
    endif()
  endforeach()
  set(${out} ${files} PARENT_SCOPE)
endfunction()

# The kernel that a file defines by TRM_KERNEL, empty where it defines none. It has to
# be one, of the file's own name, and not in the folder of another.
function(trireme_kernel_of out file)
  set(${out} "" PARENT_SCOPE)
  set(mark "(^|[;}])[ \t]*TRM_KERNEL[ \t]*\\([ \t]*([A-Za-z0-9_]+)[ \t]*\\)")
  file(STRINGS ${file} lines REGEX "${mark}")
  set(names)
  foreach(line IN LISTS lines)
    string(REGEX MATCH "${mark}" line "${line}")
    list(APPEND names ${CMAKE_MATCH_2})
  endforeach()
  list(LENGTH names n)
  if(n EQUAL 0)
    return()
  elseif(n GREATER 1)
    list(JOIN names ", " names)
    message(FATAL_ERROR "${file}: defines several kernels: ${names}; use one file per kernel")
  endif()
  get_filename_component(name ${file} NAME_WE)
  get_filename_component(folder ${file} ABSOLUTE)
  get_filename_component(folder ${folder} DIRECTORY)
  get_filename_component(owner ${folder} NAME)
  if(NOT names STREQUAL name)
    message(FATAL_ERROR "${file}: TRM_KERNEL(${names}) in a file of the name ${name}; "
                        "expected TRM_KERNEL(${name}), or the file ${names}.c")
  endif()
  if(NOT name STREQUAL owner AND
     (EXISTS ${folder}/${owner}.c OR EXISTS ${folder}/${owner}.cpp))
    message(FATAL_ERROR "${file}: defines the kernel ${name} in the folder of the kernel "
                        "${owner}; move it to a folder or a file beside ${owner}/")
  endif()
  set(${out} ${name} PARENT_SCOPE)
endfunction()

# The names of the kernels among the files: NAME.c, or NAME/NAME.c.
function(trireme_kernel_names out)
  set(names)
  foreach(file IN LISTS ARGN)
    trireme_kernel_of(name ${file})
    if(NOT "${name}" STREQUAL "" AND name IN_LIST names)
      message(FATAL_ERROR "${file}: a second kernel of the name ${name}; rename one of them")
    endif()
    list(APPEND names ${name})
  endforeach()
  list(SORT names)
  set(${out} ${names} PARENT_SCOPE)
endfunction()

# trireme_kernel_table(OUT TARGET kernel.c...): writes the main of a program with these
# kernels; OUT is its file.
function(trireme_kernel_table out target)
  trireme_kernel_names(names ${ARGN})
  set(externs "")
  set(rows "")
  foreach(name IN LISTS names)
    string(APPEND externs "extern const trm_kernel trm_kernel_${name};\n")
    string(APPEND rows "  TRM_LISTED(${name}),\n")
  endforeach()
  set(KERNEL_EXTERNS "${externs}")
  set(KERNEL_ROWS "${rows}")
  set(table ${CMAKE_CURRENT_BINARY_DIR}/${target}_kernels.c)
  configure_file(${TRIREME_PROGRAM_DIR}/program.c.in ${table} @ONLY)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${ARGN})
  set(${out} ${table} PARENT_SCOPE)
endfunction()

# trireme_add_program(TARGET kernel.c...): an executable with the subcommands of
# `trireme` and these kernels. Kernels in C++20 are NAME.cpp.
function(trireme_add_program target)
  trireme_kernel_names(names ${ARGN})
  if(names STREQUAL "")
    message(FATAL_ERROR "${target}: none of its files defines a kernel; "
                        "expected TRM_KERNEL(NAME) in NAME.c")
  endif()
  trireme_kernel_table(table ${target} ${ARGN})
  add_executable(${target} ${ARGN} ${table})
  target_link_libraries(${target} PRIVATE trireme::trireme m)
  set(cxx ${ARGN})
  list(FILTER cxx INCLUDE REGEX "\\.cpp$")
  if(cxx)
    if(NOT CMAKE_CXX_COMPILER)
      message(FATAL_ERROR "${cxx}: C++ is not enabled; expected project(... LANGUAGES C CXX)")
    endif()
    find_package(OpenMP REQUIRED COMPONENTS CXX)
    target_link_libraries(${target} PRIVATE OpenMP::OpenMP_CXX)
    target_compile_features(${target} PRIVATE cxx_std_20)
  endif()
endfunction()

# trireme_add_lines(TARGET FILE NAME): the lines of a text file as an array of strings
# of that name, ended by NULL, in the program.
function(trireme_add_lines target file name)
  file(READ ${file} text)
  string(REGEX REPLACE "\n$" "" text "${text}")
  string(REPLACE "\\" "\\\\" text "${text}")
  string(REPLACE "\"" "\\\"" text "${text}")
  string(REPLACE "\n" "\",\n\"" text "${text}")
  file(RELATIVE_PATH LINES_FILE ${CMAKE_CURRENT_SOURCE_DIR} ${file})
  set(LINES_NAME ${name})
  set(LINES_TEXT "${text}")
  configure_file(${TRIREME_PROGRAM_DIR}/lines.c.in
                 ${CMAKE_CURRENT_BINARY_DIR}/generated/${name}.c @ONLY)
  target_sources(${target} PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/generated/${name}.c)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
endfunction()

# Each folder of src/algorithms is library code with one public header.
function(trireme_check_algorithms folder)
  file(GLOB entries CONFIGURE_DEPENDS ${folder}/*)
  foreach(entry IN LISTS entries)
    get_filename_component(name ${entry} NAME)
    if(IS_DIRECTORY ${entry} AND
       NOT EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/include/trireme/${name}.h)
      message(FATAL_ERROR "src/algorithms/${name}: no public header; "
              "expected include/trireme/${name}.h")
    endif()
  endforeach()
endfunction()

# build.h: version, commit, compiler and flags, as results and checkpoints state
# them. The commit is looked up at configure time.
function(trireme_build_stamp target)
  execute_process(COMMAND git -C ${CMAKE_CURRENT_SOURCE_DIR} describe --always --dirty --tags
                  OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(NOT commit)
    set(commit unknown)
  endif()
  set(BUILD_COMMIT ${commit})
  string(TOUPPER "${CMAKE_BUILD_TYPE}" type)
  set(BUILD_FLAGS "${CMAKE_C_FLAGS_${type}} -march=${TRIREME_ARCH} -ffp-contract=off")
  if(TRIREME_SANITIZE)
    string(APPEND BUILD_FLAGS " -fsanitize=${TRIREME_SANITIZE}")
  endif()
  configure_file(${TRIREME_PROGRAM_DIR}/build.h.in ${CMAKE_CURRENT_BINARY_DIR}/generated/build.h @ONLY)
  target_include_directories(${target} PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/generated)
endfunction()

function(trireme_install_package)
  include(CMakePackageConfigHelpers)
  set(where ${CMAKE_INSTALL_LIBDIR}/cmake/Trireme)
  install(EXPORT TriremeTargets NAMESPACE trireme:: DESTINATION ${where})
  configure_package_config_file(${TRIREME_PROGRAM_DIR}/TriremeConfig.cmake.in
    ${CMAKE_CURRENT_BINARY_DIR}/TriremeConfig.cmake INSTALL_DESTINATION ${where})
  write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/TriremeConfigVersion.cmake
    COMPATIBILITY SameMinorVersion)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/TriremeConfig.cmake
    ${CMAKE_CURRENT_BINARY_DIR}/TriremeConfigVersion.cmake
    ${TRIREME_PROGRAM_DIR}/TriremeProgram.cmake ${TRIREME_PROGRAM_DIR}/program.c.in
    ${TRIREME_PROGRAM_DIR}/lines.c.in ${TRIREME_PROGRAM_DIR}/build.h.in
    DESTINATION ${where})
  if(TRIREME_ARCH)
    set(TRIREME_PC_ARCH "-march=${TRIREME_ARCH}")
  endif()
  string(REGEX REPLACE "[^/]+" ".." TRIREME_PC_UP ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
  configure_file(${TRIREME_PROGRAM_DIR}/trireme.pc.in ${CMAKE_CURRENT_BINARY_DIR}/trireme.pc @ONLY)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/trireme.pc
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endfunction()
