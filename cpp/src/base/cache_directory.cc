#include "base/cache_directory.h"

#include <cstdlib>

#include "base/os/process.h"

namespace hrnet_native {
namespace {

namespace fs = std::filesystem;

fs::path Variable(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

}  // namespace

fs::path DefaultCacheDirectory() {
  if (auto chosen = Variable("HRNET_NATIVE_CACHE_DIR"); !chosen.empty()) return chosen;
  if (const auto user = Variable("XDG_CACHE_HOME"); user.is_absolute()) return user / "hrnet_native";
  for (const auto& home : {Variable("HOME"), os::ListedHome()}) {
    if (home.is_absolute()) return home / ".cache" / "hrnet_native";
  }
  return {};
}

}  // namespace hrnet_native
