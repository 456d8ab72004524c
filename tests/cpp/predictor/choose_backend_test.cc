#include "predictor/choose_backend.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "predictor/options.h"
#include "support/expect_error.h"
#include "support/fake_engine.h"

namespace hrnet_native {
namespace {

/// A model that runs well and gives the classes each other's scores.
class LyingModel final : public LoadedModel {
 public:
  std::unique_ptr<Engine> NewContext() const override { return std::make_unique<Lying>(truth_.NewContext()); }
  std::size_t shared_weights_bytes() const override { return 0; }

 private:
  class Lying final : public Engine {
   public:
    explicit Lying(std::unique_ptr<Engine> truth) : truth_(std::move(truth)) {}
    OutputView Run(const InputView& input) override {
      OutputView output = truth_->Run(input);
      swapped_.assign(output.data, output.data + static_cast<std::ptrdiff_t>(output.batch) * output.num_classes);
      std::reverse(swapped_.begin(), swapped_.end());
      output.data = swapped_.data();
      return output;
    }
    EngineMemory memory() const override { return truth_->memory(); }

   private:
    std::unique_ptr<Engine> truth_;
    std::vector<float> swapped_;
  };

  FakeModel truth_;
};

std::shared_ptr<const LoadedModel> ThrowingModel() {
  return std::make_shared<FakeModel>([](const InputView&) { throw std::runtime_error("planted"); });
}

/// A model with files for every backend, and a probe that FakeModel reproduces.
std::shared_ptr<const Bundle> ProbedBundle() {
  auto bundle = std::make_shared<Bundle>(*FakeBundle());
  bundle->program = ModelFile("inference.json");
  bundle->native = ModelFile("native.safetensors");
  bundle->probe.seed = 7;
  bundle->probe.outputs = FakeModel::Scores(ProbeInput(7, std::size_t{3} * 8 * 8).data());
  bundle->probe.tolerance = 1e-4F;
  return bundle;
}

/// Makes a pipeline whose backends are `models`; those without one are not supported.
struct Choice {
  std::map<Backend, std::shared_ptr<const LoadedModel>> models;
  std::vector<std::string> debugs;
  std::vector<std::string> warnings;

  std::unique_ptr<Pipeline> Make(Backend backend = Backend::kAuto, std::shared_ptr<const Bundle> bundle = nullptr) {
    PredictorOptions options;
    options.backend = backend;
    options.log = [this](LogLevel level, const std::string& message) {
      (level == LogLevel::kDebug ? debugs : warnings).push_back(message);
    };
    const auto load = [this](const EngineConfig& config) {
      if (models[config.backend] == nullptr) throw Error(ErrorCode::kUnsupported, "not in this build");
      return models[config.backend];
    };
    return MakePipeline(bundle ? bundle : ProbedBundle(), Resolve(options, 1), Runtime::Shared(), load);
  }
};

TEST(ChooseBackend, AutoTakesTheNativeEngineAndSaysSo) {
  Choice choice{{{Backend::kNative, std::make_shared<FakeModel>()}, {Backend::kOneDnn, ThrowingModel()}}, {}, {}};
  EXPECT_EQ(choice.Make()->options().backend, Backend::kNative);
  ASSERT_EQ(choice.debugs.size(), 1U);
  EXPECT_NE(choice.debugs[0].find("backend native was chosen"), std::string::npos);
  EXPECT_EQ(choice.warnings.size(), 0U);
}

TEST(ChooseBackend, AutoPassesOverABackendThatLies) {
  Choice choice{
      {{Backend::kNative, std::make_shared<LyingModel>()}, {Backend::kOneDnn, std::make_shared<FakeModel>()}}, {}, {}};
  EXPECT_EQ(choice.Make()->options().backend, Backend::kOneDnn);
  ASSERT_EQ(choice.warnings.size(), 1U);
  EXPECT_NE(choice.warnings[0].find("backend native was passed over"), std::string::npos);
  EXPECT_NE(choice.warnings[0].find("differ from those at export"), std::string::npos);
  ASSERT_EQ(choice.debugs.size(), 1U);
  EXPECT_NE(choice.debugs[0].find("backend onednn was chosen"), std::string::npos);
}

TEST(ChooseBackend, AutoPassesOverBackendsThatThrowOrAreMissing) {
  Choice choice{{{Backend::kOneDnn, ThrowingModel()}, {Backend::kCpu, std::make_shared<FakeModel>()}}, {}, {}};
  EXPECT_EQ(choice.Make()->options().backend, Backend::kCpu);
  ASSERT_EQ(choice.warnings.size(), 2U);
  EXPECT_NE(choice.warnings[0].find("native was passed over: not in this build"), std::string::npos);
  EXPECT_NE(choice.warnings[1].find("planted"), std::string::npos);
}

/// The order of the table in docs/performance.md.
TEST(ChooseBackend, AutoTriesTheFastestOfPaddlesBackendsForTheModelsFormatFirst) {
  using Backends = std::vector<Backend>;
  const auto candidates = [](bool has_native, const char* program) {
    return Candidates(Backend::kAuto, Device::kCpu, Precision::kFp32, has_native, program);
  };
  EXPECT_EQ(candidates(false, "inference.json"), (Backends{Backend::kOneDnn, Backend::kCpu}));
  EXPECT_EQ(candidates(false, "inference.pdmodel"), (Backends{Backend::kOpenVino, Backend::kOneDnn, Backend::kCpu}));
  EXPECT_EQ(candidates(true, "inference.pdmodel"),
            (Backends{Backend::kNative, Backend::kOpenVino, Backend::kOneDnn, Backend::kCpu}));
  EXPECT_EQ(candidates(true, ""), Backends{Backend::kNative});
}

TEST(ChooseBackend, AnExplicitChoiceFails) {
  Choice choice{{{Backend::kNative, std::make_shared<LyingModel>()},
                 {Backend::kOneDnn, ThrowingModel()},
                 {Backend::kCpu, std::make_shared<FakeModel>()}},
                {},
                {}};
  ExpectError(ErrorCode::kModelLoad, "differ from those at export", [&] { choice.Make(Backend::kNative); });
  ExpectError(ErrorCode::kModelLoad, "planted", [&] { choice.Make(Backend::kOneDnn); });
  EXPECT_EQ(choice.debugs.size() + choice.warnings.size(), 0U);
}

TEST(ChooseBackend, SaysWhatEachCandidateMetIfNoneWorks) {
  Choice choice{{{Backend::kNative, std::make_shared<LyingModel>()}, {Backend::kOneDnn, ThrowingModel()}}, {}, {}};
  ExpectError(ErrorCode::kModelLoad, "no backend runs this model: native: ", [&] { choice.Make(); });
  ExpectError(ErrorCode::kModelLoad, "cpu: not in this build", [&] { choice.Make(); });
}

TEST(ChooseBackend, AFaultOfTheModelIsSaidOnce) {
  auto bundle = std::make_shared<Bundle>(*ProbedBundle());
  bundle->labels = {"one"};
  const auto model = std::make_shared<FakeModel>();
  Choice choice{{{Backend::kNative, model}, {Backend::kOneDnn, model}, {Backend::kCpu, model}}, {}, {}};
  try {
    choice.Make(Backend::kAuto, bundle);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()), "inference.yml has 1 labels, but the model has 4 outputs");
  }
}

}  // namespace
}  // namespace hrnet_native
