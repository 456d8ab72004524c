#include "predictor/options.h"

#include <algorithm>

#include "base/str_cat.h"
#include "hrnet_native/error.h"
#include "image/decode_budget.h"

namespace hrnet_native {
namespace {

void RequireAtLeast(int lowest, const char* name, int value, const char* remark = "") {
  if (value >= lowest) return;
  throw Error(ErrorCode::kInvalidArgument, StrCat(name, " must be at least ", lowest, remark, ", not ", value));
}

}  // namespace

PredictorOptions Resolve(PredictorOptions options, int cpu_budget) {
  RequireAtLeast(0, "num_threads", options.num_threads, " (0: automatic)");
  RequireAtLeast(1, "num_instances", options.num_instances);
  RequireAtLeast(1, "max_batch_size", options.max_batch_size);
  RequireAtLeast(-1, "max_queue_size", options.max_queue_size, " (-1: no limit)");
  RequireAtLeast(1, "top_k", options.top_k);
  if (options.max_queue_delay.count() < 0) {
    throw Error(ErrorCode::kInvalidArgument,
                StrCat("max_queue_delay_us must be at least 0, not ", options.max_queue_delay.count()));
  }
  for (const int size : options.warmup) {
    if (size >= 1 && size <= options.max_batch_size) continue;
    throw Error(
        ErrorCode::kInvalidArgument,
        StrCat("warmup must hold batch sizes from 1 to max_batch_size=", options.max_batch_size, ", not ", size));
  }
  CheckLimits(options.image.limits);
  if (options.precision != Precision::kFp32) {
    throw Error(ErrorCode::kUnsupported, "this version runs in precision fp32 only");
  }
  if (options.num_threads == 0) options.num_threads = std::max(1, cpu_budget / options.num_instances);
  if (options.num_threads > cpu_budget / options.num_instances) {
    throw Error(ErrorCode::kInvalidArgument,
                StrCat("num_threads=", options.num_threads, " times num_instances=", options.num_instances,
                       " must not exceed ", cpu_budget, ", the CPUs of this process"));
  }
  if (options.max_queue_size == 0) options.max_queue_size = 4 * options.num_instances * options.max_batch_size;
  return options;
}

}  // namespace hrnet_native
