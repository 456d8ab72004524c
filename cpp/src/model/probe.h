#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace hrnet_native {

/// What a model gave for a known input when it was exported.
struct Probe {
  std::uint64_t seed = 0;
  std::vector<float> outputs;  ///< Empty: the model carries no probe. Else finite, and not all 0.
  float tolerance = 0;         ///< Largest difference, in units of the largest magnitude of an output.
};

/// The probe's input: `count` values in [-1, 1), element i from SplitMix64 (Steele, Lea and Flood, 2014) after i + 1
/// steps from the seed. Python makes the same in hrnet_native.bundle.probe.
std::vector<float> ProbeInput(std::uint64_t seed, std::size_t count);

/// Throws Error kModelLoad for a probe that any outputs would pass, or none.
void CheckProbe(const Probe& probe);

/// Largest difference between `outputs` and the probe's, in units of the largest magnitude of the latter; infinite if
/// an output is no number.
float ProbeDifference(const Probe& probe, const float* outputs);

}  // namespace hrnet_native
