# Drivers of packaged programs that our kernels are compared with. There is no list:
# benchmarks/peers/peer_NAME.c says in its head what it needs,
#
#   PEER packages=PKG-CONFIG,NAMES debian=PACKAGES kernel=KERNEL
#
# and is built twice: with the flags of our kernels, and as Debian builds packages.

function(trireme_peer_program file name target flags)
  add_executable(${target} ${file})
  target_compile_options(${target} PRIVATE ${flags})
  string(REPLACE ";" " " words "${flags}")
  target_compile_definitions(${target} PRIVATE _GNU_SOURCE "PEER_FLAGS=\"${words}\"")
  target_link_libraries(${target} PRIVATE PkgConfig::PEER_${name} MPI::MPI_C m)
  set_target_properties(${target} PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/benchmarks/peers)
endfunction()

function(trireme_add_peers folder)
  set(ours -O3)
  if(TRIREME_ARCH)
    list(APPEND ours -march=${TRIREME_ARCH})
  endif()
  file(GLOB files CONFIGURE_DEPENDS ${folder}/peer_*.c)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${files})
  foreach(file IN LISTS files)
    get_filename_component(name ${file} NAME_WE)
    file(STRINGS ${file} line REGEX "PEER .*packages=" LIMIT_COUNT 1)
    string(REGEX REPLACE ".*packages=([^ ]+).*" "\\1" packages "${line}")
    string(REGEX REPLACE ".*debian=([^ ]+).*" "\\1" debian "${line}")
    string(REPLACE "," ";" packages "${packages}")
    string(REPLACE "," " " debian "${debian}")
    pkg_check_modules(PEER_${name} QUIET IMPORTED_TARGET ${packages})
    if(NOT PEER_${name}_FOUND)
      message(STATUS "${name} is absent: apt-get install ${debian}")
      continue()
    endif()
    trireme_peer_program(${file} ${name} ${name} "${ours}")
    trireme_peer_program(${file} ${name} ${name}_packaged "-g;-O2")
    message(STATUS "${name}: ${packages} ${PEER_${name}_VERSION}")
  endforeach()
endfunction()
