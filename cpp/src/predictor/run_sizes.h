#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace hrnet_native {

/// Cuts `count` images of one call into the sizes of its runs: `most` at a time, and what would not keep every instance
/// busy in equal parts. The cut depends on nothing else, so that the same call always gives the same bits.
inline std::vector<std::size_t> RunSizes(std::size_t count, int most, int instances) {
  const auto step = static_cast<std::size_t>(most);
  const auto side_by_side = static_cast<std::size_t>(instances);
  std::vector<std::size_t> pieces(count / (step * side_by_side) * side_by_side, step);
  const std::size_t rest = count % (step * side_by_side);
  const std::size_t parts = std::min(rest, side_by_side);
  for (std::size_t part = 0; part < parts; ++part) pieces.push_back(rest / parts + (part < rest % parts ? 1 : 0));
  return pieces;
}

}  // namespace hrnet_native
