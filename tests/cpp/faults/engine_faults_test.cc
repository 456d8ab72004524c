#include <memory>
#include <vector>

#include "engine/native/native_engine.h"
#include "sweep.h"

namespace hrnet_native {
namespace {

constexpr int kSide = 32;
constexpr int kThreads = 2;

std::shared_ptr<const LoadedModel> Load() {
  EngineConfig config;
  config.backend = Backend::kNative;
  config.native = std::filesystem::path(DEFAULT_MODEL) / "native.safetensors";
  config.num_threads = kThreads;
  return native::LoadNativeModel(config);
}

std::vector<float> Answer(Engine& engine, int batch) {
  std::vector<float> input(static_cast<std::size_t>(batch) * 3 * kSide * kSide);
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

}  // namespace
}  // namespace hrnet_native
