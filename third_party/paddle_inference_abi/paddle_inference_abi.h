#pragma once

// Declarations of the part of Paddle Inference that this project calls, written for this project. Paddle's wheels
// export these symbols from libpaddle.so but ship no header for them. The classes are opaque: their storage is larger
// than Paddle's objects, which a probe proves when the build is configured (probe.cc); every call goes to an exported
// symbol. What a version lacks is not declared for it: HRNET_NATIVE_PADDLE_MAJOR says which one is meant. Functions
// that were renamed have their older name here ("Mkldnn"), which all versions since 2.6 export.

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "paddle/phi/api/include/tensor.h"

namespace paddle {

class PaddlePredictor;

/// Paddle's inference configuration.
class AnalysisConfig {
 public:
  static constexpr std::size_t kStorageBytes = 8192;

  enum class Precision { kFloat32 = 0 };

  AnalysisConfig();
  ~AnalysisConfig();
  AnalysisConfig(const AnalysisConfig&) = delete;
  AnalysisConfig& operator=(const AnalysisConfig&) = delete;

  void SetModel(const std::string& program_file, const std::string& parameters_file);
  void DisableGpu();
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
  void SetOptimCacheDir(const std::string& directory);
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
};

std::shared_ptr<Predictor> CreatePredictor(const paddle::AnalysisConfig& config);
std::string GetVersion();

}  // namespace paddle_infer
