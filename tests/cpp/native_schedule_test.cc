// Layers that run side by side: that some do, and that no two of them touch what the other writes.
#include "engine/native/schedule.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <vector>

#include "base/isa.h"
#include "engine/native/network.h"

namespace hrnet_native::native {
namespace {

constexpr int kChannels = 16;
constexpr int kSide = 16;

/// As in HRNet: a branch of the whole size and one of the half, some convolutions long, that are added up.
class TwoBranches {
 public:
  explicit TwoBranches(int length) : weights_(kChannels * kChannels * 9) {
    for (std::size_t i = 0; i < weights_.size(); ++i) weights_[i] = static_cast<float>(i * 7 % 23) / 23 - 0.5F;
    graph_.channels = kChannels;
    graph_.height = graph_.width = kSide;
    const ValueId whole = Chain(Conv(0, 1), length);
    const ValueId half = Chain(Conv(0, 2), length);
    Layer sum{};
    sum.op = Op::kAdd;
    sum.inputs = {whole, half};
    sum.upsample = {1, 2};
    graph_.output = Append(sum);
  }

  const Graph& graph() const { return graph_; }

 private:
  ValueId Append(Layer layer) {
    layer.output = static_cast<ValueId>(graph_.layers.size()) + 1;
    graph_.layers.push_back(layer);
    return layer.output;
  }

  ValueId Conv(ValueId input, int stride) {
    Layer layer{};
    layer.op = Op::kConv;
    layer.inputs = {input};
    layer.weight = {reinterpret_cast<const std::byte*>(weights_.data()), {kChannels, kChannels, 3, 3}};
    layer.activation = Activation::kRelu;
    layer.kernel = {3, 3};
    layer.stride = {stride, stride};
    layer.padding = {1, 1, 1, 1};
    return Append(layer);
  }

  ValueId Chain(ValueId value, int length) {
    for (int i = 1; i < length; ++i) value = Conv(value, 1);
    return value;
  }

  std::vector<float> weights_;
  Graph graph_;
};

bool Reads(const Layer& layer, ValueId value) {
  return layer.residual == value || std::count(layer.inputs.begin(), layer.inputs.end(), value) > 0;
}

TEST(NativeSchedule, BranchesRunSideBySideAndNothingElse) {
  const TwoBranches branches(4);
  const Graph& graph = branches.graph();
  const auto model = std::make_shared<const Model>(graph, KernelsFor(SelectedIsa()));
  for (const int threads : {1, 2, 3}) {
    Network network(model, threads);
    const std::vector<float> input(std::size_t{kChannels} * kSide * kSide, 1);
    network.Run(input.data(), 1, kChannels, kSide, kSide);
    const Schedule& schedule = network.PlanFor(1).schedule;
    std::vector<int> phase_of(graph.layers.size(), -1);
    int side_by_side = 0;
    for (std::size_t p = 0; p < schedule.phases.size(); ++p) {
      const Phase& phase = schedule.phases[p];
      ASSERT_EQ(phase.layers.size(), static_cast<std::size_t>(threads));
      std::vector<ValueId> here;  // what members write alone
      int members = 0;
      for (const std::vector<std::size_t>& layers : phase.layers) {
        if (phase.together) {
          EXPECT_EQ(layers, phase.layers[0]);
          ASSERT_EQ(layers.size(), 1U);
        }
        members += layers.empty() ? 0 : 1;
        for (const std::size_t layer : layers) {
          EXPECT_EQ(schedule.alone[layer], !phase.together);
          for (const ValueId value : here) {
            const bool own = std::any_of(layers.begin(), layers.end(),
                                         [&](std::size_t index) { return graph.layers[index].output == value; });
            EXPECT_TRUE(own || !Reads(graph.layers[layer], value)) << layer << " reads what another member writes";
          }
          if (!phase.together) here.push_back(graph.layers[layer].output);
          EXPECT_TRUE(phase_of[layer] == -1 || phase.together) << layer << " is run twice";
          phase_of[layer] = static_cast<int>(p);
        }
      }
      side_by_side += !phase.together && members > 1 ? 1 : 0;
    }
    EXPECT_EQ(side_by_side, threads == 1 ? 0 : 1) << threads;
    for (const Layer& layer : graph.layers) {
      const int phase = phase_of[static_cast<std::size_t>(layer.output) - 1];
      ASSERT_GE(phase, 0) << "a layer is never run";
      for (const ValueId value : layer.inputs) {
        EXPECT_LE(value == 0 ? 0 : phase_of[static_cast<std::size_t>(value) - 1], phase);
      }
    }
  }
}

TEST(NativeSchedule, AnyNumberOfThreadsGivesTheSame) {
  const TwoBranches branches(6);
  const auto model = std::make_shared<const Model>(branches.graph(), KernelsFor(SelectedIsa()));
  std::vector<float> input(std::size_t{2} * kChannels * kSide * kSide);
  for (std::size_t i = 0; i < input.size(); ++i) input[i] = static_cast<float>(i * 13 % 31) / 31 - 0.5F;
  Network one(model, 1);
  const float* expected = one.Run(input.data(), 2, kChannels, kSide, kSide);
  const auto size = static_cast<std::size_t>(2 * one.output_size());
  const float largest = *std::max_element(expected, expected + size);
  ASSERT_GT(largest, 0);
  for (const int threads : {2, 3}) {
    Network network(model, threads);
    for (int repeat = 0; repeat < 50; ++repeat) {
      const float* found = network.Run(input.data(), 2, kChannels, kSide, kSide);
      for (std::size_t i = 0; i < size; ++i) ASSERT_NEAR(found[i], expected[i], 1e-5F * largest) << i;
    }
  }
}

}  // namespace
}  // namespace hrnet_native::native
