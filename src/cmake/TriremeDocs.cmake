# The target docs, where doxygen is installed: DIR/docs/html/index.html, the reference of
# the public headers. Any warning is an error.
function(trireme_add_docs)
  find_program(TRIREME_DOXYGEN doxygen)
  mark_as_advanced(TRIREME_DOXYGEN)
  if(NOT TRIREME_DOXYGEN)
    return()
  endif()
  configure_file(${PROJECT_SOURCE_DIR}/src/cmake/Doxyfile.in
                 ${CMAKE_CURRENT_BINARY_DIR}/Doxyfile @ONLY)
  add_custom_target(docs
    COMMAND ${CMAKE_COMMAND} -E rm -rf docs
    COMMAND ${TRIREME_DOXYGEN} Doxyfile
    WORKING_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}
    COMMENT "Writing docs/html/index.html" VERBATIM)
endfunction()
