# What we build on: Debian packages, listed in scripts/packages. All of it is included as SYSTEM.

set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
find_package(Boost 1.81 CONFIG REQUIRED COMPONENTS headers json)
find_package(fmt REQUIRED)
find_package(CLI11 REQUIRED)
find_package(tomlplusplus REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(mariadb REQUIRED IMPORTED_TARGET libmariadb)
# Its core alone: the package's CMake file asks for the libraries of its server too.
pkg_check_modules(prometheus REQUIRED IMPORTED_TARGET prometheus-cpp-core)

find_library(MYSQLPP_LIBRARY mysqlpp REQUIRED)
find_path(MYSQLPP_INCLUDE_DIR mysql++.h PATH_SUFFIXES mysql++ REQUIRED)
add_library(mysqlpp INTERFACE)
target_include_directories(mysqlpp SYSTEM INTERFACE ${MYSQLPP_INCLUDE_DIR})
target_link_libraries(mysqlpp INTERFACE ${MYSQLPP_LIBRARY} PkgConfig::mariadb)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
