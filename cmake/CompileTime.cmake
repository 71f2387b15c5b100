# What keeps a build from nothing short.

# What nearly every file includes is read once. Not with ccache, which knows files only without it;
# so one or the other build tells of a file that lacks an include.
if(CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_DISABLE_PRECOMPILE_HEADERS ON)
endif()

# attend_compile_together(<target> [<source>...]): a dozen files are one, so that headers are read
# and templates compiled once, which takes 43 % of the time; each of the given sources stays alone.
# Names at the scope of a file must therefore be a target's own. Not where ATTEND_COMPILE_TOGETHER
# is off, as in the presets for work on the library, where a change is of few files.
function(attend_compile_together target)
  set_target_properties(${target} PROPERTIES
    UNITY_BUILD ${ATTEND_COMPILE_TOGETHER} UNITY_BUILD_BATCH_SIZE 12)
  set_source_files_properties(${ARGN} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
endfunction()
