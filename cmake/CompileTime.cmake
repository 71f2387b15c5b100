# What keeps a build from nothing short.

# What nearly every file includes is read once. Not with ccache, which knows files only without it;
# so one or the other build tells of a file that lacks an include.
if(CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_DISABLE_PRECOMPILE_HEADERS ON)
endif()

# attend_compile_together(<target> [<source>...]): a dozen files are one, so that headers are read
# and templates compiled once: a release build from nothing takes 43 % of the time on 2 cores. Each of
# the given sources stays alone. Names at the scope of a file must therefore be a target's own, which
# tests/style sees to, though a local may have the name of another file's function. Not CMake's own
# CMAKE_UNITY_BUILD, which would reach kernels, tests and the projects around this one. Not where
# ATTEND_COMPILE_TOGETHER is off, as in the presets for work on the library: changes are of few files.
if(NOT CMAKE_CXX_COMPILER_ID STREQUAL GNU)  # where -Wshadow is of locals alone, see Warnings.cmake
  set(ATTEND_WARNINGS_TOGETHER -Wno-shadow)
endif()
function(attend_compile_together target)
  set_target_properties(${target} PROPERTIES
    UNITY_BUILD ${ATTEND_COMPILE_TOGETHER} UNITY_BUILD_BATCH_SIZE 12)
  set_source_files_properties(${ARGN} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  if(ATTEND_COMPILE_TOGETHER)
    target_compile_options(${target} PRIVATE ${ATTEND_WARNINGS_TOGETHER})
  endif()
endfunction()
