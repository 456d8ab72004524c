#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <vector>

#include "base/model_file.h"
#include "hrnet_native/backend.h"
#include "hrnet_native/log.h"

namespace hrnet_native {

class Workers;

/// Shape of one input.
struct InputShape {
  int channels = 0;
  int height = 0;
  int width = 0;
};

/// What backends of a GPU are told.
struct GpuConfig {
  int device_id = 0;
  int memory_pool_mb = 0;
  Precision precision = Precision::kFp32;
  InputShape input;
  TensorRtOptions tensorrt;
  LogSink log;
  std::filesystem::path cache_dir;  ///< Root of the cache; empty if there is none. For kTensorRt.
};

/// What an engine is made from.
struct EngineConfig {
  ModelFile program;                ///< Empty if the model has none: no Paddle backend runs it.
  ModelFile parameters;             ///< Of the program.
  ModelFile native;                 ///< native.safetensors; empty if the model has none.
  Backend backend;                  ///< One that the engine implements, never kAuto.
  int num_threads;                  ///< Of one context; at least 1.
  int max_batch_size;               ///< Most images that are run at once; at least 1.
  Memory memory = Memory::kNormal;  ///< For kNative.
  GpuConfig gpu = {};               ///< For kCuda and kTensorRt.
  /// For kNative: whose threads and CPUs its contexts borrow for each run. Null: each context has its own.
  std::shared_ptr<Workers> workers = nullptr;
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

/// Memory that a context holds for itself, in bytes; 0 where the engine cannot tell.
struct EngineMemory {
  std::size_t weights_bytes;
  std::size_t arena_bytes;
};

/// One execution context of a loaded model. It belongs to the thread that made it; no other may call or destroy it.
class Engine {
 public:
  virtual ~Engine() = default;

  /// Runs the network. Throws Error kInternal if that fails or the outputs have another form.
  virtual OutputView Run(const InputView& input) = 0;

  virtual EngineMemory memory() const = 0;
};

/// A model that is loaded once and run by any number of contexts. Immutable: any thread may call it.
class LoadedModel {
 public:
  virtual ~LoadedModel() = default;

  /// Makes a context for the calling thread. The model must outlive it. Throws Error as LoadModel does.
  virtual std::unique_ptr<Engine> NewContext() const = 0;

  /// Bytes of the weights that all contexts share.
  virtual std::size_t shared_weights_bytes() const = 0;

  /// Size of the file that weights are read from when they are packed; 0 where the engine reads all at once.
  virtual std::size_t file_bytes() const { return 0; }
};

/// Loads a model for a backend. Throws Error: kUnsupported if this build or machine lacks it, kModelLoad if the model
/// does not load; engines may find the latter only when they make a context.
std::shared_ptr<const LoadedModel> LoadModel(const EngineConfig& config);

/// The backends to try for a device, fastest first: those that kAuto stands for, given which files the model has (an
/// empty `program`: none), else `backend` alone. Throws Error kUnsupported if `backend` does not run on the device, or
/// in the precision.
std::vector<Backend> Candidates(Backend backend, Device device, Precision precision, bool has_native,
                                const std::filesystem::path& program);

}  // namespace hrnet_native
