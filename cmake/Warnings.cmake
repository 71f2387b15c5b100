# Warnings of our own targets; consumers never see these flags.
function(attend_set_warnings target)
  # Where the compilers differ: GCC's plain -Wshadow also warns of enumerators of scoped enums,
  # which shadow nothing; clang's -Wdouble-promotion also warns where a double is asked for.
  target_compile_options(${target} PRIVATE
    $<IF:$<CXX_COMPILER_ID:GNU>,-Wshadow=local,-Wshadow>
    -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wnon-virtual-dtor
    -Wold-style-cast -Wcast-align -Wunused -Woverloaded-virtual $<$<CXX_COMPILER_ID:GNU>:-Wdouble-promotion>
    -Wimplicit-fallthrough -Wno-missing-field-initializers)
  # With the sanitizers' checks in between, GCC 12 takes the alternatives that a variant does not
  # hold for values that are read.
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_FLAGS MATCHES "-fsanitize=")
    target_compile_options(${target} PRIVATE -Wno-maybe-uninitialized)
  endif()
  if(ATTEND_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
endfunction()
