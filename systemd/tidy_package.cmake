# Runs in CPack before a package is closed: manual pages and the change log are compressed, as distributions want them, and
# links between pages follow.
file(GLOB_RECURSE pages ${CPACK_TEMPORARY_INSTALL_DIRECTORY}/*/usr/share/man/*.[1-8]
     ${CPACK_TEMPORARY_INSTALL_DIRECTORY}/usr/share/man/*.[1-8]
     ${CPACK_TEMPORARY_INSTALL_DIRECTORY}/*/changelog)
foreach(page IN LISTS pages)
  if(IS_SYMLINK ${page})
    file(READ_SYMLINK ${page} target)
    file(REMOVE ${page})
    file(CREATE_LINK ${target}.gz ${page}.gz SYMBOLIC)
  else()
    execute_process(COMMAND gzip --best --no-name ${page} COMMAND_ERROR_IS_FATAL ANY)
  endif()
endforeach()
