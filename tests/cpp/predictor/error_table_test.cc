// One row for each ErrorCode: how a caller meets it, and the value that the message must carry.
#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <functional>
#include <string>

#include "predictor/future_state.h"
#include "predictor/options.h"
#include "predictor/pipeline.h"
#include "support/expect_error.h"
#include "support/fake_engine.h"
#include "support/no_threads.h"

namespace hrnet_native {
namespace {

using std::chrono::milliseconds;

PredictorOptions Options() {
  PredictorOptions options;
  options.backend = Backend::kCpu;
  options.max_batch_size = 1;
  options.max_queue_size = 1;
  return Resolve(options, 1);
}

/// A pipeline whose only instance runs one image until the end of this object.
struct Busy {
  Busy() {
    armed = true;
    running = pipeline.Submit(view(), {}, nullptr, nullptr);
    gate.AwaitArrivals(1);
  }
  ~Busy() { gate.Open(); }

  ImageView view() const { return {pixels.data(), 8, 8, 24}; }
  Future Submit(const RequestOptions& options = {}) { return pipeline.Submit(view(), options, nullptr, nullptr); }

  std::vector<std::uint8_t> pixels = std::vector<std::uint8_t>(192);
  Gate gate;
  std::atomic<bool> armed = false;
  Pipeline pipeline{FakeBundle(), std::make_shared<FakeModel>([this](const InputView&) {
                      if (armed) gate.Wait();
                    }),
                    Options()};
  Future running{nullptr};
};

void PredictText() {
  Pipeline pipeline(FakeBundle(), std::make_shared<FakeModel>(), Options());
  const std::string text = "no picture";
  std::rethrow_exception(pipeline.Predict({EncodedImage{text.data(), text.size()}}, {}).front().error);
}

void PredictAfterClose() {
  Busy busy;
  busy.gate.Open();
  busy.pipeline.Close();
  busy.Submit();
}

void PredictWithTimeout() {
  Busy busy;
  RequestOptions options;
  options.timeout = milliseconds(20);
  busy.Submit(options).Get();
}

void Cancel() {
  Busy busy;
  const Future waiting = busy.Submit();
  waiting.Cancel();
  waiting.Get();
}

void FailInTheEngine() {
  bool fails = false;
  Pipeline pipeline(FakeBundle(), std::make_shared<FakeModel>([&fails](const InputView& input) {
                      if (fails) throw Error(ErrorCode::kInternal, "no memory for " + std::to_string(input.batch));
                    }),
                    Options());
  fails = true;
  const std::vector<float> input(192);
  std::vector<float> scores(4);
  pipeline.Infer(input.data(), 1, scores.data(), {});
}

/// The child's error, thrown in the parent. A future without a pipeline: no thread is forked away.
void AskAfterAFork() {
  const auto state = std::make_shared<Future::State>();
  state->cancel = [] { return true; };
  const Future future(state);
  std::array<int, 2> pipe_ends{};
  ASSERT_EQ(pipe(pipe_ends.data()), 0);
  const pid_t child = fork();
  if (child == 0) {
    std::string told = future.Cancel() ? "cancelled" : "";
    try {
      future.Get();
    } catch (const Error& error) {
      if (error.code() == ErrorCode::kForked) told += error.what();
    }
    _exit(write(pipe_ends[1], told.data(), told.size()) == static_cast<ssize_t>(told.size()) ? 0 : 1);
  }
  close(pipe_ends[1]);
  std::string told(1000, '\0');
  const ssize_t size = read(pipe_ends[0], told.data(), told.size());
  close(pipe_ends[0]);
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);
  EXPECT_TRUE(future.Cancel());
  throw Error(ErrorCode::kForked, told.substr(0, static_cast<std::size_t>(size)));
}

struct Row {
  ErrorCode code;
  const char* value;
  std::function<void()> provoke;
};

const std::vector<Row>& Table() {
  static const std::vector<Row> rows = {
      {ErrorCode::kInvalidArgument, "not -7",
       [] {
         PredictorOptions options;
         options.num_threads = -7;
         const Predictor predictor("anywhere", options);
       }},
      {ErrorCode::kInvalidImage, "10 bytes", PredictText},
      {ErrorCode::kNotFound, "no/such/model", [] { const Predictor predictor("no/such/model"); }},
      {ErrorCode::kModelLoad, "lacks inference.json", [] { const Predictor predictor(testing::TempDir()); }},
      {ErrorCode::kUnsupported, "tensorrt",
       [] { Candidates(Backend::kTensorRt, Device::kCpu, Precision::kFp32, true, "inference.json"); }},
      {ErrorCode::kQueueFull, "max_queue_size=1",
       [] {
         Busy busy;
         const Future waiting = busy.Submit();
         busy.Submit();
       }},
      {ErrorCode::kClosed, "closed", PredictAfterClose},
      {ErrorCode::kDeadlineExceeded, "time-out of 0.02 s", PredictWithTimeout},
      {ErrorCode::kCancelled, "cancelled", Cancel},
      {ErrorCode::kForked, "this future belongs to the process that this one was forked from", AskAfterAFork},
      {ErrorCode::kResourceExhausted, "no thread could be started: ",
       [] {
         const NoThreads none;
         const Pipeline pipeline(FakeBundle(), std::make_shared<FakeModel>(), Options());
       }},
      {ErrorCode::kInternal, "no memory for 1", FailInTheEngine},
  };
  return rows;
}

TEST(ErrorTable, EveryCodeIsMetAndItsMessageCarriesTheValue) {
  for (const Row& row : Table()) {
    SCOPED_TRACE(row.value);
    ExpectError(row.code, row.value, row.provoke);
  }
}

TEST(ErrorTable, HasARowForEveryCodeInTheOrderOfTheirNumbers) {
  int number = 0;
  for (const Row& row : Table()) EXPECT_EQ(static_cast<int>(row.code), ++number) << row.value;
  EXPECT_EQ(number, static_cast<int>(ErrorCode::kInternal));
}

}  // namespace
}  // namespace hrnet_native
