# The native engine and what it needs of base/, with its kernels' options: `native_engine_sources`, by whole paths. For
# the library, and for tests/environments/neon, which builds these alone for another processor.
set(_base ${CMAKE_CURRENT_LIST_DIR}/../../base)
include(${_base}/os/sources.cmake)
set(_engine ${CMAKE_CURRENT_LIST_DIR})
set(native_engine_sources
    ${_base}/aligned_buffer.cc
    ${_base}/byte_source.cc
    ${_base}/isa.cc
    ${_base}/model_file.cc
    ${_base}/waitable_counter.cc
    ${_base}/worker.cc
    ${_base}/workers.cc
    ${os_folder}/file.cc
    ${os_folder}/memory.cc
    ${os_folder}/wait.cc
    ${_engine}/chains.cc
    ${_engine}/cost.cc
    ${_engine}/graph.cc
    ${_engine}/half.cc
    ${_engine}/json.cc
    ${_engine}/json_fields.cc
    ${_engine}/kernels/kernels.cc
    ${_engine}/layer_fields.cc
    ${_engine}/layout.cc
    ${_engine}/memory_budget.cc
    ${_engine}/native_engine.cc
    ${_engine}/network.cc
    ${_engine}/operators/add.cc
    ${_engine}/operators/conv.cc
    ${_engine}/operators/conv_cost.cc
    ${_engine}/operators/conv_step.cc
    ${_engine}/operators/fully_connected.cc
    ${_engine}/operators/global_average_pool.cc
    ${_engine}/operators/operators.cc
    ${_engine}/operators/pool.cc
    ${_engine}/operators/scale.cc
    ${_engine}/operators/softmax.cc
    ${_engine}/operators/windows.cc
    ${_engine}/packing.cc
    ${_engine}/plan.cc
    ${_engine}/safetensors.cc
    ${_engine}/schedule.cc
    ${_engine}/shared_work.cc
    ${_engine}/stretches.cc
    ${_engine}/symbols.cc
    ${_engine}/thread_team.cc)

# The kernels are one source, compiled for each instruction set; products and sums may fuse there. Registers are counted
# in int, and there is no end of them. In parts, as one file for all would take a compiler very long.
set(_native_isas scalar)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  list(APPEND _native_isas avx2 avx512)
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64")
  list(APPEND _native_isas neon)
endif()
set(_avx2_options -mavx2 -mfma)
set(_avx512_options -mavx512f -mavx512bw -mavx512dq -mavx512vl -mfma)
# Checks in every load make -O3 take many minutes; with Clang and the fuzzer's counters -O1 still does.
set(_optimise -O3)
if(HRNET_NATIVE_FUZZ)
  set(_optimise -O0)
elseif(HRNET_NATIVE_SANITIZE)
  set(_optimise -O1)
endif()
foreach(_isa IN LISTS _native_isas)
  set(_kernels ${_engine}/kernels/kernels_${_isa}.cc ${_engine}/kernels/direct_${_isa}.cc
               ${_engine}/kernels/winograd_${_isa}.cc)
  set_source_files_properties(
    ${_kernels} PROPERTIES COMPILE_OPTIONS "${_${_isa}_options};${_optimise};-ffp-contract=fast;-Wno-sign-conversion")
  list(APPEND native_engine_sources ${_kernels})
endforeach()
