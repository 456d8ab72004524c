#include "predictor/self_check.h"

#include <array>

#include "expect_error.h"

namespace hrnet_native {
namespace {

void Check(Device device, Precision precision, float error) {
  Bundle bundle;
  bundle.output = OutputKind::kLogits;
  bundle.probe.outputs = {1, -1};
  bundle.probe.tolerance = 0.001F;
  PredictorOptions options;
  options.device = device;
  options.precision = precision;
  const std::array<float, 2> outputs = {1, -1 + error};
  CheckOutputs(bundle, options, {outputs.data(), 1, 2});
}

TEST(SelfCheck, AGpuMayDifferMore) {
  constexpr const char* kDiffers = "gives outputs that differ from those at export";
  Check(Device::kCpu, Precision::kFp32, 0.0009F);
  ExpectError(ErrorCode::kModelLoad, kDiffers, [] { Check(Device::kCpu, Precision::kFp32, 0.0011F); });
  Check(Device::kGpu, Precision::kFp32, 0.04F);
  ExpectError(ErrorCode::kModelLoad, kDiffers, [] { Check(Device::kGpu, Precision::kFp32, 0.06F); });
  Check(Device::kGpu, Precision::kFp16, 0.15F);
  ExpectError(ErrorCode::kModelLoad, kDiffers, [] { Check(Device::kGpu, Precision::kFp16, 0.25F); });
}

}  // namespace
}  // namespace hrnet_native
