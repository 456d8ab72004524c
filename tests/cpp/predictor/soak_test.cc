// Predictors that come and go leave neither threads nor memory behind.
#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include "predictor/options.h"
#include "predictor/pipeline.h"
#include "support/fake_engine.h"
#include "support/standstill.h"

namespace hrnet_native {
namespace {

struct Held {
  long threads;
  long resident_pages;
};

Held Now() {
  EXPECT_TRUE(AwaitStandstill());  // a thread that was joined is still listed for a moment
  Held held{0, 0};
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task"))
    held.threads += entry.exists() ? 1 : 0;
  std::ifstream("/proc/self/statm") >> held.resident_pages >> held.resident_pages;
  return held;
}

/// Every thread that a pipeline can have is started: instances, decoders, the one for deadlines.
void Cycle() {
  PredictorOptions options;
  options.backend = Backend::kCpu;
  options.num_instances = 3;
  Pipeline pipeline(FakeBundle(), std::make_shared<FakeModel>(), Resolve(options, 8));
  const std::vector<std::uint8_t> pixels(192, 7);
  const ImageView picture{pixels.data(), 8, 8, 24};
  RequestOptions request;
  request.timeout = std::chrono::seconds(100);
  std::vector<std::thread> callers;
  for (int t = 0; t < 4; ++t) {
    callers.emplace_back([&] {
      for (int i = 0; i < 10; ++i) {
        EXPECT_FALSE(pipeline.Predict({picture, picture}, request).back().error);
        EXPECT_EQ(pipeline.Submit(picture, request, nullptr, nullptr).Get().class_ids.size(), 4U);
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
}

TEST(Soak, AHundredPredictorsLeaveNothingBehind) {
  Cycle();
  Cycle();
  const Held second = Now();
  for (int i = 2; i < 100; ++i) Cycle();
  const Held last = Now();
  EXPECT_EQ(last.threads, second.threads);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // they keep freed memory and notes of their own
  EXPECT_LE(static_cast<double>(last.resident_pages), 1.05 * static_cast<double>(second.resident_pages));
#endif
}

TEST(Soak, PredictorsAreMadeAndDestroyedByManyThreadsAtOnce) {
  std::vector<std::thread> makers;
  for (int t = 0; t < 6; ++t) {
    makers.emplace_back([] {
      for (int i = 0; i < 10; ++i) Cycle();
    });
  }
  for (std::thread& maker : makers) maker.join();
}

}  // namespace
}  // namespace hrnet_native
