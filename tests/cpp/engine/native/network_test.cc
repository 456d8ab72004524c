#include "engine/native/network.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <filesystem>
#include <memory>
#include <vector>

namespace hrnet_native::native {
namespace {

/// The network that ships with the package, planned for more members than it gets.
TEST(NativeNetwork, AnHrnetGivesTheSameBitsOnFewerCpus) {
  constexpr int kThreads = 4;
  const auto model = std::make_shared<const Model>(std::filesystem::path(DEFAULT_MODEL) / "native.safetensors");
  constexpr int kSide = 64;
  std::vector<float> input(std::size_t{4} * 3 * kSide * kSide);
  for (std::size_t i = 0; i < input.size(); ++i) input[i] = static_cast<float>(i * 13 % 31) / 31 - 0.5F;
  const auto outputs = [&](Network& network, int batch) {
    const float* found = network.Run(input.data(), batch, 3, kSide, kSide);
    return std::vector<float>(found, found + static_cast<std::ptrdiff_t>(batch) * network.output_size());
  };
  Network whole(model, kThreads, 4);
  for (int cpus = 1; cpus < kThreads; ++cpus) {
    Network smaller(model, kThreads, 4, std::make_shared<Workers>(cpus));
    for (const int batch : {1, 4, 1}) EXPECT_EQ(outputs(smaller, batch), outputs(whole, batch)) << cpus << " " << batch;
  }
}

}  // namespace
}  // namespace hrnet_native::native
