#pragma once

#include <atomic>
#include <cstdint>

namespace hrnet_native::os {

/// Sleeps while the number is `value`. May also return for no reason.
void Wait(const std::atomic<std::uint32_t>& number, std::uint32_t value) noexcept;

/// Wakes all who sleep on the number.
void WakeAll(const std::atomic<std::uint32_t>& number) noexcept;

}  // namespace hrnet_native::os
