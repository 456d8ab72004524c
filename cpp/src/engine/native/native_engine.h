#pragma once

#include <memory>

#include "engine/engine.h"

namespace hrnet_native::native {

/// Loads a model for the native engine. Throws Error as LoadModel does.
std::shared_ptr<const LoadedModel> LoadNativeModel(const EngineConfig& config);

}  // namespace hrnet_native::native
