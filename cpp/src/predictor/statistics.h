#pragma once

#include <chrono>
#include <cstdint>
#include <exception>
#include <mutex>
#include <vector>

#include "base/histogram.h"
#include "hrnet_native/stats.h"

namespace hrnet_native {

/// How long the stages of one answered image took.
struct StageTimes {
  std::chrono::nanoseconds decode{};
  std::chrono::nanoseconds preprocess{};
  std::chrono::nanoseconds queue{};
  std::chrono::nanoseconds infer{};
  std::chrono::nanoseconds postprocess{};
};

/// What a predictor counts, in bounded memory. Any thread may call any member.
class Statistics {
 public:
  explicit Statistics(int max_batch_size) : counts_(max_batch_size) {}

  void AddExecution(int batch);
  void AddAnswer(const StageTimes& times);
  void AddReject(const std::exception_ptr& error, int images = 1);
  void Reset();

  /// Everything but queue_size and the memory, which others know.
  Stats Snapshot() const;

 private:
  struct Counts {
    explicit Counts(int max_batch_size) : batch_sizes(static_cast<std::size_t>(max_batch_size)) {}
    std::vector<std::uint64_t> batch_sizes;
    Histogram decode, preprocess, queue, infer, postprocess, total;
    RejectStats rejected;
  };

  mutable std::mutex mutex_;
  Counts counts_;
};

}  // namespace hrnet_native
