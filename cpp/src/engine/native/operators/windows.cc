#include "engine/native/operators/windows.h"

#include <cstddef>

#include "base/str_cat.h"
#include "engine/native/limits.h"

namespace hrnet_native::native {

MapShape Windows::OutputShape(const MapShape& input, int channels) const {
  const auto side = [&](int size, std::size_t axis) {
    const long long room = static_cast<long long>(size) + padding[axis] + padding[axis + 2] - kernel[axis];
    return room < 0 ? 0 : static_cast<int>(room / stride[axis]) + 1;
  };
  const MapShape out{channels, side(input.height, 0), side(input.width, 1)};
  if (out.height < 1 || out.width < 1) FailToLoad(StrCat("a map of ", Shown(input), " is smaller than the kernel"));
  if (out.height > kMaxSide || out.width > kMaxSide) FailToLoad(StrCat("padding makes a map of ", Shown(out)));
  return out;
}

Windows ReadWindows(const LayerFields& fields, std::array<int, 2> kernel) {
  return {kernel, Integers<2>(fields.object(), "stride", 1), Integers<4>(fields.object(), "padding", 0)};
}

}  // namespace hrnet_native::native
