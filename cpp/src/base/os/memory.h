#pragma once

#include <cstddef>

namespace hrnet_native::os {

constexpr std::size_t kHugePage = std::size_t{2} << 20;

/// Zeroed memory from the system, not from malloc: addresses at once, each page when it is first touched. Throws
/// std::bad_alloc.
void* MapMemory(std::size_t size);
void UnmapMemory(void* memory, std::size_t size) noexcept;

/// Asks the system for huge pages where whole ones lie in the memory. It must not have been touched yet. This is
/// advice: where it is not taken, nothing is lost.
void AdviseHugePages(void* memory, std::size_t size) noexcept;

/// Has malloc give back to the system what it keeps of freed memory.
void ReleaseFreedMemory() noexcept;

}  // namespace hrnet_native::os
