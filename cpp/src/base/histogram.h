#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace hrnet_native {

/// Counts durations in fixed memory: eight buckets for each power of two of nanoseconds, up to 2^42 (73 minutes), what
/// is longer in the last one. Not synchronised.
class Histogram {
 public:
  void Add(std::uint64_t ns);

  std::uint64_t count() const { return count_; }
  std::uint64_t total_ns() const { return total_ns_; }

  /// The duration that a fraction (0 to 1) of all do not exceed, to within 6.25 %: the middle of its bucket. 0 if
  /// there are none.
  std::uint64_t Quantile(double fraction) const;

 private:
  static constexpr std::size_t kBuckets = 320;
  std::array<std::uint64_t, kBuckets> buckets_{};
  std::uint64_t count_ = 0;
  std::uint64_t total_ns_ = 0;
};

}  // namespace hrnet_native
