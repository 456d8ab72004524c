#pragma once

#include <memory>

#include "base/thread_pool.h"
#include "base/workers.h"

namespace hrnet_native {

/// What the predictors of a process share: its CPUs, the threads that decode, and those that run networks. They end
/// with it.
class Runtime {
 public:
  /// `cpu_budget`: at least 1.
  explicit Runtime(int cpu_budget)
      : cpu_budget_(cpu_budget), decoders_(cpu_budget), workers_(std::make_shared<Workers>(cpu_budget)) {}
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;

  /// The one of this process, with the CPUs that it had when this was made: it exists while somebody holds it. A forked
  /// child has one of its own.
  static std::shared_ptr<Runtime> Shared();

  int cpu_budget() const { return cpu_budget_; }

  /// As many threads as CPUs.
  ThreadPool& decoders() { return decoders_; }

  /// The CPUs on which networks run.
  const std::shared_ptr<Workers>& workers() const { return workers_; }

 private:
  const int cpu_budget_;
  ThreadPool decoders_;
  std::shared_ptr<Workers> workers_;  // which engines may hold longer
};

}  // namespace hrnet_native
