// Run when the build is configured: fails unless Paddle's AnalysisConfig fits the storage that we declare for it.
// Prints the object's last written byte and Paddle's version.

#include <cstddef>
#include <cstdio>
#include <cstring>
#include <new>

#include "paddle_inference_abi.h"

namespace {

constexpr std::size_t kArenaBytes = 4 * paddle::AnalysisConfig::kStorageBytes;
alignas(16) unsigned char arena[kArenaBytes];

/// One past the last byte that the constructor changed, when the memory was filled with `pattern` before.
std::size_t ExtentWith(unsigned char pattern) {
  std::memset(arena, pattern, sizeof arena);
  auto* config = new (arena) paddle::AnalysisConfig;
  std::size_t end = kArenaBytes;
  while (end > 0 && arena[end - 1] == pattern) --end;
  config->~AnalysisConfig();
  return end;
}

}  // namespace

int main() {
  // Two patterns: a byte that happens to equal one of them differs from the other.
  const std::size_t first = ExtentWith(0xA5);
  const std::size_t second = ExtentWith(0x5A);
  const std::size_t end = first > second ? first : second;
  std::printf("AnalysisConfig ends at byte %zu of %zu\n%s\n", end, paddle::AnalysisConfig::kStorageBytes,
              paddle_infer::GetVersion().c_str());
  return end > 0 && end <= paddle::AnalysisConfig::kStorageBytes / 2 ? 0 : 1;
}
