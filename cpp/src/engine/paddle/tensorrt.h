#pragma once

#include <functional>

#include "engine/paddle/configure_gpu.h"

namespace hrnet_native {

/// Throws Error kUnsupported unless this Paddle was built with CUDA and the GPU of `config` is there; for kTensorRt
/// also unless it was built with TensorRT and finds its library.
void CheckGpu(const EngineConfig& config);

/// Runs the program on a GPU with the engine, once for each batch size that is given: what Paddle builds in an empty
/// directory of the engine is whole then.
using EngineRunner = std::function<void(const TensorRtEngine& engine, const std::vector<int>& batch_sizes)>;

/// The engine of `config`'s model for this GPU, driver, TensorRT, Paddle, precision and profile: from the cache, or
/// built now with `run` and stored there. Throws Error: kUnsupported, saying what the cache has, if there is none and
/// config.gpu.tensorrt.build is false; kModelLoad if the program is no .pdmodel; those of `run`.
TensorRtEngine ObtainEngine(const EngineConfig& config, const std::string& input_name, const EngineRunner& run);

}  // namespace hrnet_native
