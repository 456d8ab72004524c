#pragma once

#include "hrnet_native/export.h"

namespace hrnet_native {

enum class Device { kCpu, kGpu };
enum class Backend { kAuto, kNative, kOneDnn, kOpenVino, kCpu, kCuda, kTensorRt };
enum class Precision { kFp32, kFp16, kBf16, kInt8 };
enum class Memory { kNormal, kLow };

/// The word of a backend: "auto", "native", "onednn", "openvino", "cpu", "cuda" or "tensorrt".
HRNET_NATIVE_EXPORT const char* Name(Backend backend) noexcept;

/// The word of a precision: "fp32", "fp16", "bf16" or "int8".
HRNET_NATIVE_EXPORT const char* Name(Precision precision) noexcept;

/// How an engine of backend kTensorRt is built, and whether.
struct TensorRtOptions {
  int workspace_mb = 1024;     ///< Scratch memory that TensorRT may use, in MiB.
  int min_subgraph_size = 3;   ///< Groups of fewer operators stay with Paddle.
  int optimal_batch_size = 1;  ///< What the engine is tuned for, from 1 to max_batch_size, which it covers.
  /// Build an engine, which takes minutes, where the cache has none that fits; false: kUnsupported.
  bool build = true;
};

}  // namespace hrnet_native
