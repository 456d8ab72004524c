#pragma once

#include "engine/engine.h"
#include "hrnet_native/export.h"

// The only symbol of the Paddle plugin, a shared library of its own: a process that does not use Paddle never maps it.

namespace hrnet_native {

constexpr const char* kPaddlePluginFactory = "hrnet_native_make_paddle_engine";
using PaddlePluginFactory = Engine* (*)(const EngineConfig& config);

}  // namespace hrnet_native

/// The caller takes ownership. Throws Error as MakeEngine does.
extern "C" HRNET_NATIVE_EXPORT hrnet_native::Engine* hrnet_native_make_paddle_engine(
    const hrnet_native::EngineConfig& config);
