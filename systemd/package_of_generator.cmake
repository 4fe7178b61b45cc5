# Runs when CPack begins: where packages are RPM, sendmail is a matter of alternatives(8), and there is no mailchute-mta.
if(CPACK_GENERATOR STREQUAL "RPM")
  set(CPACK_COMPONENTS_ALL mailchute)
endif()
