#include "base/runtime.h"

#include <atomic>
#include <mutex>

#include "base/cpu_budget.h"
#include "base/home_process.h"

namespace hrnet_native {
namespace {

/// Knows the runtime of one process, if there is one.
struct Registry {
  const HomeProcess home;
  std::mutex mutex;
  std::weak_ptr<Runtime> runtime;
};

/// That of this process. It is made without a lock, which a fork could have copied while it was held, and never freed:
/// predictors may be made and destroyed as long as the process runs.
Registry& RegistryHere() {
  static std::atomic<Registry*> newest = nullptr;
  Registry* known = newest;
  if (known != nullptr && known->home.IsHere()) return *known;
  auto fresh = std::make_unique<Registry>();
  if (newest.compare_exchange_strong(known, fresh.get())) return *fresh.release();  // the parent's is left alone
  return *known;                                                                    // another thread's
}

}  // namespace

std::shared_ptr<Runtime> Runtime::Shared() {
  Registry& registry = RegistryHere();
  const std::lock_guard lock(registry.mutex);
  std::shared_ptr<Runtime> runtime = registry.runtime.lock();
  if (!runtime) registry.runtime = runtime = std::make_shared<Runtime>(CpuBudget());
  return runtime;
}

}  // namespace hrnet_native
