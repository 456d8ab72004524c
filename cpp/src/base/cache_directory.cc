#include "base/cache_directory.h"

#include <pwd.h>
#include <unistd.h>

#include <cstdlib>
#include <vector>

namespace hrnet_native {
namespace {

namespace fs = std::filesystem;

fs::path Variable(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

/// The home in the system's list of users, in which containers often lack theirs.
fs::path ListedHome() {
  constexpr std::size_t kEnough = 16384;  // for any line that tools accept
  std::vector<char> memory(kEnough);
  passwd entry{};
  passwd* found = nullptr;
  if (getpwuid_r(getuid(), &entry, memory.data(), memory.size(), &found) != 0 || found == nullptr) return {};
  return found->pw_dir;
}

}  // namespace

fs::path DefaultCacheDirectory() {
  if (auto chosen = Variable("HRNET_NATIVE_CACHE_DIR"); !chosen.empty()) return chosen;
  if (const auto user = Variable("XDG_CACHE_HOME"); user.is_absolute()) return user / "hrnet_native";
  for (const auto& home : {Variable("HOME"), ListedHome()}) {
    if (home.is_absolute()) return home / ".cache" / "hrnet_native";
  }
  return {};
}

}  // namespace hrnet_native
