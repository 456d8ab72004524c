#include "base/histogram.h"

#include <algorithm>
#include <cmath>

namespace hrnet_native {
namespace {

// Bucket 8p + s with p >= 3 holds [2^p (1 + s/8), 2^p (1 + (s+1)/8)); the first 8 hold one value each.
std::size_t Bucket(std::uint64_t ns) {
  if (ns < 8) return ns;
  unsigned power = 3;
  while (power < 63 && ns >> (power + 1) != 0) ++power;
  return std::size_t{power - 2} * 8 + ((ns >> (power - 3)) & 7U);
}

std::uint64_t Middle(std::size_t bucket) {
  if (bucket < 8) return bucket;
  const std::size_t shift = bucket / 8 - 1;
  const std::uint64_t low = (8 + bucket % 8) << shift;
  return low + (std::uint64_t{1} << shift) / 2;
}

}  // namespace

void Histogram::Add(std::uint64_t ns) {
  ++buckets_[std::min(Bucket(ns), buckets_.size() - 1)];
  ++count_;
  total_ns_ += ns;
}

std::uint64_t Histogram::Quantile(double fraction) const {
  if (count_ == 0) return 0;
  const auto rank =
      std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::ceil(fraction * static_cast<double>(count_))));
  std::uint64_t seen = 0;
  for (std::size_t bucket = 0; bucket < buckets_.size(); ++bucket) {
    seen += buckets_[bucket];
    if (seen >= rank) return Middle(bucket);
  }
  return Middle(buckets_.size() - 1);
}

}  // namespace hrnet_native
