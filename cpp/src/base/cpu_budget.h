#pragma once

namespace hrnet_native {

/// Number of CPUs that this process may run on (its affinity), at least 1.
int CpuBudget();

}  // namespace hrnet_native
