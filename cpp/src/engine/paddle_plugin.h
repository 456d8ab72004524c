#pragma once

#include "engine/engine.h"
#include "hrnet_native/export.h"

// What the Paddle plugin exports, a shared library of its own: a process that does not use Paddle never maps it.

namespace hrnet_native {

constexpr const char* kPaddlePluginVersion = "hrnet_native_paddle_plugin_version";
using PaddlePluginVersion = const char* (*)();

constexpr const char* kPaddlePluginFactory = "hrnet_native_load_paddle_model";
using PaddlePluginFactory = const LoadedModel* (*)(const EngineConfig& config);

}  // namespace hrnet_native

/// The version of the library that it was built with. What EngineConfig and LoadedModel hold is another in the next.
extern "C" HRNET_NATIVE_EXPORT const char* hrnet_native_paddle_plugin_version();

/// The caller takes ownership. Throws Error as LoadModel does.
extern "C" HRNET_NATIVE_EXPORT const hrnet_native::LoadedModel* hrnet_native_load_paddle_model(
    const hrnet_native::EngineConfig& config);
