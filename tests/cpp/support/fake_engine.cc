#include "support/fake_engine.h"

#include <cmath>
#include <utility>

namespace hrnet_native {
namespace {

class FakeEngine final : public Engine {
 public:
  explicit FakeEngine(FakeModel::Hook hook) : hook_(std::move(hook)) {}

  OutputView Run(const InputView& input) override {
    hook_(input);
    const int size = input.channels * input.height * input.width;
    outputs_.clear();
    for (int i = 0; i < input.batch; ++i) {
      const std::vector<float> scores = FakeModel::Scores(input.data + static_cast<std::ptrdiff_t>(i) * size);
      outputs_.insert(outputs_.end(), scores.begin(), scores.end());
    }
    return {outputs_.data(), input.batch, FakeModel::kClasses};
  }

  EngineMemory memory() const override { return {0, 10}; }

 private:
  FakeModel::Hook hook_;
  std::vector<float> outputs_;
};

}  // namespace

std::unique_ptr<Engine> FakeModel::NewContext() const { return std::make_unique<FakeEngine>(hook_); }

std::vector<float> FakeModel::Scores(const float* input) {
  std::vector<float> scores(kClasses);
  float sum = 0;
  for (int c = 0; c < kClasses; ++c) sum += scores[static_cast<std::size_t>(c)] = std::exp(input[c]);
  for (float& score : scores) score /= sum;
  return scores;
}

std::shared_ptr<const Bundle> FakeBundle() {
  auto bundle = std::make_shared<Bundle>();
  bundle->preprocess.resize_short = 8;
  bundle->preprocess.crop_height = 8;
  bundle->preprocess.crop_width = 8;
  bundle->labels = {"a", "b", "c", "d"};
  return bundle;
}

}  // namespace hrnet_native
