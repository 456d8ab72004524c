#pragma once

#include "base/str_cat.h"
#include "engine/native/fail_to_load.h"
#include "engine/native/map_layout.h"

namespace hrnet_native::native {

/// Throws Error kModelLoad if a map has more than one pixel.
inline void RequireVector(const MapShape& shape) {
  if (shape.height != 1 || shape.width != 1) FailToLoad(StrCat("expected a vector, not a map of ", Shown(shape)));
}

}  // namespace hrnet_native::native
