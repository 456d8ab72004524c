#include "engine/native/softmax.h"

#include <algorithm>
#include <cmath>

namespace hrnet_native::native {

void Softmax(const MapView& source, const MapView& destination, int channels, int lanes, int batch) {
  for (int image = 0; image < batch; ++image) {
    const auto in = [&](const MapView& map, int channel) -> float& {
      return map.origin[static_cast<std::size_t>(image) * map.image_stride +
                        static_cast<std::size_t>(channel / lanes) * map.block_stride +
                        static_cast<std::size_t>(channel % lanes)];
    };
    float largest = in(source, 0);
    for (int c = 1; c < channels; ++c) largest = std::max(largest, in(source, c));
    double sum = 0;
    for (int c = 0; c < channels; ++c) {
      const float value = std::exp(in(source, c) - largest);
      in(destination, c) = value;
      sum += value;
    }
    for (int c = 0; c < channels; ++c) in(destination, c) = static_cast<float>(in(destination, c) / sum);
  }
}

}  // namespace hrnet_native::native
