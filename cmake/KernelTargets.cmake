# Kernels: one text, compiled once per instruction set with flags of its own.
# Everything is in a namespace of the set, so that the linker cannot merge code across sets.
# Optimised in every build type: their speed is what tests of a Debug build would wait for.
# No contraction: multiply-adds are fused where the text says so, the same in every tile.
# Every set begins at the least CPU of its architecture, so that a project's own -march=native does
# not leak into it.
get_filename_component(ATTEND_KERNEL_FOLDER ${CMAKE_CURRENT_LIST_DIR}/../src/kernels ABSOLUTE)
set(ATTEND_KERNEL_SETS baseline)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|amd64)$")
  set(ATTEND_KERNEL_FAMILY ATTEND_X86_KERNELS=1)
  list(APPEND ATTEND_KERNEL_SETS avx2 avx512 avx512_vnni avx512_bf16 amx)
  set(ATTEND_KERNEL_FLAGS_baseline -march=x86-64)
  set(ATTEND_KERNEL_FLAGS_avx2 -march=x86-64 -mavx2 -mfma)
  set(ATTEND_KERNEL_FLAGS_avx512 ${ATTEND_KERNEL_FLAGS_avx2}
      -mavx512f -mavx512bw -mavx512dq -mavx512vl)
  set(ATTEND_KERNEL_FLAGS_avx512_vnni ${ATTEND_KERNEL_FLAGS_avx512} -mavx512vnni)
  set(ATTEND_KERNEL_FLAGS_avx512_bf16 ${ATTEND_KERNEL_FLAGS_avx512_vnni} -mavx512bf16)
  set(ATTEND_KERNEL_FLAGS_amx ${ATTEND_KERNEL_FLAGS_avx512_bf16} -mamx-tile -mamx-int8 -mamx-bf16)
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "^(aarch64|arm64)$")
  set(ATTEND_KERNEL_FAMILY ATTEND_ARM_KERNELS=1)
  list(APPEND ATTEND_KERNEL_SETS neon_dot neon_bf16)
  set(ATTEND_KERNEL_FLAGS_baseline -march=armv8-a)
  set(ATTEND_KERNEL_FLAGS_neon_dot -march=armv8.2-a+dotprod)
  set(ATTEND_KERNEL_FLAGS_neon_bf16 -march=armv8.2-a+dotprod+bf16)
endif()

# attend_add_kernels(<target>): one object library per set, linked into the target.
function(attend_add_kernels target)
  foreach(set ${ATTEND_KERNEL_SETS})
    set(kernels attend_kernels_${set})
    add_library(${kernels} OBJECT ${ATTEND_KERNEL_FOLDER}/${set}.cpp)
    attend_set_warnings(${kernels})
    target_compile_features(${kernels} PRIVATE cxx_std_20)
    set_target_properties(${kernels} PROPERTIES
      CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON POSITION_INDEPENDENT_CODE ON
      CXX_EXTENSIONS OFF UNITY_BUILD OFF DISABLE_PRECOMPILE_HEADERS ON
      INTERPROCEDURAL_OPTIMIZATION OFF)
    target_compile_options(${kernels} PRIVATE
      -O3 -fno-fast-math -ffp-contract=off -fno-math-errno -fno-exceptions ${ATTEND_KERNEL_FLAGS_${set}})
    target_compile_definitions(${kernels} PRIVATE $<TARGET_PROPERTY:${target},COMPILE_DEFINITIONS>)
    target_include_directories(${kernels} PRIVATE
      $<TARGET_PROPERTY:${target},INCLUDE_DIRECTORIES>)
    target_sources(${target} PRIVATE $<TARGET_OBJECTS:${kernels}>)
  endforeach()
  set_source_files_properties(${ATTEND_KERNEL_FOLDER}/registry.cpp
    TARGET_DIRECTORY ${target} PROPERTIES COMPILE_DEFINITIONS "${ATTEND_KERNEL_FAMILY}")
endfunction()
