#include "base/cpu_budget.h"

#include <algorithm>

#include "base/cgroup.h"
#include "base/os/process.h"

namespace hrnet_native {

int CpuBudget() {
  const int allowed = os::AllowedCpus();
  const double quota = CgroupCpuQuota().value_or(allowed);
  return std::max(1, std::min(allowed, static_cast<int>(quota)));
}

}  // namespace hrnet_native
