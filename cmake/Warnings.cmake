# Warnings of our own targets; consumers never see these flags.
function(attend_set_warnings target)
  target_compile_options(${target} PRIVATE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
    -Wold-style-cast -Wcast-align -Wunused -Woverloaded-virtual -Wdouble-promotion
    -Wimplicit-fallthrough -Wno-missing-field-initializers)
  if(ATTEND_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
endfunction()
