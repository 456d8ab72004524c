#include "predictor/pipeline.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <future>
#include <limits>
#include <new>
#include <set>
#include <thread>
#include <vector>

#include "support/expect_error.h"
#include "support/fake_engine.h"
#include "support/no_threads.h"
#include "support/pipeline_fixture.h"
#include "support/standstill.h"

namespace hrnet_native {
namespace {

using std::chrono::milliseconds;

constexpr std::chrono::hours kHour(1);
constexpr std::chrono::minutes kMinute(1);

/// Of the error that `action` throws.
template <typename Action>
ErrorCode CodeOfError(const Action& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.code();
  }
  ADD_FAILURE() << "an answer where an error was expected";
  return ErrorCode::kInternal;
}

ErrorCode CodeOf(const Future& future) {
  return CodeOfError([&] { future.Get(); });
}

TEST(Pipeline, AnswersManyThreadsEachWithItsOwn) {
  Pipeline pipeline(FakeBundle(), std::make_shared<FakeModel>(), Options(2));
  std::vector<Picture> pictures;
  std::vector<Classification> expected;
  for (int i = 0; i < 16; ++i) {
    pictures.emplace_back(i);
    expected.push_back(pipeline.Predict({pictures.back().view()}, {}).front().classification);
  }
  std::vector<std::thread> threads;
  for (int t = 0; t < 16; ++t) {
    threads.emplace_back([&, t] {
      for (std::size_t i = 0; i < 100; ++i) {
        const std::size_t own = (static_cast<std::size_t>(t) + i) % 16;
        const Classification got = i % 2 == 0 ? pipeline.Predict({pictures[own].view()}, {}).front().classification
                                              : pipeline.Submit(pictures[own].view(), {}, nullptr, nullptr).Get();
        EXPECT_EQ(got.class_ids, expected[own].class_ids);
        EXPECT_EQ(got.scores, expected[own].scores);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const Stats stats = pipeline.stats();
  EXPECT_EQ(stats.inference_count, 1616U);
  EXPECT_EQ(stats.total.count, 1616U);
}

TEST(Pipeline, TakesTogetherWhatWaits) {
  Gated gated(Options(1, 4, 20));
  std::vector<Picture> pictures;
  for (int i = 0; i < 10; ++i) pictures.emplace_back(i);
  std::vector<Future> futures = {gated.pipeline.Submit(pictures[0].view(), {}, nullptr, nullptr)};
  gated.gate.AwaitArrivals(1);
  for (std::size_t i = 1; i < 10; ++i) {
    futures.push_back(gated.pipeline.Submit(pictures[i].view(), {}, nullptr, nullptr));
  }
  ASSERT_TRUE(AwaitStandstill());  // all are decoded
  gated.gate.Open();
  for (const Future& future : futures) future.Get();
  EXPECT_EQ(gated.batches, (std::vector<int>{1, 4, 4, 1}));
  const Stats stats = gated.pipeline.stats();
  EXPECT_EQ(stats.batch_sizes, (std::vector<std::uint64_t>{2, 0, 0, 2}));
  EXPECT_DOUBLE_EQ(stats.mean_batch_size, 2.5);
}

TEST(Pipeline, WaitsForCompanyOnlyIfAsked) {
  PredictorOptions options = Options(1, 4);
  options.max_queue_delay = kHour;  // ends when the batch is full
  Pipeline pipeline(FakeBundle(), std::make_shared<FakeModel>(), options);
  const Picture picture(1);
  std::vector<Future> futures;
  for (int i = 0; i < 4; ++i) futures.push_back(pipeline.Submit(picture.view(), {}, nullptr, nullptr));
  for (const Future& future : futures) EXPECT_TRUE(future.WaitFor(kMinute));
  EXPECT_EQ(pipeline.stats().batch_sizes.back(), 1U);

  options.max_queue_delay = milliseconds(50);
  Pipeline lonely(FakeBundle(), std::make_shared<FakeModel>(), options);
  lonely.Predict({picture.view()}, {});
  EXPECT_GE(lonely.stats().queue.total_ns, 45'000'000U);
}

TEST(Pipeline, WhatWaitsForCompanyCanBeCancelledAndLate) {
  PredictorOptions options = Options(2, 4);
  options.max_queue_delay = kHour;
  Pipeline pipeline(FakeBundle(), std::make_shared<FakeModel>(), options);
  const Picture picture(1);
  const Future cancelled = pipeline.Submit(picture.view(), {}, nullptr, nullptr);
  RequestOptions hurried;
  hurried.timeout = milliseconds(30);
  EXPECT_EQ(CodeOfError([&] { pipeline.Submit(picture.view(), hurried, nullptr, nullptr).Get(); }),
            ErrorCode::kDeadlineExceeded);
  EXPECT_TRUE(cancelled.Cancel());
  EXPECT_EQ(pipeline.stats().execution_count, 0U);
}

TEST(Pipeline, DoesNotWaitForCompanyThatTheQueueHasNoRoomFor) {
  PredictorOptions options = Options(1, 4, 2);
  options.max_queue_delay = kHour;
  Pipeline pipeline(FakeBundle(), std::make_shared<FakeModel>(), options);
  const Picture picture(1);
  const Future first = pipeline.Submit(picture.view(), {}, nullptr, nullptr);
  const Future second = pipeline.Submit(picture.view(), {}, nullptr, nullptr);
  EXPECT_TRUE(first.WaitFor(kMinute));
  EXPECT_TRUE(second.WaitFor(kMinute));
}

TEST(Pipeline, SubmitRefusesAndPredictWaitsWhenTheQueueIsFull) {
  Gated gated(Options(1, 1, 2));
  const Picture picture(1);
  std::vector<Future> futures = {gated.pipeline.Submit(picture.view(), {}, nullptr, nullptr)};
  gated.gate.AwaitArrivals(1);
  for (int i = 0; i < 2; ++i) futures.push_back(gated.pipeline.Submit(picture.view(), {}, nullptr, nullptr));
  ExpectError(ErrorCode::kQueueFull, "max_queue_size=2",
              [&] { gated.pipeline.Submit(picture.view(), {}, nullptr, nullptr); });
  std::atomic<bool> answered = false;
  std::thread caller([&] {
    EXPECT_FALSE(gated.pipeline.Predict({picture.view()}, {}).front().error);
    answered = true;
  });
  EXPECT_TRUE(AwaitStandstill());
  EXPECT_FALSE(answered);
  EXPECT_TRUE(futures[2].Cancel());  // frees the room that the caller waits for
  EXPECT_EQ(CodeOf(futures[2]), ErrorCode::kCancelled);
  EXPECT_FALSE(futures[2].Cancel());
  gated.gate.Open();
  caller.join();
  futures[0].Get();
  EXPECT_FALSE(futures[0].Cancel());
  const Stats stats = gated.pipeline.stats();
  EXPECT_EQ(stats.rejected.queue_full, 1U);
  EXPECT_EQ(stats.rejected.cancelled, 1U);
}

TEST(Pipeline, WhatHasNotBegunAtItsDeadlineEndsThen) {
  Gated gated(Options(1, 1, 1));
  const Picture picture(1);
  RequestOptions options;
  options.timeout = milliseconds(30);
  const Future running = gated.pipeline.Submit(picture.view(), {}, nullptr, nullptr);
  gated.gate.AwaitArrivals(1);
  // Though the instance is still held; the second waits for room.
  EXPECT_EQ(CodeOfError([&] { gated.pipeline.Submit(picture.view(), options, nullptr, nullptr).Get(); }),
            ErrorCode::kDeadlineExceeded);
  const Future waiting = gated.pipeline.Submit(picture.view(), {}, nullptr, nullptr);
  const auto predicted = gated.pipeline.Predict({picture.view()}, options);
  ExpectError(ErrorCode::kDeadlineExceeded, "time-out", [&] { std::rethrow_exception(predicted.front().error); });
  options.timeout = milliseconds(-1);
  ExpectError(ErrorCode::kInvalidArgument, "-1000", [&] { gated.pipeline.Predict({picture.view()}, options); });
  gated.gate.Open();
  EXPECT_NO_THROW(running.Get());
  EXPECT_NO_THROW(waiting.Get());
  EXPECT_EQ(gated.pipeline.stats().rejected.deadline_exceeded, 2U);
}

TEST(Pipeline, AnEngineThatFailsIsItsImagesErrorAndTheNextOneIsServed) {
  std::atomic<bool> fails = false;
  Pipeline pipeline(FakeBundle(), std::make_shared<FakeModel>([&](const InputView&) {
                      if (fails) throw Error(ErrorCode::kInternal, "broken");
                    }),
                    Options());
  const Picture picture(3);
  fails = true;
  const auto outcomes = pipeline.Predict({picture.view(), picture.view()}, {});
  for (const Outcome& outcome : outcomes) {
    ExpectError(ErrorCode::kInternal, "broken", [&] { std::rethrow_exception(outcome.error); });
  }
  fails = false;
  EXPECT_FALSE(pipeline.Predict({picture.view()}, {}).front().error);
  EXPECT_EQ(pipeline.stats().rejected.internal, 2U);
}

TEST(Pipeline, InferRunsPiecesOfMaxBatchSize) {
  Pipeline pipeline(FakeBundle(), std::make_shared<FakeModel>(), Options(1, 4));
  std::vector<float> inputs(10 * kInput);
  for (std::size_t i = 0; i < inputs.size(); ++i) inputs[i] = static_cast<float>(i % 97) / 97;
  std::vector<float> scores(10 * FakeModel::kClasses);
  pipeline.Infer(inputs.data(), 10, scores.data(), {});
  for (std::size_t i = 0; i < 10; ++i) {
    const std::vector<float> expected = FakeModel::Scores(&inputs[i * kInput]);
    EXPECT_TRUE(std::equal(expected.begin(), expected.end(), &scores[i * FakeModel::kClasses]));
  }
  EXPECT_EQ(pipeline.stats().inference_count, 10U);
}

TEST(Pipeline, TheEngineReadsTheCallersMemory) {
  std::vector<const float*> seen;
  Pipeline pipeline(FakeBundle(),
                    std::make_shared<FakeModel>([&seen](const InputView& input) { seen.push_back(input.data); }),
                    Options(1, 4));
  const std::vector<float> inputs(6 * kInput);
  std::vector<float> scores(6 * FakeModel::kClasses);
  seen.clear();
  pipeline.Infer(inputs.data(), 6, scores.data(), {});
  EXPECT_EQ(seen, (std::vector<const float*>{inputs.data(), inputs.data() + 4 * kInput}));
}

TEST(Pipeline, WarmupRunsEveryInstanceAndCountsNothing) {
  std::mutex mutex;
  std::multiset<std::pair<std::thread::id, int>> runs;
  PredictorOptions options = Options(3, 4);
  options.warmup = {2};
  Pipeline pipeline(FakeBundle(), std::make_shared<FakeModel>([&](const InputView& input) {
                      const std::lock_guard lock(mutex);
                      runs.emplace(std::this_thread::get_id(), input.batch);
                    }),
                    options);
  pipeline.Warmup({1, 4}, 2);
  std::set<std::thread::id> threads;
  for (const auto& run : runs) threads.insert(run.first);
  EXPECT_EQ(threads.size(), 3U);
  for (const std::thread::id thread : threads) {
    EXPECT_EQ(runs.count({thread, 1}), 3U);  // one of them while loading
    EXPECT_EQ(runs.count({thread, 2}), 1U);
    EXPECT_EQ(runs.count({thread, 4}), 2U);
  }
  EXPECT_EQ(pipeline.stats().execution_count, 0U);
  ExpectError(ErrorCode::kInvalidArgument, "not 5", [&] { pipeline.Warmup({5}, 1); });
  ExpectError(ErrorCode::kInvalidArgument, "not 0", [&] { pipeline.Warmup({1}, 0); });
}

TEST(Pipeline, ACloneLivesOn) {
  auto pipeline = std::make_unique<Pipeline>(FakeBundle(), std::make_shared<FakeModel>(), Options());
  const std::unique_ptr<Pipeline> clone = pipeline->Clone();
  pipeline.reset();
  const Picture picture(1);
  EXPECT_FALSE(clone->Predict({picture.view()}, {}).front().error);
  EXPECT_EQ(clone->stats().inference_count, 1U);
}

TEST(Pipeline, CloseEndsWhatWaitsAndFinishesWhatRuns) {
  Gated gated(Options(1, 1, 8));
  const Picture picture(1);
  const Future running = gated.pipeline.Submit(picture.view(), {}, nullptr, nullptr);
  gated.gate.AwaitArrivals(1);
  const Future waiting = gated.pipeline.Submit(picture.view(), {}, nullptr, nullptr);
  std::thread caller(
      [&] { ExpectError(ErrorCode::kClosed, "closed", [&] { gated.pipeline.Predict({picture.view()}, {}); }); });
  EXPECT_TRUE(AwaitStandstill());  // the caller waits too
  std::thread closer([&] { gated.pipeline.Close(); });
  EXPECT_EQ(CodeOf(waiting), ErrorCode::kClosed);
  caller.join();
  gated.gate.Open();
  closer.join();
  EXPECT_NO_THROW(running.Get());
  ExpectError(ErrorCode::kClosed, "closed", [&] { gated.pipeline.Submit(picture.view(), {}, nullptr, nullptr); });
  ExpectError(ErrorCode::kClosed, "closed", [&] { gated.pipeline.Warmup({1}, 1); });
}

TEST(Pipeline, CloseUnderLoadAnswersOrRefusesEveryCall) {
  const Picture picture(1);
  for (int round = 0; round < 30; ++round) {
    Pipeline pipeline(FakeBundle(), std::make_shared<FakeModel>(), Options(2, 2, 4));
    std::atomic<int> ended = 0;
    std::vector<std::thread> callers;
    for (int t = 0; t < 6; ++t) {
      callers.emplace_back([&, t] {
        RequestOptions options;
        if (t % 3 == 0) options.timeout = std::chrono::microseconds(200);
        for (int i = 0; i < 20; ++i) {
          try {
            if (t % 2 == 0) {
              pipeline.Predict({picture.view()}, options);
            } else {
              pipeline.Submit(picture.view(), options, nullptr, [&](const Outcome&) {}).Get();
            }
          } catch (const Error&) {
          }
          ++ended;
        }
      });
    }
    std::this_thread::sleep_for(std::chrono::microseconds(100 * round));
    std::thread other([&] { pipeline.Close(); });
    pipeline.Close();
    other.join();
    for (std::thread& caller : callers) caller.join();
    EXPECT_EQ(ended, 120);
  }
}

TEST(Pipeline, AnInstanceThatDoesNotStartFailsTheConstructor) {
  std::atomic<int> runs = 0;
  const auto model = std::make_shared<FakeModel>([&](const InputView&) {
    if (++runs == 2) throw Error(ErrorCode::kInternal, "no memory");
  });
  ExpectError(ErrorCode::kModelLoad, "no memory", [&] { const Pipeline pipeline(FakeBundle(), model, Options(3)); });
}

TEST(Pipeline, AWarmupThatFailsFailsTheConstructor) {
  PredictorOptions options = Options(2, 4);
  options.warmup = {1, 3};
  const auto model = std::make_shared<FakeModel>([](const InputView& input) {
    if (input.batch == 3) throw Error(ErrorCode::kInternal, "a program for batches of 1");
  });
  ExpectError(ErrorCode::kInternal, "batches of 1", [&] { const Pipeline pipeline(FakeBundle(), model, options); });
}

TEST(Pipeline, WhatASubmittedImageHeldMaySubmitWhenItIsReleased) {
  Pipeline pipeline(FakeBundle(), std::make_shared<FakeModel>(), Options());
  const Picture picture(1);
  std::promise<Future> second;
  std::shared_ptr<const void> owner(new int, [&](const int* held) {
    delete held;
    second.set_value(pipeline.Submit(picture.view(), {}, nullptr, nullptr));
  });
  const Future bad = pipeline.Submit(kBad, {}, std::move(owner), nullptr);
  EXPECT_EQ(CodeOf(bad), ErrorCode::kInvalidImage);
  EXPECT_EQ(second.get_future().get().Get().class_ids.size(), 4U);
}

TEST(Pipeline, WithoutDecoderThreadsAListIsServedAndASubmittedImageIsRefused) {
  Pipeline pipeline(FakeBundle(), std::make_shared<FakeModel>(), Options(1, 4));
  const Picture picture(1);
  const NoThreads none;
  for (const Outcome& outcome : pipeline.Predict(std::vector<ImageSource>(20, picture.view()), {})) {
    EXPECT_FALSE(outcome.error);
  }
  const Future refused = pipeline.Submit(picture.view(), {}, nullptr, nullptr);
  ExpectError(ErrorCode::kResourceExhausted, "no thread could be started", [&] { refused.Get(); });
  RequestOptions hurried;
  hurried.timeout = std::chrono::hours(1);
  const Outcome outcome = pipeline.Predict({picture.view()}, hurried).front();
  ExpectError(ErrorCode::kResourceExhausted, "no thread", [&] { std::rethrow_exception(outcome.error); });
  EXPECT_EQ(pipeline.stats().rejected.internal, 2U);
}

TEST(Pipeline, ASubmittedImageThatIsRefusedReleasesItsOwner) {
  Pipeline pipeline(FakeBundle(), std::make_shared<FakeModel>(), Options());
  const Picture picture(1);
  RequestOptions hurried;
  hurried.timeout = std::chrono::hours(1);
  auto owner = std::make_shared<const int>(1);
  const std::weak_ptr<const int> released = owner;
  const NoThreads none;
  ExpectError(ErrorCode::kResourceExhausted, "no thread could be started",
              [&] { pipeline.Submit(picture.view(), hurried, std::move(owner), nullptr); });
  EXPECT_TRUE(released.expired());
}

TEST(Pipeline, WhatOnDoneThrowsIsDropped) {
  Pipeline pipeline(FakeBundle(), std::make_shared<FakeModel>(), Options());
  const Picture picture(1);
  const auto fail = [](const Outcome&) { throw std::bad_alloc(); };
  EXPECT_EQ(pipeline.Submit(picture.view(), {}, nullptr, fail).Get().class_ids.size(), 4U);
  EXPECT_EQ(CodeOf(pipeline.Submit(kBad, {}, nullptr, fail)), ErrorCode::kInvalidImage);
  EXPECT_FALSE(pipeline.Predict({picture.view()}, {}).front().error);
}

TEST(Pipeline, AFutureWaitsForALongTimeAndForNone) {
  Gated gated(Options());
  const Picture picture(1);
  const Future future = gated.pipeline.Submit(picture.view(), {}, nullptr, nullptr);
  gated.gate.AwaitArrivals(1);
  EXPECT_FALSE(future.WaitFor(std::chrono::microseconds::min()));
  std::thread opener([&] { gated.gate.Open(); });
  EXPECT_TRUE(future.WaitFor(std::chrono::microseconds::max()));
  opener.join();
}

TEST(Options, HaveUpperBounds) {
  PredictorOptions options;
  options.backend = Backend::kCpu;
  options.max_batch_size = 65536;
  options.num_instances = 9000;
  EXPECT_EQ(Resolve(options, 9000).max_queue_size, std::numeric_limits<int>::max());  // 4 times as many are more
  options.max_batch_size = 600'000'000;
  ExpectError(ErrorCode::kInvalidArgument, "max_batch_size must be from 1 to 65536, not 600000000",
              [&] { Resolve(options, 9000); });
  options = {};
  options.max_queue_delay = std::chrono::hours(1);
  EXPECT_EQ(Resolve(options, 1).max_queue_delay, std::chrono::hours(1));
  options.max_queue_delay = std::chrono::microseconds(std::int64_t{1} << 60);
  ExpectError(ErrorCode::kInvalidArgument, "must be from 0 to 3600000000 (an hour), not 1152921504606846976",
              [&] { Resolve(options, 1); });
}

TEST(Options, KeepToTheCpuBudget) {
  PredictorOptions options;
  options.backend = Backend::kCpu;
  EXPECT_EQ(Resolve(options, 8).num_threads, 8);
  options.num_instances = 3;
  EXPECT_EQ(Resolve(options, 8).num_threads, 2);
  EXPECT_EQ(Resolve(options, 8).max_queue_size, 4 * 3 * 8);
  options.num_threads = 3;
  options.strict_budget = true;
  ExpectError(ErrorCode::kInvalidArgument, "num_threads=3 times num_instances=3 must not exceed 8",
              [&] { Resolve(options, 8); });
  options.num_threads = 0;
  options.num_instances = 9;
  ExpectError(ErrorCode::kInvalidArgument, "num_threads=1 times num_instances=9", [&] { Resolve(options, 8); });
}

TEST(Options, MoreThreadsThanCpusAreCappedAndTheLogIsTold) {
  std::vector<std::string> warnings;
  PredictorOptions options;
  options.log = [&](LogLevel level, const std::string& message) {
    EXPECT_EQ(level, LogLevel::kWarning);
    warnings.push_back(message);
  };
  options.num_instances = 3;
  options.num_threads = 2;
  EXPECT_EQ(Resolve(options, 8).num_threads, 2);
  EXPECT_EQ(warnings.size(), 0U);
  options.num_threads = 3;
  EXPECT_EQ(Resolve(options, 8).num_threads, 2);
  options.num_threads = std::numeric_limits<int>::max();
  EXPECT_EQ(Resolve(options, 2).num_threads, 1);
  options.num_threads = 0;
  options.num_instances = 9;
  EXPECT_EQ(Resolve(options, 8).num_threads, 1);
  EXPECT_EQ(warnings,
            (std::vector<std::string>{
                "num_threads=3 times num_instances=3 exceeds 8, the CPUs of this process: num_threads=2 is used",
                "num_threads=2147483647 times num_instances=3 exceeds 2, the CPUs of this process: num_threads=1 "
                "is used, and instances take turns",
                "num_threads=1 times num_instances=9 exceeds 8, the CPUs of this process: num_threads=1 is "
                "used, and instances take turns"}));
  options.log = nullptr;
  EXPECT_EQ(Resolve(options, 8).num_threads, 1);
}

/// Each has a thread, and memory that is touched when it is made: a wrong number must not take all there is.
TEST(Options, InstancesAreBounded) {
  PredictorOptions options;
  options.num_instances = 1000;
  EXPECT_EQ(Resolve(options, 2).num_threads, 1);
  options.num_instances = 1001;
  EXPECT_EQ(Resolve(options, 1001).num_threads, 1);
  ExpectError(ErrorCode::kInvalidArgument, "num_instances must be from 1 to 1000, not 1001",
              [&] { Resolve(options, 2); });
}

}  // namespace
}  // namespace hrnet_native
