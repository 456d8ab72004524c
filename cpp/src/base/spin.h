#pragma once

namespace hrnet_native {

/// Waits for about 50 us at most until `done()`, without giving up the CPU; returns whether it was. To sleep and be
/// woken takes some 20 us, so what probably comes within that time is better awaited so; a time slice is far longer.
template <typename Done>
bool SpinUntil(const Done& done) {
  constexpr int kSpins = 2000;
  for (int i = 0; i < kSpins; ++i) {
    if (done()) return true;
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
  }
  return false;
}

}  // namespace hrnet_native
