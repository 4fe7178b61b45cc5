# Packages by CPack (docs/decisions/0014-packages.md):
#   cpack --config build/install/CPackConfig.cmake -G DEB     mailchute and mailchute-mta
#   cpack --config build/install/CPackConfig.cmake -G RPM     mailchute
set(MAILCHUTE_MAINTAINER "mailchute maintainers <maintainers@mailchute.dev>" CACHE STRING "Who answers for the packages")

set(CPACK_PACKAGE_NAME mailchute)
set(CPACK_PACKAGE_VENDOR mailchute)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "${MAILCHUTE_MAINTAINER}")
set(CPACK_PACKAGE_DIRECTORY ${CMAKE_BINARY_DIR}/packages)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL mailchute mta)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_CURRENT_SOURCE_DIR}/tidy_package.cmake)

# The first line of a description is its summary.
set(CPACK_COMPONENT_MAILCHUTE_DESCRIPTION "local mail relay for machines that send through a mail provider
Programs hand it their mail on 127.0.0.1:25; it keeps the mail on disk, synced
before it is acknowledged, and delivers it over TLS with a login at a provider
(QQ Mail, 163, Gmail, Microsoft 365, SES, or any other that speaks SMTP) as
soon as that takes it.
.
It receives no mail from outside and keeps no mailboxes. This package can stand
beside another mail server and starts nothing by itself.")
set(CPACK_COMPONENT_MTA_DESCRIPTION "mailchute in the place of the system's mail server
The commands sendmail, mailq and newaliases, by which cron, PHP and others send
their mail, lead to mailchute, and the service is started with the system.")

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_MAINTAINER "${MAILCHUTE_MAINTAINER}")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(debian ${CMAKE_CURRENT_SOURCE_DIR}/debian)

set(CPACK_DEBIAN_MAILCHUTE_PACKAGE_NAME mailchute)
set(CPACK_DEBIAN_MAILCHUTE_PACKAGE_SECTION mail)
set(CPACK_DEBIAN_MAILCHUTE_PACKAGE_SHLIBDEPS ON)
# The alternatives are for containers, which have no systemd.
set(CPACK_DEBIAN_MAILCHUTE_PACKAGE_DEPENDS
    "systemd | systemd-standalone-sysusers, systemd | systemd-standalone-tmpfiles, passwd")
set(CPACK_DEBIAN_MAILCHUTE_PACKAGE_RECOMMENDS "ca-certificates")
set(CPACK_DEBIAN_MAILCHUTE_PACKAGE_SUGGESTS "mailchute-mta")
set(CPACK_DEBIAN_MAILCHUTE_PACKAGE_CONTROL_EXTRA ${debian}/mailchute/postinst ${debian}/mailchute/prerm ${debian}/mailchute/postrm)

set(CPACK_DEBIAN_MTA_PACKAGE_NAME mailchute-mta)
set(CPACK_DEBIAN_MTA_PACKAGE_SECTION mail)
set(CPACK_DEBIAN_MTA_PACKAGE_ARCHITECTURE all)
set(CPACK_DEBIAN_MTA_PACKAGE_DEPENDS "mailchute (>= ${PROJECT_VERSION})")
set(CPACK_DEBIAN_MTA_PACKAGE_PROVIDES mail-transport-agent)
set(CPACK_DEBIAN_MTA_PACKAGE_CONFLICTS mail-transport-agent)
set(CPACK_DEBIAN_MTA_PACKAGE_REPLACES mail-transport-agent)
set(CPACK_DEBIAN_MTA_PACKAGE_CONTROL_EXTRA ${debian}/mta/postinst ${debian}/mta/prerm ${debian}/mta/postrm)

# What Debian wants to find beside each package.
foreach(package mailchute mta)
  string(REPLACE mailchute-mailchute mailchute name mailchute-${package})
  install(FILES ${debian}/copyright DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${name} COMPONENT ${package} EXCLUDE_FROM_ALL)
  install(FILES ${debian}/changelog DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${name} COMPONENT ${package} EXCLUDE_FROM_ALL)
endforeach()

set(CPACK_RPM_COMPONENT_INSTALL ON)
set(CPACK_RPM_FILE_NAME RPM-DEFAULT)
set(CPACK_RPM_MAILCHUTE_PACKAGE_NAME mailchute)
set(CPACK_RPM_MAILCHUTE_PACKAGE_SUMMARY "Local mail relay for machines that send through a mail provider")
set(CPACK_RPM_PACKAGE_LICENSE Apache-2.0)
set(CPACK_RPM_PACKAGE_GROUP "System Environment/Daemons")
set(CPACK_RPM_MAILCHUTE_PACKAGE_REQUIRES "systemd, shadow-utils")
set(CPACK_RPM_MAILCHUTE_POST_INSTALL_SCRIPT_FILE ${CMAKE_CURRENT_SOURCE_DIR}/rpm/post.sh)
set(CPACK_RPM_MAILCHUTE_PRE_UNINSTALL_SCRIPT_FILE ${CMAKE_CURRENT_SOURCE_DIR}/rpm/preun.sh)
set(CPACK_RPM_MAILCHUTE_POST_UNINSTALL_SCRIPT_FILE ${CMAKE_CURRENT_SOURCE_DIR}/rpm/postun.sh)
# Folders of the system are no package's.
set(CPACK_RPM_EXCLUDE_FROM_AUTO_FILELIST_ADDITION /usr /usr/sbin /usr/share/doc /usr/lib/systemd /usr/lib/systemd/system
    /usr/lib/sysusers.d /usr/lib/tmpfiles.d /usr/lib/systemd/catalog /usr/share/man /usr/share/man/man1 /usr/share/man/man5
    /usr/share/man/man8)
set(CPACK_PROJECT_CONFIG_FILE ${CMAKE_CURRENT_SOURCE_DIR}/package_of_generator.cmake)

include(CPack)
