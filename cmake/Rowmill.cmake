# How our own code is compiled, and the two shapes of target: a folder's library, and a folder's tests.

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

# The folders are put together into one shared library too, which shows what include/rowmill marks, and nothing else.
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)

add_library(rowmill_options INTERFACE)
target_compile_options(rowmill_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion
  -Wnon-virtual-dtor -Woverloaded-virtual -Werror -fno-omit-frame-pointer)
target_include_directories(rowmill_options INTERFACE ${CMAKE_SOURCE_DIR}/include ${CMAKE_SOURCE_DIR}/src)
if(ROWMILL_SANITIZE)
  target_compile_options(rowmill_options INTERFACE -fsanitize=${ROWMILL_SANITIZE} -g)
  target_link_options(rowmill_options INTERFACE -fsanitize=${ROWMILL_SANITIZE})
  if(ROWMILL_SANITIZE MATCHES thread)
    # Asio's fenced blocks use fences, which the thread sanitizer cannot see.
    target_compile_definitions(rowmill_options INTERFACE BOOST_ASIO_DISABLE_FENCED_BLOCK)
    target_compile_options(rowmill_options INTERFACE -Wno-tsan)
  endif()
endif()

# rowmill_folder(db USES engine item LIBRARIES PkgConfig::mysql): the static library of src/db.
function(rowmill_folder name)
  cmake_parse_arguments(ARG "" "" "USES;LIBRARIES" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  if(NOT sources)
    add_library(rowmill_${name} INTERFACE)
    set(kind INTERFACE)
  else()
    add_library(rowmill_${name} STATIC ${sources})
    set(kind PUBLIC)
  endif()
  list(TRANSFORM ARG_USES PREPEND rowmill_)
  target_link_libraries(rowmill_${name} ${kind} rowmill_options ${ARG_USES} ${ARG_LIBRARIES})
endfunction()

# rowmill_tests(unit job USES job): the tests of tests/unit/job, one binary, `unit-job`. With ALONE those of its suite "alone", whose
# bounds are times, are a test of their own, beside which no other runs.
function(rowmill_tests tier name)
  cmake_parse_arguments(ARG "ALONE" "" "USES" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${tier}/${name}/*.cpp)
  if(NOT sources)
    return()
  endif()
  list(TRANSFORM ARG_USES PREPEND rowmill_)
  add_executable(${tier}-${name} ${sources})
  target_link_libraries(${tier}-${name} PRIVATE ${ARG_USES} rowmill_test_main)
  if(NOT tier STREQUAL unit)
    target_link_libraries(${tier}-${name} PRIVATE rowmill_test_support)
  endif()
  add_test(NAME ${tier}-${name} COMMAND ${tier}-${name} $<$<BOOL:${ARG_ALONE}>:--test-suite-exclude=alone>
    WORKING_DIRECTORY ${CMAKE_SOURCE_DIR} COMMAND_EXPAND_LISTS)
  set_tests_properties(${tier}-${name} PROPERTIES LABELS ${tier} TIMEOUT 1800)
  if(ARG_ALONE)
    add_test(NAME ${tier}-${name}-alone COMMAND ${tier}-${name} --test-suite=alone WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
    set_tests_properties(${tier}-${name}-alone PROPERTIES LABELS ${tier} TIMEOUT 600 RUN_SERIAL TRUE)
  endif()
endfunction()
