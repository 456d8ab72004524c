#pragma once

#include <string>

namespace hrnet_native {

/// A GPU and its driver, as far as an engine that was built for one may not run on another.
struct GpuIdentity {
  std::string name;                ///< Such as "NVIDIA A10".
  std::string compute_capability;  ///< Such as "8.6".
  std::string driver;              ///< Of the kernel, such as "550.54.14"; the CUDA version it serves if unknown.
};

/// The few functions of NVIDIA's driver library that Paddle's exported interface has no counterpart for. The library is
/// opened on first use: no program needs it where no GPU is asked for.
namespace cuda_driver {

/// Throws Error kUnsupported if there is no driver or no such GPU.
GpuIdentity Identify(int device_id);

/// Waits until a CUDA stream has done all its work. Throws Error kInternal if that work failed.
void Synchronize(void* stream);

}  // namespace cuda_driver
}  // namespace hrnet_native
