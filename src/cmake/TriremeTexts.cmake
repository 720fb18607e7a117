# trireme_add_texts(TARGET FOLDER NAME): each NAME.txt of a folder as lines, in one table of
# that name (src/base/lines.h), in alphabetical order.
function(trireme_add_texts target folder name)
  file(GLOB files CONFIGURE_DEPENDS ${folder}/*.txt)
  list(SORT files)
  set(TEXTS_EXTERNS "")
  set(TEXTS_ROWS "")
  foreach(file IN LISTS files)
    get_filename_component(text ${file} NAME_WE)
    trireme_add_lines(${target} ${file} ${name}_${text})
    string(APPEND TEXTS_EXTERNS "extern const char *const ${name}_${text}[];\n")
    string(APPEND TEXTS_ROWS "{\"${text}\", ${name}_${text}},\n")
  endforeach()
  file(RELATIVE_PATH TEXTS_FOLDER ${CMAKE_CURRENT_SOURCE_DIR} ${folder})
  set(TEXTS_NAME ${name})
  set(table ${CMAKE_CURRENT_BINARY_DIR}/generated/${name}.c)
  configure_file(${TRIREME_PROGRAM_DIR}/texts.c.in ${table} @ONLY)
  target_sources(${target} PRIVATE ${table})
endfunction()

# trireme_add_man_pages(TARGET FOLDER): manual pages of a program with the subcommands
# FOLDER/NAME.txt, made from its help texts and installed.
function(trireme_add_man_pages target folder)
  set(script ${PROJECT_SOURCE_DIR}/src/cmake/man.sh)
  file(GLOB files CONFIGURE_DEPENDS ${folder}/*.txt)
  set(pages man/trireme.1)
  foreach(file IN LISTS files)
    get_filename_component(name ${file} NAME_WE)
    list(APPEND pages man/trireme-${name}.1)
  endforeach()
  add_custom_command(OUTPUT ${pages}
    COMMAND sh ${script} $<TARGET_FILE:${target}> ${PROJECT_VERSION} man
    DEPENDS ${target} ${script} COMMENT "Writing manual pages" VERBATIM)
  add_custom_target(man_pages ALL DEPENDS ${pages})
  list(TRANSFORM pages PREPEND ${CMAKE_CURRENT_BINARY_DIR}/)
  install(FILES ${pages} DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
endfunction()
