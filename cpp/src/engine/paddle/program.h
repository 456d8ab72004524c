#pragma once

#include <filesystem>
#include <string>

namespace hrnet_native {

/// Whether a program is in the representation of Paddle 3 (`.json`), not the older one (`.pdmodel`).
bool IsPir(const std::filesystem::path& program);

/// Whether a `.json` program resizes maps by Paddle's operators for that (`nearest_interp` and its like).
bool Interpolates(const std::filesystem::path& program);

/// The version of Paddle that wrote a `.json` program, such as "3.2", from the number in the file's first bytes; empty
/// if that number is not known.
std::string WriterOf(const std::filesystem::path& program);

}  // namespace hrnet_native
