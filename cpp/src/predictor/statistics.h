#pragma once

#include <cstdint>
#include <exception>
#include <mutex>
#include <vector>

#include "base/histogram.h"
#include "hrnet_native/stats.h"
#include "predictor/deadline.h"

namespace hrnet_native {

/// The course of one answered image. Each stage ends where the next one begins, at one reading of the clock.
struct Course {
  Clock::time_point asked;         ///< The call began.
  Clock::time_point begun;         ///< A thread took it up,
  Clock::time_point decoded;       ///< decoded it,
  Clock::time_point preprocessed;  ///< and made the network's input of it.
  Clock::time_point run_begin;     ///< The engine's run that it was part of.
  Clock::time_point run_end;
  Clock::time_point answered;
};

/// What a predictor counts, in bounded memory. Any thread may call any member.
class Statistics {
 public:
  explicit Statistics(int max_batch_size) : max_batch_size_(max_batch_size), counts_(max_batch_size) {}

  void AddExecution(int batch);
  void AddAnswer(const Course& course);
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

  Counts Copy() const;

  const int max_batch_size_;
  mutable std::mutex mutex_;
  Counts counts_;
};

}  // namespace hrnet_native
