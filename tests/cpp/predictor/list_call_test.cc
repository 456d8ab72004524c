#include "predictor/list_call.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <iterator>
#include <memory>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

#include "base/cpu_budget.h"
#include "predictor/run_sizes.h"
#include "support/encoders.h"
#include "support/expect_error.h"
#include "support/pipeline_fixture.h"
#include "support/standstill.h"

namespace hrnet_native {
namespace {

using Sizes = std::vector<std::size_t>;

std::vector<ImageSource> Sources(const std::vector<Picture>& pictures) {
  std::vector<ImageSource> sources;
  for (const Picture& picture : pictures) sources.emplace_back(picture.view());
  return sources;
}

std::vector<Picture> Pictures(int count) {
  std::vector<Picture> pictures;
  for (int i = 0; i < count; ++i) pictures.emplace_back(i);
  return pictures;
}

std::ptrdiff_t ThreadsOfThisProcess() {
  namespace fs = std::filesystem;
  return std::distance(fs::directory_iterator("/proc/self/task"), fs::directory_iterator());
}

TEST(RunSizes, KeepEveryInstanceBusy) {
  EXPECT_EQ(RunSizes(0, 8, 1), Sizes{});
  EXPECT_EQ(RunSizes(20, 8, 1), (Sizes{8, 8, 4}));
  EXPECT_EQ(RunSizes(8, 8, 2), (Sizes{4, 4}));
  EXPECT_EQ(RunSizes(27, 8, 2), (Sizes{8, 8, 6, 5}));
  EXPECT_EQ(RunSizes(2, 8, 3), (Sizes{1, 1}));
  for (std::size_t count = 1; count < 100; ++count) {
    const Sizes pieces = RunSizes(count, 4, 3);
    EXPECT_EQ(std::accumulate(pieces.begin(), pieces.end(), std::size_t{0}), count);
    for (const std::size_t size : pieces) EXPECT_TRUE(size >= 1 && size <= 4);
  }
}

TEST(Pipeline, ABadImageHurtsOnlyItself) {
  Pipeline pipeline(FakeBundle(), std::make_shared<FakeModel>(), Options(1, 4));
  for (std::size_t bad = 0; bad < 6; ++bad) {
    std::vector<Picture> pictures;
    for (int i = 0; i < 6; ++i) pictures.emplace_back(i);
    std::vector<ImageSource> sources;
    for (const Picture& picture : pictures) sources.emplace_back(picture.view());
    sources[bad] = kBad;
    const std::vector<Outcome> outcomes = pipeline.Predict(sources, {});
    for (std::size_t i = 0; i < 6; ++i) {
      ASSERT_EQ(outcomes[i].error != nullptr, i == bad);
      if (i == bad) continue;
      EXPECT_EQ(outcomes[i].classification.scores, pipeline.Predict({sources[i]}, {}).front().classification.scores);
    }
  }
  ExpectError(ErrorCode::kInvalidImage, "", [&] { pipeline.Submit(kBad, {}, nullptr, nullptr).Get(); });
  EXPECT_EQ(pipeline.stats().rejected.bad_input, 7U);
}

TEST(Pipeline, APieceOfNothingButBadImagesIsNotRun) {
  Pipeline pipeline(FakeBundle(), std::make_shared<FakeModel>(), Options(1, 2));
  const Picture picture(1);
  const std::vector<Outcome> outcomes = pipeline.Predict({kBad, kBad, picture.view(), kBad}, {});
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(outcomes[i].error == nullptr, i == 2);
  EXPECT_EQ(pipeline.stats().batch_sizes, (std::vector<std::uint64_t>{1, 0}));
}

TEST(Pipeline, TheImagesOfAListAreDecodedByOtherThreadsToo) {
  if (CpuBudget() < 2) GTEST_SKIP() << "with one CPU the caller decodes alone";
  PredictorOptions options;
  options.backend = Backend::kCpu;
  options.max_batch_size = 4;
  Pipeline pipeline(FakeBundle(), std::make_shared<FakeModel>(), Resolve(options, CpuBudget()));
  const std::string png = EncodePng(Gradient());
  const ImageSource image = EncodedImage{png.data(), png.size()};
  pipeline.Predict({image}, {});
  const std::ptrdiff_t alone = ThreadsOfThisProcess();
  pipeline.Predict({image, image, image, image}, {});
  EXPECT_GT(ThreadsOfThisProcess(), alone);
}

TEST(Pipeline, AListIsDecodedAheadOfTheEngineButNotFar) {
  Gated gated(Options(1, 4));
  const std::vector<Picture> pictures = Pictures(64);
  std::thread caller([&] {
    for (const Outcome& outcome : gated.pipeline.Predict(Sources(pictures), {})) EXPECT_FALSE(outcome.error);
  });
  gated.gate.AwaitArrivals(1);
  EXPECT_TRUE(AwaitStandstill());
  EXPECT_EQ(gated.pipeline.stats().queue_size, 12);  // of four pieces one runs
  gated.gate.Open();
  caller.join();
  EXPECT_EQ(gated.pipeline.stats().batch_sizes, (std::vector<std::uint64_t>{0, 0, 0, 16}));
}

TEST(Pipeline, AListLongerThanTheQueueIsServed) {
  Pipeline pipeline(FakeBundle(), std::make_shared<FakeModel>(), Options(2, 4, 1));
  const std::vector<Picture> pictures = Pictures(41);
  const std::vector<Outcome> outcomes = pipeline.Predict(Sources(pictures), {});
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    const Outcome alone = pipeline.Predict({pictures[i].view()}, {}).front();
    EXPECT_EQ(outcomes[i].classification.scores, alone.classification.scores);
  }
}

TEST(Pipeline, CloseEndsAListBeforeItsEnd) {
  Gated gated(Options(1, 2));
  const std::vector<Picture> pictures = Pictures(100);
  std::thread caller(
      [&] { ExpectError(ErrorCode::kClosed, "closed", [&] { gated.pipeline.Predict(Sources(pictures), {}); }); });
  gated.gate.AwaitArrivals(1);
  EXPECT_TRUE(Await([&] { return gated.pipeline.stats().queue_size > 0; }));  // from here on only Close empties it
  std::thread closer([&] { gated.pipeline.Close(); });
  EXPECT_TRUE(Await([&] { return gated.pipeline.stats().queue_size == 0; }));
  gated.gate.Open();
  caller.join();
  closer.join();
  const Stats stats = gated.pipeline.stats();
  EXPECT_GE(stats.rejected.closed, 98U);
  EXPECT_EQ(stats.rejected.closed + stats.total.count, 100U);
}

TEST(Pipeline, AListIsGivenUpBetweenRuns) {
  Pipeline pipeline(FakeBundle(), std::make_shared<FakeModel>(), Options(1, 2));
  const std::vector<Picture> pictures = Pictures(100);
  RequestOptions options;
  options.is_given_up = [runs = 0]() mutable { return ++runs == 3; };
  ExpectError(ErrorCode::kCancelled, "given up", [&] { pipeline.Predict(Sources(pictures), options); });
  const Stats stats = pipeline.stats();
  EXPECT_EQ(stats.total.count, 6U);
  EXPECT_EQ(stats.rejected.cancelled, 94U);
  EXPECT_EQ(stats.queue_size, 0);
  EXPECT_FALSE(pipeline.Predict({pictures[0].view()}, options).front().error);
}

TEST(Pipeline, ListsUnderCloseAndDeadlinesTouchNothingAfterTheirEnd) {
  for (int round = 0; round < 30; ++round) {
    Pipeline pipeline(FakeBundle(), std::make_shared<FakeModel>(), Options(2, 2, 4));
    std::vector<std::thread> callers;
    for (int t = 0; t < 4; ++t) {
      callers.emplace_back([&, t] {
        RequestOptions options;
        if (t % 2 == 0) options.timeout = std::chrono::microseconds(300);
        for (int i = 0; i < 5; ++i) {
          const std::vector<Picture> pictures = Pictures(9);  // gone after the call
          std::vector<ImageSource> sources = Sources(pictures);
          sources[4] = kBad;
          try {
            pipeline.Predict(sources, options);
          } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::kClosed);
          }
        }
      });
    }
    std::this_thread::sleep_for(std::chrono::microseconds(100 * round));
    pipeline.Close();
    for (std::thread& caller : callers) caller.join();
  }
}

}  // namespace
}  // namespace hrnet_native
