#include "model/probe.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/str_cat.h"
#include "hrnet_native/error.h"

namespace hrnet_native {

std::vector<float> ProbeInput(std::uint64_t seed, std::size_t count) {
  std::vector<float> values(count);
  std::uint64_t state = seed;
  for (float& value : values) {
    state += 0x9E3779B97F4A7C15U;
    std::uint64_t z = state;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    z ^= z >> 31;
    value = static_cast<float>(z >> 40) / static_cast<float>(1 << 23) - 1.0F;  // 24 bits: exact
  }
  return values;
}

void CheckProbe(const Probe& probe) {
  if (!(probe.tolerance > 0 && std::isfinite(probe.tolerance))) {
    throw Error(ErrorCode::kModelLoad,
                StrCat("hrnet_native.probe.tolerance must be a positive number, not ", probe.tolerance));
  }
  const auto is_finite = [](float output) { return std::isfinite(output); };
  const auto is_zero = [](float output) { return output == 0; };
  if (!std::all_of(probe.outputs.begin(), probe.outputs.end(), is_finite) ||
      std::all_of(probe.outputs.begin(), probe.outputs.end(), is_zero)) {
    throw Error(ErrorCode::kModelLoad, "hrnet_native.probe.outputs must be finite numbers, and not all 0");
  }
}

float ProbeDifference(const Probe& probe, const float* outputs) {
  float difference = 0;
  float largest = 0;  // of logits all may be negative
  for (std::size_t i = 0; i < probe.outputs.size(); ++i) {
    largest = std::max(largest, std::abs(probe.outputs[i]));
    const float here = std::abs(outputs[i] - probe.outputs[i]);
    if (!(here <= difference)) difference = std::isnan(here) ? std::numeric_limits<float>::infinity() : here;
  }
  return difference / largest;
}

}  // namespace hrnet_native
