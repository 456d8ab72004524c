#pragma once

#include <filesystem>
#include <memory>

#include "hrnet_native/options.h"

namespace hrnet_native {

/// What an engine is made from.
struct EngineConfig {
  std::filesystem::path program;
  std::filesystem::path parameters;
  Backend backend;  ///< One that the engine implements, never kAuto.
  int num_threads;  ///< At least 1.
};

/// A batch of inputs, borrowed for the call: (batch, channels, height, width) floats.
struct InputView {
  const float* data;
  int batch;
  int channels;
  int height;
  int width;
};

/// A batch of outputs (batch, num_classes), valid until the engine runs again.
struct OutputView {
  const float* data;
  int batch;
  int num_classes;
};

/// One execution context of one loaded model. It belongs to the thread that made it; no other may call or destroy it.
class Engine {
 public:
  virtual ~Engine() = default;

  /// Runs the network. Throws Error kInternal if that fails or the outputs have another form.
  virtual OutputView Run(const InputView& input) = 0;
};

/// Makes the engine for a backend. Throws Error: kUnsupported if this build or machine lacks it, kModelLoad if the
/// model does not load.
std::unique_ptr<Engine> MakeEngine(const EngineConfig& config);

/// The backend that kAuto stands for on a device. Throws Error kUnsupported if there is none, or if `backend` does not
/// run on the device.
Backend ResolveBackend(Backend backend, Device device);

}  // namespace hrnet_native
