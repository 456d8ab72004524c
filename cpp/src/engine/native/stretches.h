#pragma once

#include <vector>

namespace hrnet_native::native {

/// What a layer takes on a whole batch: run together, or by image, as the first of a stretch of such layers or as a
/// later one, which finds its input in a near cache.
struct StretchCosts {
  double together;
  double first;
  double later;
};

/// Which layers of a sequence to run by image, so that all together cost least.
std::vector<bool> LayersByImage(const std::vector<StretchCosts>& costs);

}  // namespace hrnet_native::native
