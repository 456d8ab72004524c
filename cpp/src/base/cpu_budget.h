#pragma once

namespace hrnet_native {

/// How many CPUs this process may keep busy: the smaller of its affinity and its control groups' quota, at least 1.
/// A fraction of a CPU is left alone: a thread more than the quota has would be stopped for a part of every period.
int CpuBudget();

}  // namespace hrnet_native
