#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "hrnet_native/imaging.h"

namespace hrnet_native {

/// The limits of one decoding, with its clock running. Each check throws Error kInvalidImage that names the limit, what
/// it allows and what the image wanted.
class DecodeBudget {
 public:
  explicit DecodeBudget(const ImageLimits& limits);

  void CheckEncodedBytes(std::size_t size) const;
  void CheckSize(std::int64_t height, std::int64_t width) const;
  void CheckScans(int scans) const;
  void CheckTime() const;

  bool TimeIsUp() const { return std::chrono::steady_clock::now() >= deadline_; }
  const ImageLimits& limits() const { return limits_; }

 private:
  ImageLimits limits_;
  std::chrono::steady_clock::time_point deadline_;
};

/// Throws Error kInvalidArgument unless every limit is positive.
void CheckLimits(const ImageLimits& limits);

}  // namespace hrnet_native
