#pragma once

#include <filesystem>

#include "engine/engine.h"
#include "engine/paddle/configure_gpu.h"
#include "engine/paddle/named_files.h"
#include "paddle_inference_abi.h"

namespace hrnet_native {

/// Tells Paddle what to load and how to run it. `files`: of `config`; `scratch`: a directory for files that last as
/// long as the predictor; `engine`: of kTensorRt. Throws Error: kModelLoad for a format that the backend does not run,
/// kUnsupported for a backend that this Paddle lacks.
void Configure(const EngineConfig& config, const NamedFiles& files, const std::filesystem::path& scratch,
               const TensorRtEngine& engine, paddle::AnalysisConfig& paddle);

}  // namespace hrnet_native
