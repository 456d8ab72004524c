#include "model/probe.h"

#include <limits>

#include "model/inference_yml.h"
#include "support/expect_error.h"

namespace hrnet_native {
namespace {

Probe ReadProbe(const std::string& tolerance, const std::string& outputs) {
  Bundle bundle;
  ParseInferenceYml("hrnet_native:\n  probe: {generator: splitmix64, seed: 1, tolerance: " + tolerance +
                        ", outputs: " + outputs + "}\n",
                    bundle);
  return bundle.probe;
}

TEST(Probe, DifferencesCountInUnitsOfTheLargestMagnitude) {
  const Probe probe = ReadProbe("0.001", "[0.5, 1.5, -2]");
  const float outputs[] = {0.5F, 1.25F, -2};
  EXPECT_EQ(ProbeDifference(probe, outputs), 0.125F);
}

TEST(Probe, AllLogitsMayBeNegative) {
  const Probe probe = ReadProbe("0.001", "[-4, -1]");
  const float right[] = {-4, -1};
  const float wrong[] = {-4, -3};
  EXPECT_EQ(ProbeDifference(probe, right), 0);
  EXPECT_EQ(ProbeDifference(probe, wrong), 0.5F);
}

TEST(Probe, NoNumberIsFarFromEveryNumber) {
  const Probe probe = ReadProbe("0.001", "[1, 2]");
  const float outputs[] = {std::numeric_limits<float>::quiet_NaN(), 2};
  EXPECT_EQ(ProbeDifference(probe, outputs), std::numeric_limits<float>::infinity());
}

TEST(Probe, WhatCannotTellRightFromWrongIsRefused) {
  for (const char* tolerance : {"0", "-0.1", ".nan", ".inf"}) {
    ExpectError(ErrorCode::kModelLoad, "tolerance must be a positive number, not ",
                [&] { ReadProbe(tolerance, "[1, 2]"); });
  }
  for (const char* outputs : {"[]", "[0, 0]", "[1, .nan]", "[1, .inf]"}) {
    ExpectError(ErrorCode::kModelLoad, "probe.outputs must be finite numbers, and not all 0",
                [&] { ReadProbe("0.001", outputs); });
  }
}

}  // namespace
}  // namespace hrnet_native
