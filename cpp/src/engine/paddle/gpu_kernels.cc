#include "engine/paddle/gpu_kernels.h"

#include <algorithm>
#include <array>

#include "base/str_cat.h"
#include "engine/paddle/cuda_driver.h"
#include "hrnet_native/error.h"
#include "paddle/phi/api/include/api.h"
#include "paddle/phi/api/include/tensor_utils.h"

namespace hrnet_native {

void RequireKernels(const phi::Place& gpu) {
  // An operator that every network has and that is Paddle's own: convolutions are cuDNN's, which may run all the same.
  std::array<float, 4> values = {1, -2, 3, -4};
  constexpr std::array<float, 4> kExpected = {1, 0, 3, 0};
  const paddle::Tensor input =
      paddle::from_blob(values.data(), {values.size()}, phi::DataType::FLOAT32, phi::DataLayout::NCHW, phi::CPUPlace());
  const paddle::Tensor on_gpu = input.copy_to(gpu, /*blocking=*/true);
  const paddle::Tensor output = paddle::experimental::relu(on_gpu).copy_to(phi::CPUPlace(), /*blocking=*/true);
  if (std::equal(kExpected.begin(), kExpected.end(), output.data<float>())) return;
  const GpuIdentity identity = cuda_driver::Identify(gpu.GetDeviceId());
  throw Error(ErrorCode::kUnsupported,
              StrCat("this Paddle ", HRNET_NATIVE_PADDLE_VERSION, " has no kernels for GPU ", int{gpu.GetDeviceId()},
                     ", ", identity.name, " of compute capability ", identity.compute_capability,
                     ": it computes nothing there; install a paddlepaddle-gpu that was built for it (docs/gpu.md)"));
}

}  // namespace hrnet_native
