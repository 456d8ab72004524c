// Which layers of a sequence run by image: against all ways to choose.
#include "engine/native/stretches.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <random>
#include <vector>

namespace hrnet_native::native {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

double CostOf(const std::vector<StretchCosts>& costs, const std::vector<bool>& by_image) {
  double sum = 0;
  for (std::size_t i = 0; i < costs.size(); ++i) {
    const double in_stretch = i > 0 && by_image[i - 1] ? costs[i].later : costs[i].first;
    sum += by_image[i] ? in_stretch : costs[i].together;
  }
  return sum;
}

TEST(NativeStretches, NoOtherChoiceCostsLess) {
  std::mt19937 random(7);
  std::uniform_real_distribution<double> cost(1, 10);
  for (int repeat = 0; repeat < 200; ++repeat) {
    std::vector<StretchCosts> costs(9);
    for (StretchCosts& layer : costs) {
      const double by_image = random() % 5 == 0 ? kNever : cost(random);
      layer = {cost(random), by_image + cost(random) / 2, by_image};
    }
    double least = kNever;
    for (unsigned bits = 0; bits < 1U << costs.size(); ++bits) {
      std::vector<bool> way(costs.size());
      for (std::size_t i = 0; i < way.size(); ++i) way[i] = (bits >> i & 1U) != 0;
      least = std::min(least, CostOf(costs, way));
    }
    EXPECT_NEAR(CostOf(costs, LayersByImage(costs)), least, 1e-9);
  }
}

TEST(NativeStretches, NoLayersAreNoChoice) { EXPECT_TRUE(LayersByImage({}).empty()); }

}  // namespace
}  // namespace hrnet_native::native
