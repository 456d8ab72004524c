#pragma once

#include <filesystem>
#include <optional>

namespace hrnet_native {

/// The CPUs that this process's control groups (v1 or v2) let it use, such as 1.5, the smallest quota from its group up
/// to the mount point; nothing if there is no limit. `root` stands for "/", so that tests can make a tree up.
std::optional<double> CgroupCpuQuota(const std::filesystem::path& root = "/");

}  // namespace hrnet_native
