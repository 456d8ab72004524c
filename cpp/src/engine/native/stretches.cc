#include "engine/native/stretches.h"

#include <algorithm>
#include <cstddef>
#include <limits>

namespace hrnet_native::native {
namespace {

/// For the cheapest way to run the layers up to one: whether the one before it is run by image.
struct Before {
  bool if_together;
  bool if_by_image;
};

}  // namespace

std::vector<bool> LayersByImage(const std::vector<StretchCosts>& costs) {
  double together = 0;  // the least that the layers so far take, if the last is run together
  double by_image = std::numeric_limits<double>::infinity();
  std::vector<Before> before;
  before.reserve(costs.size());
  for (const StretchCosts& layer : costs) {
    const double first = together + layer.first;
    const double later = by_image + layer.later;
    before.push_back({by_image < together, later < first});
    together = std::min(together, by_image) + layer.together;
    by_image = std::min(first, later);
  }
  std::vector<bool> result(costs.size());
  bool is_by_image = by_image < together;
  for (std::size_t index = costs.size(); index-- > 0;) {
    result[index] = is_by_image;
    is_by_image = is_by_image ? before[index].if_by_image : before[index].if_together;
  }
  return result;
}

}  // namespace hrnet_native::native
