#pragma once

#include <memory>

#include "engine/engine.h"

namespace hrnet_native {

/// Loads the Paddle plugin, once per process, and loads a model with it. Where the plugin is looked for: the file in
/// HRNET_NATIVE_PADDLE_PLUGIN, else beside the library or program that holds this code, else in the folder of libraries
/// where programs like it are installed. Where Paddle is looked for: the directory in
/// HRNET_NATIVE_PADDLE_DIR (a `paddle` package), else beside the plugin's own package, else where the loader looks.
/// Throws Error: kUnsupported if the plugin or Paddle is missing or unfit, kModelLoad if the model does not load.
std::shared_ptr<const LoadedModel> LoadPaddleModel(const EngineConfig& config);

}  // namespace hrnet_native
