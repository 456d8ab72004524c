#include "engine/paddle/cuda_driver.h"

#include "support/expect_error.h"

namespace hrnet_native {
namespace {

TEST(CudaDriver, SaysThatNoGpuIsSeen) {
  ExpectError(ErrorCode::kUnsupported, "device_id=0 is not there: this process sees 0 GPUs",
              [] { cuda_driver::Identify(0); });
}

}  // namespace
}  // namespace hrnet_native
