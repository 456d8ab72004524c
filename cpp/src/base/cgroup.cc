#include "base/cgroup.h"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace hrnet_native {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> Split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
  return parts;
}

bool Contains(const std::string& list, const std::string& word) {
  const std::vector<std::string> words = Split(list, ',');
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// Where a hierarchy is mounted, and which of its groups is seen there as the top one.
struct Mount {
  bool is_v2;
  fs::path point;
  std::string top;
};

/// The mounts that have CPU quotas. A line of mountinfo: id parent major:minor top point options ... - type source
/// super_options (man 5 proc).
std::vector<Mount> CpuMounts(const fs::path& root) {
  std::vector<Mount> mounts;
  std::ifstream stream(root / "proc/self/mountinfo");
  for (std::string line; std::getline(stream, line);) {
    const std::vector<std::string> fields = Split(line, ' ');
    const auto dash = std::find(fields.begin(), fields.end(), "-");
    if (fields.size() < 6 || fields.end() - dash < 4) continue;
    const bool is_v2 = dash[1] == "cgroup2";
    if (!is_v2 && !(dash[1] == "cgroup" && Contains(dash[3], "cpu"))) continue;
    mounts.push_back({is_v2, root / fs::path(fields[4]).relative_path(), fields[3]});
  }
  return mounts;
}

/// This process's group in a hierarchy. A line of /proc/self/cgroup: id:controllers:path, with "0::path" for v2.
std::string OwnGroup(const fs::path& root, bool is_v2) {
  std::ifstream stream(root / "proc/self/cgroup");
  for (std::string line; std::getline(stream, line);) {
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    if (is_v2 ? controllers.empty() : Contains(controllers, "cpu")) return line.substr(second + 1);
  }
  return "/";
}

std::optional<double> Quota(const fs::path& group, bool is_v2) {
  std::string quota;
  double period = 0;
  if (is_v2) {
    std::ifstream(group / "cpu.max") >> quota >> period;
  } else {
    std::ifstream(group / "cpu.cfs_quota_us") >> quota;
    std::ifstream(group / "cpu.cfs_period_us") >> period;
  }
  std::istringstream text(quota);
  double value = 0;
  if (!(text >> value) || value <= 0 || period <= 0) return std::nullopt;  // "max", -1, or no such file
  return value / period;
}

}  // namespace

std::optional<double> CgroupCpuQuota(const fs::path& root) {
  std::optional<double> smallest;
  for (const Mount& mount : CpuMounts(root)) {
    std::string group = OwnGroup(root, mount.is_v2);
    // In a container the path may be the host's, of which the mount shows only the part from `top` down.
    if (mount.top != "/" && group.compare(0, mount.top.size(), mount.top) == 0) group = group.substr(mount.top.size());
    fs::path here = mount.point;
    std::vector<fs::path> groups = {here};
    for (const std::string& part : Split(group, '/')) {
      if (part.empty() || part == "..") continue;
      groups.push_back(here /= part);
    }
    for (const fs::path& path : groups) {
      const std::optional<double> quota = Quota(path, mount.is_v2);
      if (quota && (!smallest || *quota < *smallest)) smallest = quota;
    }
  }
  return smallest;
}

}  // namespace hrnet_native
