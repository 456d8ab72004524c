#include "model/probe.h"

#include <algorithm>
#include <cmath>
#include <limits>

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

float ProbeDifference(const Probe& probe, const float* outputs) {
  float difference = 0;
  for (std::size_t i = 0; i < probe.outputs.size(); ++i) {
    const float here = std::abs(outputs[i] - probe.outputs[i]);
    if (!(here <= difference)) difference = std::isnan(here) ? std::numeric_limits<float>::infinity() : here;
  }
  return difference / *std::max_element(probe.outputs.begin(), probe.outputs.end());
}

}  // namespace hrnet_native
