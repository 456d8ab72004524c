#pragma once

#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "engine/engine.h"
#include "hrnet_native/options.h"
#include "model/bundle.h"
#include "predictor/request_queue.h"
#include "predictor/statistics.h"

namespace hrnet_native {

/// The instances of a model: each a thread that makes an execution context, checks it against the bundle, runs what
/// the queue gives it, and destroys it. No other thread ever enters an engine: engines change settings of the thread
/// that runs them, and some belong to the thread that made them.
class InstancePool {
 public:
  /// Returns when every instance has run once. Borrows the queue and the statistics. Throws Error: kModelLoad,
  /// kResourceExhausted.
  InstancePool(const std::shared_ptr<const Bundle>& bundle, std::shared_ptr<const LoadedModel> model,
               const PredictorOptions& options, RequestQueue& queue, Statistics& statistics);
  ~InstancePool();  ///< Closes the queue and joins.
  InstancePool(const InstancePool&) = delete;
  InstancePool& operator=(const InstancePool&) = delete;

  /// Waits for the threads; they end when the queue is closed. May be called again.
  void Join();

  int num_classes() const { return num_classes_; }

  /// Sums over the instances.
  EngineMemory memory() const;

 private:
  class Instance;

  std::shared_ptr<const LoadedModel> model_;  // outlives the contexts
  RequestQueue& queue_;
  int num_classes_ = 0;
  std::mutex join_mutex_;
  std::vector<std::unique_ptr<Instance>> instances_;
};

}  // namespace hrnet_native
