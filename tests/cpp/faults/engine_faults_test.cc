#include <array>
#include <memory>
#include <vector>

#include "engine/native/native_engine.h"
#include "sweep.h"

namespace hrnet_native {
namespace {

constexpr int kBatch = 2;
constexpr int kSide = 32;
constexpr int kThreads = 2;

std::shared_ptr<const LoadedModel> Load() {
  EngineConfig config;
  config.backend = Backend::kNative;
  config.native = std::filesystem::path(DEFAULT_MODEL) / "native.safetensors";
  config.num_threads = kThreads;
  config.max_batch_size = kBatch;
  return native::LoadNativeModel(config);
}

std::vector<float> Answer(Engine& engine, int batch) {
  std::vector<float> input(std::size_t{kBatch} * 3 * kSide * kSide);
  for (std::size_t i = 0; i < input.size(); ++i) input[i] = static_cast<float>(i % 17) / 17.0F;
  const OutputView output = engine.Run({input.data(), batch, 3, kSide, kSide});
  return {output.data, output.data + std::ptrdiff_t{batch} * output.num_classes};
}

TEST(EngineFaults, LoadAModel) {
  SweepAll("loading a native model", [&](Trial& trial) { trial.Succeeds(Load); });
}

TEST(EngineFaults, MakeAContext) {
  const std::shared_ptr<const LoadedModel> model = Load();
  SweepAll("an execution context", [&](Trial& trial) {
    std::unique_ptr<Engine> engine;
    if (trial.Succeeds([&] { engine = model->NewContext(); })) {
      EXPECT_FALSE(Answer(*engine, 1).empty());
    }
  });
}

/// Batch sizes that are met for the first time: the weights are packed, the plan and the arena made.
TEST(EngineFaults, RunForTheFirstTime) {
  const std::unique_ptr<Engine> right = Load()->NewContext();
  const std::array<std::vector<float>, kBatch> expected = {Answer(*right, 1), Answer(*right, 2)};
  SweepAll("the first runs", [&](Trial& trial) {
    const std::unique_ptr<Engine> engine = Load()->NewContext();
    trial.Succeeds([&] {
      Answer(*engine, 1);
      Answer(*engine, 2);
    });
    EXPECT_EQ(Answer(*engine, 2), expected[1]);
    EXPECT_EQ(Answer(*engine, 1), expected[0]);
  });
}

}  // namespace
}  // namespace hrnet_native
