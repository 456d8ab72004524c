#include "base/cpu_budget.h"

#include <algorithm>
#include <thread>

#include "base/cgroup.h"

#if defined(__linux__)
#include <sched.h>
#endif

namespace hrnet_native {
namespace {

int AllowedCpus() {
#if defined(__linux__)
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) return CPU_COUNT(&allowed);
#endif
  return static_cast<int>(std::thread::hardware_concurrency());
}

}  // namespace

int CpuBudget() {
  const int allowed = AllowedCpus();
  const double quota = CgroupCpuQuota().value_or(allowed);
  return std::max(1, std::min(allowed, static_cast<int>(quota)));
}

}  // namespace hrnet_native
