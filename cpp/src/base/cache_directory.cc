#include "base/cache_directory.h"

#include <cstdlib>
#include <string>

namespace hrnet_native {
namespace {

std::filesystem::path Variable(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

}  // namespace

std::filesystem::path DefaultCacheDirectory() {
  if (auto chosen = Variable("HRNET_NATIVE_CACHE_DIR"); !chosen.empty()) return chosen;
  auto user = Variable("XDG_CACHE_HOME");
  if (!user.is_absolute()) user = Variable("HOME") / ".cache";  // unset, empty and relative all mean the default
  return user / "hrnet_native";
}

}  // namespace hrnet_native
