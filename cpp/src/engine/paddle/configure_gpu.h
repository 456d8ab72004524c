#pragma once

#include <filesystem>
#include <string>

#include "engine/engine.h"
#include "paddle_inference_abi.h"

namespace hrnet_native {

inline bool UsesGpu(Backend backend) { return backend == Backend::kCuda || backend == Backend::kTensorRt; }

/// A TensorRT engine on disk, as Paddle reads and writes it.
struct TensorRtEngine {
  std::filesystem::path directory;
  std::string input_name;  ///< Of the program: the profile is given for it.
};

/// Tells Paddle to use a GPU as `config` says.
void ConfigureGpu(const EngineConfig& config, paddle::AnalysisConfig& paddle);

/// Tells Paddle, after ConfigureGpu, to run with TensorRT, for batches of 1 to max_batch_size. It takes the engine from
/// its directory, and builds it there, which takes minutes, if the directory is empty.
void ConfigureTensorRt(const EngineConfig& config, const TensorRtEngine& engine, paddle::AnalysisConfig& paddle);

}  // namespace hrnet_native
