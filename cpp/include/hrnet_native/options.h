#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <vector>

#include "hrnet_native/backend.h"
#include "hrnet_native/imaging.h"
#include "hrnet_native/log.h"

namespace hrnet_native {

/// Plain data; every default is usable. Checked once, before anything is loaded.
struct PredictorOptions {
  Device device = Device::kCpu;
  /// kAuto takes the fastest for the device that loads, runs and gives the outputs that the model's probe records, and
  /// logs which and why. Any other is taken, or its error is thrown.
  Backend backend = Backend::kAuto;
  Precision precision = Precision::kFp32;  ///< kCuda: also kFp16, mixed; kTensorRt: also kFp16, kInt8.
  /// kLow: the native engine holds weights of at most 1.6 times their size in the file, whatever batch sizes are run.
  /// It may be slower (docs/native-engine.md tells by how much). Paddle's engines take no notice.
  Memory memory = Memory::kNormal;
  /// Threads of one instance; 0: the CPU budget / num_instances, at least 1. No more than that are used, and where more
  /// were asked for, or there are more instances than CPUs, `log` is told. The native engine takes so many CPUs for a
  /// run, or as many as the runs of other predictors leave free, and waits while they leave none.
  int num_threads = 0;
  int num_instances = 1;       ///< Execution contexts of the model, each with a thread that runs it.
  bool strict_budget = false;  ///< num_threads * num_instances above the CPU budget is an error.
  /// Threads of its own for decoding and for the native engine, and all CPUs for itself, instead of those that all
  /// predictors of the process share. Its clones share them.
  bool private_runtime = false;
  int max_batch_size = 8;  ///< Larger batches are run in pieces of this many images, 65536 at most.
  int max_queue_size = 0;  ///< Images that may wait; 0: 4 * num_instances * max_batch_size; -1: no limit.
  /// How long an image may wait for others to share its run, an hour at most.
  std::chrono::microseconds max_queue_delay{0};
  int top_k = 5;            ///< Classes per answer; fewer where the model has fewer.
  std::vector<int> warmup;  ///< Batch sizes to run once while loading, beside 1.
  bool verify = true;       ///< Compare the model's files with the hashes in inference.yml, if it has any.
  ImageOptions image = {};
  LogSink log = nullptr;
  /// The native engine's file, in place of the model directory's or where that has none: `hrnet-native compile -o`
  /// makes it. Python compiles such models by itself.
  std::filesystem::path native_file = {};

  // Of device kGpu.
  int device_id = 0;             ///< As CUDA counts; CUDA_VISIBLE_DEVICES applies.
  int gpu_memory_pool_mb = 256;  ///< What Paddle is told to take at once, in MiB; 2.6 ignores it.
  TensorRtOptions tensorrt = {};
  /// Root of the cache; empty: HRNET_NATIVE_CACHE_DIR, else hrnet_native in the user's cache directory.
  std::filesystem::path cache_dir = {};
};

/// What one call asks for.
struct RequestOptions {
  std::optional<int> top_k = std::nullopt;  ///< 1 or more; without it that of the predictor's options.
  /// How long the call may wait: what the engine has not begun to run by then fails with kDeadlineExceeded.
  /// More than a year is no limit.
  std::optional<std::chrono::microseconds> timeout = std::nullopt;
  /// Of a call with several images: asked on the calling thread between the runs of the engine; once it is true the
  /// call ends with kCancelled.
  std::function<bool()> is_given_up = nullptr;
};

}  // namespace hrnet_native
