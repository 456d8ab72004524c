#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <future>
#include <memory>
#include <thread>
#include <vector>

#include "base/cpu_budget.h"
#include "base/runtime.h"
#include "hrnet_native/predictor.h"
#include "support/count_threads.h"
#include "support/pipeline_fixture.h"

namespace hrnet_native {
namespace {

/// The one thread that could decode what the other still has to do is the one that ends it.
TEST(SharedRuntime, APredictorMayEndInACallbackOfAnother) {
  const auto runtime = std::make_shared<Runtime>(1);
  const Picture picture(1);
  Pipeline one(FakeBundle(), std::make_shared<FakeModel>(), Options(), runtime);
  auto other = std::make_unique<Pipeline>(FakeBundle(), std::make_shared<FakeModel>(), Options(), runtime);
  Gate gate;
  std::promise<void> ended;
  one.Submit(kBad, {}, nullptr, [&](const Outcome&) {  // on the thread that decodes, as it cannot be decoded
    gate.Wait();
    other.reset();
    ended.set_value();
  });
  gate.AwaitArrivals(1);
  const Future waiting = other->Submit(picture.view(), {}, nullptr, nullptr);
  gate.Open();
  ended.get_future().wait();
  EXPECT_THROW(waiting.Get(), Error);
  EXPECT_EQ(one.Predict({picture.view()}, {})[0].error, nullptr);
}

/// CPU seconds of this process in a tenth of a second.
double CpuSecondsMeanwhile() {
  const std::clock_t begin = std::clock();
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
}

TEST(SharedRuntime, IdlePredictorsShareTheirThreadsAndUseNoCpu) {
  constexpr std::size_t kPredictors = 10;
  const auto budget = static_cast<std::size_t>(CpuBudget());
  const std::size_t before = ThreadsBefore();
  const Picture picture(1);
  const std::vector<ImageSource> images(20, picture.view());
  {
    std::vector<Predictor> predictors;
    for (std::size_t i = 0; i < kPredictors; ++i) {
      PredictorOptions options;
      options.backend = Backend::kNative;
      predictors.emplace_back(DEFAULT_MODEL, options);
    }
    EXPECT_TRUE(AwaitThreads(before + budget + kPredictors));
    for (const Predictor& predictor : predictors) {
      for (const Outcome& outcome : predictor.Predict(images)) EXPECT_EQ(outcome.error, nullptr);
    }
    EXPECT_TRUE(AwaitThreads(before + budget + kPredictors));  // those that decoded have ended
    double least = 1;
    for (int i = 0; i < 50 && least > 0.001; ++i) least = std::min(least, CpuSecondsMeanwhile());
    EXPECT_LE(least, 0.001);
  }
  EXPECT_TRUE(AwaitThreads(before));
}

TEST(SharedRuntime, APrivateOneIsThatOfAPredictorAndItsClones) {
  PredictorOptions options;
  options.backend = Backend::kNative;
  options.private_runtime = true;
  options.verify = false;  // which takes threads for a moment
  const std::size_t before = ThreadsBefore();
  const Predictor predictor(DEFAULT_MODEL, options);
  const std::size_t of_one = CountThreads() - before;
  EXPECT_GE(of_one, static_cast<std::size_t>(CpuBudget()));  // its instance's, and those that it lends
  const Predictor clone = predictor.Clone();
  EXPECT_EQ(CountThreads(), before + of_one + 1);
  const Predictor other(DEFAULT_MODEL, options);
  EXPECT_EQ(CountThreads(), before + of_one + 1 + of_one);
}

}  // namespace
}  // namespace hrnet_native
