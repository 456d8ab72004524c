#pragma once

#include <cstddef>

#include "engine/native/kernels/kernels.h"
#include "engine/native/kernels/vec.h"

namespace hrnet_native::native {

/// Where row `number`, counted through (image, block, row), lies in a map.
struct RowPosition {
  std::size_t image;
  std::size_t block;
  int row;

  RowPosition(int number, int blocks, int height)
      : image(static_cast<std::size_t>(number / height / blocks)),
        block(static_cast<std::size_t>(number / height % blocks)),
        row(number % height) {}

  std::size_t In(const MapView& map) const { return In(map, row); }
  template <class Map>
  std::size_t In(const Map& map, int y) const {
    return image * map.image_stride + block * map.block_stride + static_cast<std::size_t>(y) * map.row_stride;
  }
};

template <class A>
void AddKernel(const AddArgs& args, Range rows) {
  using V = typename A::Vec;
  constexpr int kLanes = A::kLanes;
  const V zero{};
  for (int number = rows.begin; number < rows.end; ++number) {
    const RowPosition at(number, args.blocks, args.height);
    float* out = args.destination.As<float>() + at.In(args.destination);
    for (int i = 0; i < args.num_inputs; ++i) {
      const AddInput& input = args.inputs[i];
      const float* in = static_cast<const float*>(input.origin) + at.In(input, at.row / input.upsample);
      const bool last = i + 1 == args.num_inputs;
      for (int x = 0; x < args.width; in += kLanes) {
        const V value = Load<A>(in);
        for (int repeat = 0; repeat < input.upsample; ++repeat, ++x) {
          float* pixel = out + x * kLanes;
          V sum = i == 0 ? value : Load<A>(pixel) + value;
          if (last && args.relu) sum = AtLeast<A>(zero, sum);
          Store<A>(pixel, sum);
        }
      }
    }
  }
}

template <class A>
void ScaleKernel(const ScaleArgs& args, Range rows) {
  using V = typename A::Vec;
  constexpr int kLanes = A::kLanes;
  const V floor = Splat<A>(args.relu ? 0.0F : -__builtin_inff());
  const auto* residual = static_cast<const float*>(args.residual);
  for (int number = rows.begin; number < rows.end; ++number) {
    const RowPosition at(number, args.blocks, args.height);
    const V factor = Load<A>(args.factors.As<const float>() + at.In(args.factors, 0));
    const std::size_t row = at.In(args.source);
    const std::size_t out = at.In(args.destination);
    for (int x = 0; x < args.width; ++x) {
      V value = Load<A>(args.source.As<const float>() + row + x * kLanes) * factor;
      if (residual != nullptr) value += Load<A>(residual + out + x * kLanes);
      Store<A>(args.destination.As<float>() + out + x * kLanes, AtLeast<A>(floor, value));
    }
  }
}

/// The larger one of each lane, and NaN where either is.
template <class A>
inline typename A::Vec LargerOrNan(typename A::Vec a, typename A::Vec b) {
  return a > b || a != a ? a : b;
}

/// The part of a window that lies within the map.
struct Window {
  int begin;
  int end;

  Window(int output, int stride, int padding, int kernel, int size) {
    begin = output * stride - padding;
    end = begin + kernel < size ? begin + kernel : size;
    if (begin < 0) begin = 0;
  }
};

template <class A>
void PoolKernel(const PoolArgs& args, Range rows) {
  using V = typename A::Vec;
  constexpr int kLanes = A::kLanes;
  for (int number = rows.begin; number < rows.end; ++number) {
    const RowPosition at(number, args.blocks, args.height);
    float* out = args.destination.As<float>() + at.In(args.destination);
    const Window ys(at.row, args.stride[0], args.padding[0], args.kernel[0], args.source_height);
    for (int x = 0; x < args.width; ++x) {
      const Window xs(x, args.stride[1], args.padding[1], args.kernel[1], args.source_width);
      V result = Splat<A>(args.average ? 0.0F : -__builtin_inff());
      for (int sy = ys.begin; sy < ys.end; ++sy) {
        const float* in = args.source.As<const float>() + at.In(args.source, sy);
        for (int sx = xs.begin; sx < xs.end; ++sx) {
          const V value = Load<A>(in + sx * kLanes);
          result = args.average ? result + value : LargerOrNan<A>(result, value);
        }
      }
      if (args.average) result /= Splat<A>(static_cast<float>((ys.end - ys.begin) * (xs.end - xs.begin)));
      Store<A>(out + x * kLanes, result);
    }
  }
}

template <class A>
void GlobalAveragePoolKernel(const PoolArgs& args, Range planes) {
  using V = typename A::Vec;
  constexpr int kLanes = A::kLanes;
  const V pixels = Splat<A>(static_cast<float>(args.source_height * args.source_width));
  for (int number = planes.begin; number < planes.end; ++number) {
    const RowPosition at(number, args.blocks, 1);
    V sum{};
    for (int y = 0; y < args.source_height; ++y) {
      const float* in = args.source.As<const float>() + at.In(args.source, y);
      V row{};  // summed by rows: the error of one long sum grows with the map
      for (int x = 0; x < args.source_width; ++x) row += Load<A>(in + x * kLanes);
      sum += row;
    }
    Store<A>(args.destination.As<float>() + at.In(args.destination), sum / pixels);
  }
}

}  // namespace hrnet_native::native
