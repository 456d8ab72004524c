#pragma once

// Declarations of the part of Paddle Inference that this project calls, written for this project. Paddle's wheels
// export these symbols from libpaddle.so but ship no header for them. The classes are opaque: their storage is larger
// than Paddle's objects, which a probe proves when the build is configured (probe.cc); every call goes to an exported
// symbol. What a version lacks is not declared for it: HRNET_NATIVE_PADDLE_NUMBER says which one is meant.

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "paddle/phi/api/include/tensor.h"

namespace paddle {

class PaddlePredictor;

/// Paddle's inference configuration.
class AnalysisConfig {
 public:
  static constexpr std::size_t kStorageBytes = 8192;

  enum class Precision { kFloat32 = 0, kInt8, kHalf, kBf16 };

  AnalysisConfig();
  ~AnalysisConfig();
  AnalysisConfig(const AnalysisConfig&) = delete;
  AnalysisConfig& operator=(const AnalysisConfig&) = delete;

  void SetModel(const std::string& program_file, const std::string& parameters_file);
  void DisableGpu();
  void EnableUseGpu(std::uint64_t memory_pool_init_size_mb, int device_id, Precision precision);
  void EnableTensorRtEngine(std::int64_t workspace_size, int max_batch_size, int min_subgraph_size, Precision precision,
                            bool use_static, bool use_calib_mode, bool use_cuda_graph);
  void SetTRTDynamicShapeInfo(std::map<std::string, std::vector<int>> min_input_shape,
                              std::map<std::string, std::vector<int>> max_input_shape,
                              std::map<std::string, std::vector<int>> optim_input_shape, bool disable_trt_plugin_fp16);
  void SetOptimCacheDir(const std::string& directory);
  std::string Summary();
#if HRNET_NATIVE_PADDLE_NUMBER >= 302
  void EnableONEDNN();
  void DisableONEDNN();
  void SetOnednnCacheCapacity(int capacity);
#else
  void EnableMKLDNN();
  void DisableMKLDNN();
  void SetMkldnnCacheCapacity(int capacity);
#endif
  void SetCpuMathLibraryNumThreads(int num_threads);
  void EnableMemoryOptim(bool enable);
  void DisableGlogInfo();
#if HRNET_NATIVE_PADDLE_NUMBER >= 300
  void EnableNewIR(bool enable);
  void EnableNewExecutor(bool enable);
  void EnableOpenVINOEngine(Precision precision);
  void DeletePass(const std::string& pass);
#endif

 private:
  alignas(16) unsigned char storage_[kStorageBytes];
};

}  // namespace paddle

namespace paddle_infer {

/// Paddle's predictor: made by CreatePredictor, destroyed by the pointer that it returns.
class Predictor {
 public:
  Predictor() = delete;

  std::vector<std::string> GetInputNames();
  std::vector<std::string> GetOutputNames();
  bool Run(const std::vector<paddle::Tensor>& inputs, std::vector<paddle::Tensor>* outputs);
  void* GetExecStream() const;
};

/// A function of Paddle's OpenVINO engine, never called: null in a Paddle that was built without that engine.
extern "C" [[gnu::weak]] void hrnet_native_openvino_marker() __asm__(
    "_ZN6paddle9inference8openvino14OpenVINOEngine11BuildEngineEv");

std::shared_ptr<Predictor> CreatePredictor(const paddle::AnalysisConfig& config);
std::string GetVersion();
std::tuple<int, int, int> GetTrtCompileVersion();  // zeros in a build without TensorRT
std::tuple<int, int, int> GetTrtRuntimeVersion();

}  // namespace paddle_infer

namespace phi::backends::gpu {

/// Only builds with CUDA have it: elsewhere its address is null.
__attribute__((weak)) int GetGPUDeviceCount();

}  // namespace phi::backends::gpu
