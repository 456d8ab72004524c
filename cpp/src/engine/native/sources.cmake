# The native engine and what it needs of base/, with its kernels' options: `native_engine_sources`, by whole paths. For
# the library, and for tests/neon, which builds these alone for another processor.
set(_base ${CMAKE_CURRENT_LIST_DIR}/../../base)
set(_engine ${CMAKE_CURRENT_LIST_DIR})
set(native_engine_sources
    ${_base}/aligned_buffer.cc
    ${_base}/isa.cc
    ${_base}/mapped_file.cc
    ${_engine}/chains.cc
    ${_engine}/conv_step.cc
    ${_engine}/cost.cc
    ${_engine}/graph.cc
    ${_engine}/half.cc
    ${_engine}/json_fields.cc
    ${_engine}/kernels/kernels.cc
    ${_engine}/layout.cc
    ${_engine}/memory_budget.cc
    ${_engine}/native_engine.cc
    ${_engine}/network.cc
    ${_engine}/packing.cc
    ${_engine}/plan.cc
    ${_engine}/safetensors.cc
    ${_engine}/schedule.cc
    ${_engine}/shared_work.cc
    ${_engine}/stretches.cc
    ${_engine}/softmax.cc
    ${_engine}/thread_team.cc)

# The kernels are one source, compiled for each instruction set; products and sums may fuse there. Registers are counted
# in int, and there is no end of them.
set(_native_kernels ${_engine}/kernels/kernels_scalar.cc)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  set_source_files_properties(${_engine}/kernels/kernels_avx2.cc PROPERTIES COMPILE_OPTIONS "-mavx2;-mfma")
  set_source_files_properties(${_engine}/kernels/kernels_avx512.cc
                              PROPERTIES COMPILE_OPTIONS "-mavx512f;-mavx512bw;-mavx512dq;-mavx512vl;-mfma")
  list(APPEND _native_kernels ${_engine}/kernels/kernels_avx2.cc ${_engine}/kernels/kernels_avx512.cc)
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64")
  list(APPEND _native_kernels ${_engine}/kernels/kernels_neon.cc)
endif()
# Checks in every load make -O3 take many minutes; with Clang and the fuzzer's counters -O1 still does.
set(_optimise -O3)
if(HRNET_NATIVE_FUZZ)
  set(_optimise -O0)
elseif(HRNET_NATIVE_SANITIZE)
  set(_optimise -O1)
endif()
set_property(SOURCE ${_native_kernels} APPEND PROPERTY COMPILE_OPTIONS "${_optimise};-ffp-contract=fast;-Wno-sign-conversion")
list(APPEND native_engine_sources ${_native_kernels})
