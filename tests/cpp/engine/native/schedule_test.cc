// Layers that run side by side or image by image: that some do, that no two members touch what the other writes, and
// that the answer is the same.
#include "engine/native/schedule.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/byte_source.h"
#include "base/isa.h"
#include "engine/native/network.h"
#include "engine/native/operators/conv.h"
#include "engine/native/operators/operators.h"
#include "support/few_addresses.h"
#include "support/read_layer.h"

namespace hrnet_native::native {
namespace {

constexpr int kChannels = 16;
constexpr int kSide = 16;
constexpr int kLargeSide = 96;  // so large that a batch's maps fit no cache that the cost estimate knows

/// As in HRNet: a branch of the whole size and one of the half, some convolutions long, that are added up.
class TwoBranches {
 public:
  TwoBranches(int length, int side) : weights_(std::size_t{kChannels} * kChannels * 9) {
    for (std::size_t i = 0; i < weights_.size(); ++i) weights_[i] = static_cast<float>(i * 7 % 23) / 23 - 0.5F;
    graph_.channels = kChannels;
    graph_.height = graph_.width = side;
    const ValueId whole = Chain(Convolved(0, 1), length);
    const ValueId half = Chain(Convolved(0, 2), length);
    const std::string inputs = std::to_string(whole) + ", " + std::to_string(half);
    graph_.output = Append(ReadLayer(
        ReadAdd,
        R"({"op": "add", "inputs": [)" + inputs + R"(], "upsample": [1, 2], "output": 0, "activation": "none"})",
        half + 1));
  }

  const Graph& graph() const { return graph_; }

 private:
  ValueId Append(Layer layer) {
    layer.output = static_cast<ValueId>(graph_.layers.size()) + 1;
    graph_.layers.push_back(layer);
    return layer.output;
  }

  ValueId Convolved(ValueId input, int stride) {
    const std::string_view bytes(reinterpret_cast<const char*>(weights_.data()), weights_.size() * sizeof(float));
    ConvFields conv;
    conv.weights.values = {std::make_shared<const MemoryBytes>(bytes), 0, {kChannels, kChannels, 3, 3}};
    conv.windows = {{3, 3}, {stride, stride}, {1, 1, 1, 1}};
    conv.relu = true;
    Layer layer;
    layer.op = std::make_shared<Conv>(std::move(conv));
    layer.inputs = {input};
    return Append(layer);
  }

  ValueId Chain(ValueId value, int length) {
    for (int i = 1; i < length; ++i) value = Convolved(value, 1);
    return value;
  }

  std::vector<float> weights_;
  Graph graph_;
};

bool Reads(const Layer& layer, ValueId value) {
  return layer.residual == value || std::count(layer.inputs.begin(), layer.inputs.end(), value) > 0;
}

/// Checks that a schedule runs every layer once, after what it reads and apart from what others write meanwhile.
void ExpectValid(const Schedule& schedule, const Graph& graph, int threads) {
  std::vector<int> phase_of(graph.layers.size(), -1);
  for (std::size_t p = 0; p < schedule.phases.size(); ++p) {
    const Phase& phase = schedule.phases[p];
    ASSERT_EQ(phase.layers.size(), static_cast<std::size_t>(threads));
    const bool shared = phase.sharing != Sharing::kSideBySide;
    std::vector<ValueId> here;  // what members write alone
    for (const std::vector<std::size_t>& layers : phase.layers) {
      EXPECT_TRUE(!shared || layers == phase.layers[0]);
      EXPECT_TRUE(phase.sharing != Sharing::kTogether || layers.size() == 1);
      for (const std::size_t layer : layers) {
        EXPECT_EQ(schedule.sharing[layer], phase.sharing);
        for (const ValueId value : here) {
          const bool own = std::any_of(layers.begin(), layers.end(),
                                       [&](std::size_t index) { return graph.layers[index].output == value; });
          EXPECT_TRUE(own || !Reads(graph.layers[layer], value)) << layer << " reads what another member writes";
        }
        if (!shared) here.push_back(graph.layers[layer].output);
        EXPECT_TRUE(phase_of[layer] == -1 || (shared && phase_of[layer] == static_cast<int>(p)))
            << layer << " is run twice";
        phase_of[layer] = static_cast<int>(p);
      }
    }
  }
  for (const Layer& layer : graph.layers) {
    const int phase = phase_of[static_cast<std::size_t>(layer.output) - 1];
    ASSERT_GE(phase, 0) << "a layer is never run";
    for (const ValueId value : layer.inputs) {
      EXPECT_LE(value == 0 ? 0 : phase_of[static_cast<std::size_t>(value) - 1], phase);
    }
  }
}

std::vector<float> SomeInput(int batch, int side) {
  std::vector<float> input(static_cast<std::size_t>(batch * kChannels * side * side));
  for (std::size_t i = 0; i < input.size(); ++i) input[i] = static_cast<float>(i * 13 % 31) / 31 - 0.5F;
  return input;
}

std::vector<float> Outputs(Network& network, const std::vector<float>& input, int batch, int side) {
  const float* outputs = network.Run(input.data(), batch, kChannels, side, side);
  return {outputs, outputs + static_cast<std::size_t>(batch) * static_cast<std::size_t>(network.output_size())};
}

void ExpectNear(const std::vector<float>& found, const std::vector<float>& expected) {
  ASSERT_EQ(found.size(), expected.size());
  const float largest = *std::max_element(expected.begin(), expected.end());
  ASSERT_GT(largest, 0);
  for (std::size_t i = 0; i < found.size(); ++i) ASSERT_NEAR(found[i], expected[i], 1e-5F * largest) << i;
}

TEST(NativeSchedule, BranchesRunSideBySideAndNothingElse) {
  const TwoBranches branches(4, kSide);
  const auto model = std::make_shared<const Model>(branches.graph(), KernelsFor(SelectedIsa()));
  for (const int threads : {1, 2, 3}) {
    Network network(model, threads);
    Outputs(network, SomeInput(1, kSide), 1, kSide);
    const Schedule& schedule = network.PlanFor(1).schedule;
    ExpectValid(schedule, branches.graph(), threads);
    const auto side_by_side = std::count_if(schedule.phases.begin(), schedule.phases.end(), [](const Phase& phase) {
      return phase.sharing == Sharing::kSideBySide && !phase.layers[0].empty() && !phase.layers[1].empty();
    });
    EXPECT_EQ(side_by_side, threads == 1 ? 0 : 1) << threads;
  }
}

TEST(NativeSchedule, AnyNumberOfThreadsGivesTheSame) {
  const TwoBranches branches(6, kSide);
  const auto model = std::make_shared<const Model>(branches.graph(), KernelsFor(SelectedIsa()));
  const std::vector<float> input = SomeInput(2, kSide);
  Network one(model, 1);
  const std::vector<float> expected = Outputs(one, input, 2, kSide);
  for (const int threads : {2, 3}) {
    Network network(model, threads);
    for (int repeat = 0; repeat < 50; ++repeat) ExpectNear(Outputs(network, input, 2, kSide), expected);
  }
}

TEST(NativeSchedule, BitsDoNotDependOnWhoComputesWhat) {
  // More threads than a small machine has CPUs: they are held up at random, and the others take over what they left.
  for (const int side : {kSide, kLargeSide}) {
    const TwoBranches branches(3, side);
    const auto model = std::make_shared<const Model>(branches.graph(), KernelsFor(SelectedIsa()));
    constexpr int kBatch = 5;
    const std::vector<float> input = SomeInput(kBatch, side);
    Network network(model, 5);
    const std::vector<float> expected = Outputs(network, input, kBatch, side);
    for (int repeat = 0; repeat < 30; ++repeat) ASSERT_EQ(Outputs(network, input, kBatch, side), expected) << repeat;
  }
}

TEST(NativeSchedule, BitsDoNotDependOnHowManyMembersThereAre) {
  constexpr int kThreads = 3;
  std::vector<Sharing> seen;
  for (const int side : {kSide, kLargeSide}) {
    const TwoBranches branches(3, side);
    const auto model = std::make_shared<const Model>(branches.graph(), KernelsFor(SelectedIsa()));
    Network whole(model, kThreads);
    for (const int batch : {1, 4, 7}) {
      const std::vector<float> input = SomeInput(batch, side);
      const std::vector<float> expected = Outputs(whole, input, batch, side);
      for (const Phase& phase : whole.PlanFor(batch).schedule.phases) seen.push_back(phase.sharing);
      for (int cpus = 1; cpus < kThreads; ++cpus) {
        Network smaller(model, kThreads, batch, std::make_shared<Workers>(cpus));
        for (int repeat = 0; repeat < 3; ++repeat) ASSERT_EQ(Outputs(smaller, input, batch, side), expected) << cpus;
      }
    }
  }
  for (const Sharing sharing : {Sharing::kTogether, Sharing::kSideBySide, Sharing::kByImage}) {
    EXPECT_GT(std::count(seen.begin(), seen.end(), sharing), 0);
  }
}

/// What the team was in one run is another thing in the next: whole, halved by another's run, whole again.
TEST(NativeSchedule, BitsDoNotDependOnWhoElseRuns) {
  const TwoBranches branches(3, kLargeSide);
  const auto model = std::make_shared<const Model>(branches.graph(), KernelsFor(SelectedIsa()));
  const std::vector<float> input = SomeInput(4, kLargeSide);
  const auto workers = std::make_shared<Workers>(3);
  Network network(model, 3, 4, workers);
  const std::vector<float> expected = Outputs(network, input, 4, kLargeSide);
  std::atomic<bool> stop = false;
  std::thread other([&] {
    Network busy(model, 2, 1, workers);
    while (!stop) Outputs(busy, SomeInput(1, kLargeSide), 1, kLargeSide);
  });
  int differ = 0;
  for (int repeat = 0; repeat < 30; ++repeat) differ += Outputs(network, input, 4, kLargeSide) == expected ? 0 : 1;
  stop = true;
  other.join();
  EXPECT_EQ(differ, 0);
}

TEST(NativeSchedule, ALargerBatchDiscardsNoPlan) {
  const TwoBranches branches(3, kSide);
  const auto model = std::make_shared<const Model>(branches.graph(), KernelsFor(SelectedIsa()));
  const std::vector<float> input = SomeInput(5, kSide);
  Network network(model, 2, 4);
  const std::vector<float> one = Outputs(network, input, 1, kSide);
  const Plan* plan = &network.PlanFor(1);
  const std::size_t bytes = network.arena_bytes();
  const std::vector<float> four = Outputs(network, input, 4, kSide);
  EXPECT_EQ(network.num_plans(), 2U);
  EXPECT_EQ(&network.PlanFor(1), plan);
  EXPECT_GT(network.arena_bytes(), bytes);  // memory for what was met, not for what may come
  EXPECT_EQ(Outputs(network, input, 1, kSide), one);
  Outputs(network, input, 5, kSide);  // more than was said: a new arena
  EXPECT_EQ(network.num_plans(), 1U);
  EXPECT_EQ(Outputs(network, input, 4, kSide), four);
}

TEST(NativeSchedule, WhereAddressesAreShortOnlyWhatIsNeededIsTaken) {
  const TwoBranches branches(3, kSide);
  const auto model = std::make_shared<const Model>(branches.graph(), KernelsFor(SelectedIsa()));
  Network network(model, 1, 1 << 30);
  Network small(model, 1);
  const std::vector<float> input = SomeInput(2, kSide);
  const FewAddresses few;
  EXPECT_EQ(Outputs(network, input, 2, kSide), Outputs(small, input, 2, kSide));
}

TEST(NativeSchedule, LargeMapsOfABatchRunByImage) {
  const TwoBranches branches(3, kLargeSide);
  const auto model = std::make_shared<const Model>(branches.graph(), KernelsFor(SelectedIsa()));
  constexpr int kBatch = 7;
  const std::vector<float> input = SomeInput(kBatch, kLargeSide);
  const auto image_floats = static_cast<std::ptrdiff_t>(input.size() / kBatch);
  for (const int threads : {1, 2, 3}) {
    Network network(model, threads);
    const std::vector<float> found = Outputs(network, input, kBatch, kLargeSide);
    const Schedule& schedule = network.PlanFor(kBatch).schedule;
    ExpectValid(schedule, branches.graph(), threads);
    EXPECT_GT(std::count(schedule.sharing.begin(), schedule.sharing.end(), Sharing::kByImage), 0);
    std::vector<float> expected;
    for (int image = 0; image < kBatch; ++image) {
      const auto begin = input.begin() + image * image_floats;
      const std::vector<float> one = Outputs(network, {begin, begin + image_floats}, 1, kLargeSide);
      expected.insert(expected.end(), one.begin(), one.end());
    }
    ExpectNear(found, expected);
    EXPECT_EQ(std::count(network.PlanFor(1).schedule.sharing.begin(), network.PlanFor(1).schedule.sharing.end(),
                         Sharing::kByImage),
              0);
  }
}

}  // namespace
}  // namespace hrnet_native::native
