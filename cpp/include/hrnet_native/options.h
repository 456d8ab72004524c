#pragma once

#include "hrnet_native/export.h"
#include "hrnet_native/imaging.h"

namespace hrnet_native {

enum class Device { kCpu, kGpu };
enum class Backend { kAuto, kNative, kOneDnn, kOpenVino, kCpu, kCuda, kTensorRt };
enum class Precision { kFp32, kFp16, kBf16, kInt8 };

/// The word of a backend: "auto", "native", "onednn", "openvino", "cpu", "cuda" or "tensorrt".
HRNET_NATIVE_EXPORT const char* Name(Backend backend) noexcept;

/// Plain data; every default is usable. Checked once, before anything is loaded.
struct PredictorOptions {
  Device device = Device::kCpu;
  Backend backend = Backend::kAuto;  ///< kAuto takes the fastest that this build has for the device.
  Precision precision = Precision::kFp32;
  int num_threads = 0;     ///< Threads of the engine; 0: as many as this process may run on.
  int max_batch_size = 8;  ///< Larger batches are run in pieces of this many images.
  int top_k = 5;           ///< Classes per answer; fewer where the model has fewer.
  ImageOptions image = {};
};

}  // namespace hrnet_native
