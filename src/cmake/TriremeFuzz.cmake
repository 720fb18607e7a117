# Fuzz targets: tests/fuzz/fuzz_NAME.c, each a program with libFuzzer (clang), on the
# library as cmake's preset `fuzz` compiles it. tests/fuzz/test_inputs.sh runs them.
function(trireme_add_fuzz_targets folder)
  file(GLOB files CONFIGURE_DEPENDS ${folder}/fuzz_*.c)
  add_custom_target(fuzz)
  foreach(file IN LISTS files)
    get_filename_component(name ${file} NAME_WE)
    add_executable(${name} EXCLUDE_FROM_ALL ${file})
    target_include_directories(${name} PRIVATE src tests)
    target_link_libraries(${name} PRIVATE trireme trireme_private
      PkgConfig::HDF5 PkgConfig::CJSON m)
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    add_dependencies(fuzz ${name})
  endforeach()
endfunction()
