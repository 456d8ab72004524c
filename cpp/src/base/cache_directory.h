#pragma once

#include <filesystem>

namespace hrnet_native {

/// HRNET_NATIVE_CACHE_DIR, else hrnet_native in the user's cache directory (as the XDG specification says). Python's
/// hrnet_native._cache says the same.
std::filesystem::path DefaultCacheDirectory();

}  // namespace hrnet_native
