#include "base/os/process.h"

#include <pwd.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <thread>
#include <vector>

namespace hrnet_native::os {

int ProcessId() noexcept { return getpid(); }

int AllowedCpus() noexcept {
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) return CPU_COUNT(&allowed);
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

std::filesystem::path ListedHome() {
  constexpr std::size_t kEnough = 16384;  // for any line that tools accept
  std::vector<char> memory(kEnough);
  passwd entry{};
  passwd* found = nullptr;
  if (getpwuid_r(getuid(), &entry, memory.data(), memory.size(), &found) != 0 || found == nullptr) return {};
  return found->pw_dir;
}

}  // namespace hrnet_native::os
