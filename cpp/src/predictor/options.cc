#include "predictor/options.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <string>

#include "base/cache_directory.h"
#include "base/str_cat.h"
#include "hrnet_native/error.h"
#include "image/decode_budget.h"

namespace hrnet_native {
namespace {

constexpr int kLargestBatch = 65536;  // 39 GB of inputs of 224x224 pixels
constexpr std::chrono::hours kLongestDelay(1);
constexpr int kMostInstances = 1000;  // where there are fewer CPUs: each has a thread and memory of its own

void RequireAtLeast(int lowest, const char* name, int value, const char* remark = "") {
  if (value >= lowest) return;
  throw Error(ErrorCode::kInvalidArgument, StrCat(name, " must be at least ", lowest, remark, ", not ", value));
}

void CheckGpuOptions(const PredictorOptions& options) {
  RequireAtLeast(0, "device_id", options.device_id);
  RequireAtLeast(1, "gpu_memory_pool_mb", options.gpu_memory_pool_mb);
  RequireAtLeast(1, "tensorrt.workspace_mb", options.tensorrt.workspace_mb);
  RequireAtLeast(1, "tensorrt.min_subgraph_size", options.tensorrt.min_subgraph_size);
  const int optimal = options.tensorrt.optimal_batch_size;
  if (optimal >= 1 && optimal <= options.max_batch_size) return;
  throw Error(ErrorCode::kInvalidArgument, StrCat("tensorrt.optimal_batch_size must be from 1 to max_batch_size=",
                                                  options.max_batch_size, ", not ", optimal));
}

/// Keeps the instances' threads within the CPUs of the process, with one a piece at least.
void KeepToBudget(PredictorOptions& options, int cpu_budget) {
  const int most = std::max(1, cpu_budget / options.num_instances);
  if (options.num_threads == 0) options.num_threads = most;
  if (options.num_threads <= cpu_budget / options.num_instances) return;
  const std::string asked = StrCat("num_threads=", options.num_threads, " times num_instances=", options.num_instances);
  if (options.strict_budget) {
    throw Error(ErrorCode::kInvalidArgument,
                StrCat(asked, " must not exceed ", cpu_budget, ", the CPUs of this process"));
  }
  options.num_threads = most;
  if (!options.log) return;
  options.log(LogLevel::kWarning,
              StrCat(asked, " exceeds ", cpu_budget, ", the CPUs of this process: num_threads=", most, " is used",
                     most * options.num_instances > cpu_budget ? ", and instances take turns" : ""));
}

}  // namespace

PredictorOptions Resolve(PredictorOptions options, int cpu_budget) {
  RequireAtLeast(0, "num_threads", options.num_threads, " (0: automatic)");
  const int most_instances = std::max(cpu_budget, kMostInstances);
  if (options.num_instances < 1 || options.num_instances > most_instances) {
    throw Error(ErrorCode::kInvalidArgument,
                StrCat("num_instances must be from 1 to ", most_instances, ", not ", options.num_instances));
  }
  if (options.max_batch_size < 1 || options.max_batch_size > kLargestBatch) {
    throw Error(ErrorCode::kInvalidArgument,
                StrCat("max_batch_size must be from 1 to ", kLargestBatch, ", not ", options.max_batch_size));
  }
  RequireAtLeast(-1, "max_queue_size", options.max_queue_size, " (-1: no limit)");
  RequireAtLeast(1, "top_k", options.top_k);
  if (options.max_queue_delay.count() < 0 || options.max_queue_delay > kLongestDelay) {
    throw Error(ErrorCode::kInvalidArgument,
                StrCat("max_queue_delay_us must be from 0 to ", std::chrono::microseconds(kLongestDelay).count(),
                       " (an hour), not ", options.max_queue_delay.count()));
  }
  for (const int size : options.warmup) {
    if (size >= 1 && size <= options.max_batch_size) continue;
    throw Error(
        ErrorCode::kInvalidArgument,
        StrCat("warmup must hold batch sizes from 1 to max_batch_size=", options.max_batch_size, ", not ", size));
  }
  CheckLimits(options.image.limits);
  CheckGpuOptions(options);
  if (options.cache_dir.empty()) options.cache_dir = DefaultCacheDirectory();
  KeepToBudget(options, cpu_budget);
  if (options.max_queue_size == 0) {
    const std::int64_t images = std::int64_t{4} * options.num_instances * options.max_batch_size;
    options.max_queue_size = static_cast<int>(std::min<std::int64_t>(images, std::numeric_limits<int>::max()));
  }
  return options;
}

}  // namespace hrnet_native
