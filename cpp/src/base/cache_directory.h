#pragma once

#include <filesystem>

namespace hrnet_native {

/// HRNET_NATIVE_CACHE_DIR, else hrnet_native in the user's cache directory: in XDG_CACHE_HOME, else in .cache of HOME,
/// else of the home in the system's list of users. Of these only absolute paths count, as the XDG specification says.
/// Empty where none is left. Python's hrnet_native._cache_directory says the same.
std::filesystem::path DefaultCacheDirectory();

}  // namespace hrnet_native
