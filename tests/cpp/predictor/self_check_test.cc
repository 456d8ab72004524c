#include "predictor/self_check.h"

#include <array>
#include <cmath>

#include "support/expect_error.h"

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

void CheckKind(OutputKind kind, float first, float second) {
  Bundle bundle;
  bundle.output = kind;
  const std::array<float, 2> outputs = {first, second};
  CheckOutputs(bundle, {}, {outputs.data(), 1, 2});
}

TEST(SelfCheck, OutputsAreWhatTheFileSays) {
  CheckKind(OutputKind::kProbabilities, 0.25F, 0.75F);
  CheckKind(OutputKind::kLogits, 0.25F, 0.77F);
  ExpectError(ErrorCode::kModelLoad, "no probabilities", [] { CheckKind(OutputKind::kProbabilities, 0.25F, 0.77F); });
  ExpectError(ErrorCode::kModelLoad, "outputs are probabilities", [] { CheckKind(OutputKind::kLogits, 0.25F, 0.75F); });
}

TEST(SelfCheck, OutputsAreFinite) {
  for (const OutputKind kind : {OutputKind::kProbabilities, OutputKind::kLogits}) {
    ExpectError(ErrorCode::kModelLoad, "output of class 1 is nan", [&] { CheckKind(kind, 1, NAN); });
    ExpectError(ErrorCode::kModelLoad, "output of class 0 is -inf", [&] { CheckKind(kind, -INFINITY, 1); });
  }
}

}  // namespace
}  // namespace hrnet_native
