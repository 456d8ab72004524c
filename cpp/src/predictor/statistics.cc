#include "predictor/statistics.h"

#include <utility>

#include "hrnet_native/error.h"

namespace hrnet_native {
namespace {

StageStats Summarise(const Histogram& stage) {
  return {stage.count(), stage.total_ns(), stage.Quantile(0.5), stage.Quantile(0.9), stage.Quantile(0.99)};
}

std::uint64_t RejectStats::* Reason(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const Error& e) {
    switch (e.code()) {
      case ErrorCode::kQueueFull:
        return &RejectStats::queue_full;
      case ErrorCode::kDeadlineExceeded:
        return &RejectStats::deadline_exceeded;
      case ErrorCode::kCancelled:
        return &RejectStats::cancelled;
      case ErrorCode::kClosed:
        return &RejectStats::closed;
      case ErrorCode::kInvalidArgument:
      case ErrorCode::kInvalidImage:
      case ErrorCode::kNotFound:
      case ErrorCode::kUnsupported:
        return &RejectStats::bad_input;
      case ErrorCode::kForked:
      case ErrorCode::kResourceExhausted:
      case ErrorCode::kModelLoad:
      case ErrorCode::kInternal:
        return &RejectStats::internal;
    }
  } catch (...) {  // such as std::bad_alloc
    return &RejectStats::internal;
  }
  return &RejectStats::internal;
}

}  // namespace

void Statistics::AddExecution(int batch) {
  const std::lock_guard lock(mutex_);
  ++counts_.batch_sizes.at(static_cast<std::size_t>(batch) - 1);
}

void Statistics::AddAnswer(const Course& course) {
  const auto ns = [](std::chrono::nanoseconds time) { return static_cast<std::uint64_t>(time.count()); };
  const std::lock_guard lock(mutex_);
  counts_.decode.Add(ns(course.decoded - course.begun));
  counts_.preprocess.Add(ns(course.preprocessed - course.decoded));
  counts_.queue.Add(ns((course.begun - course.asked) + (course.run_begin - course.preprocessed)));
  counts_.infer.Add(ns(course.run_end - course.run_begin));
  counts_.postprocess.Add(ns(course.answered - course.run_end));
  counts_.total.Add(ns(course.answered - course.asked));
}

void Statistics::AddReject(const std::exception_ptr& error, int images) {
  const auto reason = Reason(error);  // which rethrows the error: not under the lock that every answer takes
  const std::lock_guard lock(mutex_);
  counts_.rejected.*reason += static_cast<std::uint64_t>(images);
}

void Statistics::Reset() {
  Counts counts(max_batch_size_);
  const std::lock_guard lock(mutex_);
  std::swap(counts_, counts);
}

Statistics::Counts Statistics::Copy() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

Stats Statistics::Snapshot() const {
  const Counts counts = Copy();
  Stats stats;
  stats.batch_sizes = counts.batch_sizes;
  for (std::size_t i = 0; i < stats.batch_sizes.size(); ++i) {
    stats.execution_count += stats.batch_sizes[i];
    stats.inference_count += stats.batch_sizes[i] * (i + 1);
  }
  if (stats.execution_count > 0) {
    stats.mean_batch_size = static_cast<double>(stats.inference_count) / static_cast<double>(stats.execution_count);
  }
  stats.decode = Summarise(counts.decode);
  stats.preprocess = Summarise(counts.preprocess);
  stats.queue = Summarise(counts.queue);
  stats.infer = Summarise(counts.infer);
  stats.postprocess = Summarise(counts.postprocess);
  stats.total = Summarise(counts.total);
  stats.rejected = counts.rejected;
  return stats;
}

}  // namespace hrnet_native
