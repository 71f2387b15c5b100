# Warnings of our own targets; consumers never see these flags.
function(attend_set_warnings target)
  # GCC's plain -Wshadow also warns of enumerators of scoped enums, which shadow nothing.
  target_compile_options(${target} PRIVATE
    $<IF:$<CXX_COMPILER_ID:GNU>,-Wshadow=local,-Wshadow>
    -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wnon-virtual-dtor
    -Wold-style-cast -Wcast-align -Wunused -Woverloaded-virtual -Wdouble-promotion
    -Wimplicit-fallthrough -Wno-missing-field-initializers)
  if(ATTEND_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
endfunction()
