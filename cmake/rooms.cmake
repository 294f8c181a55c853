# One library a room, one precompiled header a layer. The include table is held by tests/tidy_test.cpp, not by
# link lines: the distribution puts every header on the path.

set(interject_warnings -Wall -Wextra -Wpedantic -Wshadow -Wconversion)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # GCC 12 warns at -O2 and above about its own std::string (GCC bug 105651) and std::optional (80635).
  list(APPEND interject_warnings -Wno-restrict -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread
    -Wno-maybe-uninitialized)
endif()
if(INTERJECT_WERROR)
  list(APPEND interject_warnings -Werror)
endif()

set(interject_flags)
set(interject_link_flags)
if(INTERJECT_SANITIZE)
  # -fno-sanitize=null: CAF 0.17.6 forms null references in its headers (intrusive_ptr and the like).
  list(APPEND interject_flags -fsanitize=${INTERJECT_SANITIZE} -fno-omit-frame-pointer -g1)
  list(APPEND interject_link_flags -fsanitize=${INTERJECT_SANITIZE})
  if(INTERJECT_SANITIZE MATCHES undefined)
    list(APPEND interject_flags -fno-sanitize=null,vptr -fno-sanitize-recover=undefined)
  endif()
  if(INTERJECT_SANITIZE MATCHES thread AND CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    # Asio's fences: ThreadSanitizer does not see them, and needs not, as handlers pass through a mutex as well.
    list(APPEND interject_flags -Wno-tsan)
  endif()
endif()
find_program(INTERJECT_LLD ld.lld)
if(INTERJECT_LLD)
  list(APPEND interject_link_flags -fuse-ld=lld)
endif()

function(interject_common target)
  target_compile_options(${target} PRIVATE ${interject_warnings} ${interject_flags})
  target_link_options(${target} PRIVATE ${interject_link_flags})
  get_target_property(kind ${target} TYPE)
  if(INTERJECT_SANITIZE MATCHES thread AND kind STREQUAL EXECUTABLE)
    # The library finds these functions before its own, as they are exported.
    target_sources(${target} PRIVATE ${PROJECT_SOURCE_DIR}/tests/support/tsan_caf.cpp)
    set_source_files_properties(${PROJECT_SOURCE_DIR}/tests/support/tsan_caf.cpp TARGET_DIRECTORY ${target}
      PROPERTIES SKIP_PRECOMPILE_HEADERS ON)
    target_link_options(${target} PRIVATE -rdynamic)
  endif()
endfunction()

# A turn makes some seventy small blocks, and one thread frees what another made: there mimalloc takes a quarter of the
# CPU of glibc's malloc off (benchmarks/RESULTS.md). Programs choose their allocator; libraries do not.
function(interject_program target)
  interject_common(${target})
  if(TARGET mimalloc)
    target_link_libraries(${target} PRIVATE mimalloc)
    target_link_options(${target} PRIVATE -Wl,--no-as-needed) # none of its symbols is named: it takes malloc's place
  endif()
endfunction()

# interject_room(name SOURCES … [LINK …] [PCH header …])
function(interject_room name)
  cmake_parse_arguments(room "" "" "SOURCES;LINK;PRIVATE_LINK;PCH" ${ARGN})
  add_library(interject_${name} STATIC ${room_SOURCES})
  add_library(interject::${name} ALIAS interject_${name})
  set_target_properties(interject_${name} PROPERTIES EXPORT_NAME ${name})
  target_include_directories(interject_${name} PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/interject>)
  target_compile_features(interject_${name} PUBLIC cxx_std_20)
  target_link_libraries(interject_${name} PUBLIC ${room_LINK} PRIVATE ${room_PRIVATE_LINK})
  if(room_PCH)
    target_precompile_headers(interject_${name} PRIVATE ${room_PCH})
  endif()
  interject_common(interject_${name})
  set_property(GLOBAL APPEND PROPERTY INTERJECT_ROOMS interject_${name})
endfunction()

# interject_test(name SOURCES … LINK … SUITES …): one binary a room, one CTest entry a suite, as a failed
# CAF_REQUIRE ends the whole binary.
function(interject_test name)
  cmake_parse_arguments(test "" "" "SOURCES;LINK;SUITES" ${ARGN})
  add_executable(${name}_test ${test_SOURCES} ${PROJECT_SOURCE_DIR}/tests/support/main.cpp)
  target_link_libraries(${name}_test PRIVATE ${test_LINK} CAF::core)
  target_include_directories(${name}_test PRIVATE ${PROJECT_SOURCE_DIR})
  target_compile_definitions(${name}_test PRIVATE INTERJECT_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  target_precompile_headers(${name}_test PRIVATE ${PROJECT_SOURCE_DIR}/tests/support/caf_test.hpp)
  interject_common(${name}_test)
  # GCC 12 sees an uninitialised std::function in its own <regex> when it builds with AddressSanitizer.
  set_source_files_properties(${PROJECT_SOURCE_DIR}/tests/support/main.cpp PROPERTIES
    COMPILE_OPTIONS -Wno-maybe-uninitialized)
  foreach(suite IN LISTS test_SUITES)
    # -A: CAF's runner leaves with 0 when its pattern meets no suite; support/main.cpp turns that into a failure.
    add_test(NAME ${name}.${suite} COMMAND ${name}_test -s "^${suite}$" -r 300 -n)
  endforeach()
endfunction()
