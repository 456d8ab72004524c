#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <vector>

#include "hrnet_native/export.h"
#include "hrnet_native/imaging.h"
#include "hrnet_native/log.h"

namespace hrnet_native {

enum class Device { kCpu, kGpu };
enum class Backend { kAuto, kNative, kOneDnn, kOpenVino, kCpu, kCuda, kTensorRt };
enum class Precision { kFp32, kFp16, kBf16, kInt8 };
enum class Memory { kNormal, kLow };

/// The word of a backend: "auto", "native", "onednn", "openvino", "cpu", "cuda" or "tensorrt".
HRNET_NATIVE_EXPORT const char* Name(Backend backend) noexcept;

/// Plain data; every default is usable. Checked once, before anything is loaded.
struct PredictorOptions {
  Device device = Device::kCpu;
  /// kAuto takes the fastest for the device that loads, runs and gives the outputs that the model's probe records, and
  /// logs which and why. Any other is taken, or its error is thrown.
  Backend backend = Backend::kAuto;
  Precision precision = Precision::kFp32;
  /// kLow: the native engine holds weights of at most 1.6 times their size in the file, whatever batch sizes are run.
  /// It may be slower (docs/native-engine.md tells by how much). Paddle's engines take no notice.
  Memory memory = Memory::kNormal;
  int num_threads = 0;     ///< Threads of one instance; 0: the CPU budget / num_instances, at least 1.
  int num_instances = 1;   ///< Execution contexts of the model, each with a thread that runs it.
  int max_batch_size = 8;  ///< Larger batches are run in pieces of this many images.
  int max_queue_size = 0;  ///< Images that may wait; 0: 4 * num_instances * max_batch_size; -1: no limit.
  std::chrono::microseconds max_queue_delay{0};  ///< How long an image may wait for others to share its run.
  int top_k = 5;                                 ///< Classes per answer; fewer where the model has fewer.
  std::vector<int> warmup;                       ///< Batch sizes to run once while loading, beside 1.
  ImageOptions image = {};
  LogSink log = nullptr;
  /// The native engine's file, in place of the model directory's or where that has none: `hrnet-native compile -o`
  /// makes it. Python compiles such models by itself.
  std::filesystem::path native_file = {};
};

/// What one call asks for.
struct RequestOptions {
  std::optional<int> top_k = std::nullopt;  ///< 1 or more; without it that of the predictor's options.
  /// How long the call may wait: what the engine has not begun to run by then fails with kDeadlineExceeded.
  std::optional<std::chrono::microseconds> timeout = std::nullopt;
};

}  // namespace hrnet_native
