#pragma once

#include "engine/native/kernels/kernels.h"

namespace hrnet_native::native {

/// One of so many nearly equal pieces of a range. A million pixels times as many pieces do not fit an int.
constexpr Range EvenPiece(Range whole, int number, int pieces) {
  const long long count = whole.end - whole.begin;
  return {whole.begin + static_cast<int>(count * number / pieces),
          whole.begin + static_cast<int>(count * (number + 1) / pieces)};
}

}  // namespace hrnet_native::native
