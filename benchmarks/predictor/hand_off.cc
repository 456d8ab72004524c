// What the predictor adds to an engine that does nothing: the time from a caller to an instance's thread and back.
// Prints JSON: the median of one caller's calls, and the wall time over all calls of 32 callers, in microseconds.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

#include "predictor/options.h"
#include "predictor/pipeline.h"
#include "support/fake_engine.h"

namespace hrnet_native {
namespace {

constexpr std::size_t kInput = std::size_t{3} * 8 * 8;
using Microseconds = std::chrono::duration<double, std::micro>;

/// One caller's input, and the answer that it must get.
struct Caller {
  explicit Caller(int seed) : input(kInput) {
    for (std::size_t i = 0; i < kInput; ++i) input[i] = static_cast<float>((i + static_cast<std::size_t>(seed)) % 7);
    expected = FakeModel::Scores(input.data());
  }
  void Check(const std::vector<float>& scores) const {
    if (scores == expected) return;
    std::fprintf(stderr, "a wrong answer\n");
    std::exit(1);
  }
  std::vector<float> input;
  std::vector<float> expected;
};

/// Microseconds of each of `count` calls.
std::vector<double> Call(Pipeline& pipeline, const Caller& caller, int count) {
  std::vector<double> times;
  std::vector<float> scores(FakeModel::kClasses);
  for (int i = 0; i < count; ++i) {
    const auto begin = Clock::now();
    pipeline.Infer(caller.input.data(), 1, scores.data(), {});
    times.push_back(Microseconds(Clock::now() - begin).count());
    caller.Check(scores);
  }
  return times;
}

double Median(std::vector<double> times) {
  std::nth_element(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2), times.end());
  return times[times.size() / 2];
}

/// The same call without a predictor: what the engine itself takes.
double EngineAlone(int count) {
  const auto engine = FakeModel().NewContext();
  const Caller caller(0);
  std::vector<double> times;
  for (int i = 0; i < count; ++i) {
    const auto begin = Clock::now();
    engine->Run({caller.input.data(), 1, 3, 8, 8});
    times.push_back(Microseconds(Clock::now() - begin).count());
  }
  return Median(times);
}

double ManyCallers(Pipeline& pipeline, int callers, int count) {
  std::vector<std::thread> threads;
  threads.reserve(static_cast<std::size_t>(callers));
  const auto begin = Clock::now();
  for (int t = 0; t < callers; ++t) {
    threads.emplace_back([&pipeline, t, count] { Call(pipeline, Caller(t), count); });
  }
  for (std::thread& thread : threads) thread.join();
  return Microseconds(Clock::now() - begin).count() / (callers * count);
}

void Main() {
  constexpr int kCount = 20000;
  PredictorOptions options;
  options.backend = Backend::kCpu;
  Pipeline pipeline(FakeBundle(), std::make_shared<FakeModel>(), Resolve(options, 1));
  const Caller caller(0);
  Call(pipeline, caller, kCount / 10);
  const double one = Median(Call(pipeline, caller, kCount)) - EngineAlone(kCount);
  std::printf("{\"one_caller_p50_us\": %.2f, \"callers_32_us\": %.2f}\n", one, ManyCallers(pipeline, 32, kCount / 32));
}

}  // namespace
}  // namespace hrnet_native

int main() {
  hrnet_native::Main();
  return 0;
}
