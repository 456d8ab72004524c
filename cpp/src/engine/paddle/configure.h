#pragma once

#include "engine/engine.h"
#include "paddle_inference_abi.h"

namespace hrnet_native {

/// Tells Paddle what to load and how to run it. Throws Error: kModelLoad for a format, kUnsupported for a backend that
/// this Paddle lacks.
void Configure(const EngineConfig& config, paddle::AnalysisConfig& paddle);

}  // namespace hrnet_native
