#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace hrnet_native {

/// Reads a whole file. Throws Error: kNotFound if there is none, kInvalidArgument if it is no regular file or cannot be
/// read.
std::vector<std::uint8_t> ReadFile(const std::filesystem::path& path);

/// The size of a file; it may have changed since. Throws as ReadFile.
std::uintmax_t FileSize(const std::filesystem::path& path);

}  // namespace hrnet_native
