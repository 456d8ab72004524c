#pragma once

#include "engine/native/kernels/kernels.h"

namespace hrnet_native::native {

/// One of so many nearly equal shares of a range. A million pixels times as many shares do not fit an int.
constexpr Range Share(Range whole, int number, int shares) {
  const long long count = whole.end - whole.begin;
  return {whole.begin + static_cast<int>(count * number / shares),
          whole.begin + static_cast<int>(count * (number + 1) / shares)};
}

}  // namespace hrnet_native::native
