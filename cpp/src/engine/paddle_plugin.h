#pragma once

#include "engine/engine.h"
#include "hrnet_native/export.h"

// The only symbol of the Paddle plugin, a shared library of its own: a process that does not use Paddle never maps it.

namespace hrnet_native {

constexpr const char* kPaddlePluginFactory = "hrnet_native_load_paddle_model";
using PaddlePluginFactory = const LoadedModel* (*)(const EngineConfig& config);

}  // namespace hrnet_native

/// The caller takes ownership. Throws Error as LoadModel does.
extern "C" HRNET_NATIVE_EXPORT const hrnet_native::LoadedModel* hrnet_native_load_paddle_model(
    const hrnet_native::EngineConfig& config);
