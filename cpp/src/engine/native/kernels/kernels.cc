#include "engine/native/kernels/kernels.h"

#include "base/str_cat.h"
#include "engine/native/kernels/winograd_forms.h"
#include "engine/native/kernels/winograd_scratch.h"
#include "hrnet_native/error.h"

namespace hrnet_native::native {
WinogradShape ShapeOf(WinogradForm form) {
  return WithForm(form, [](auto f) {
    using Form = decltype(f);
    return WinogradShape{Form::kOutput,        Form::kInput, Form::kPositions, __builtin_popcount(Form::kLastOnly),
                         kNumWeightRows<Form>, Form::kStride};
  });
}

std::size_t WinogradScratch(WinogradForm form, bool transformed, int lanes, int in_blocks, int out_blocks, int tiles) {
  const WinogradShape shape = ShapeOf(form);
  const auto positions = static_cast<std::size_t>(shape.positions * shape.positions);
  const int weights = shape.weights_per_pair();
  std::size_t floats = PlacedTilesFloats(tiles);
  floats += positions * (PositionStride(in_blocks, tiles, lanes) + PositionStride(out_blocks, tiles, lanes));
  if (!transformed) {
    floats +=
        static_cast<std::size_t>(weights) * PositionStride(kMaxGroup, BlocksPerPass(weights, lanes) * lanes, lanes);
  }
  return floats * sizeof(float);
}

const KernelSet& KernelsFor(Isa isa) {
  switch (isa) {
    case Isa::kScalar:
      return kScalarKernels;
#if defined(__x86_64__)
    case Isa::kAvx2:
      return kAvx2Kernels;
    case Isa::kAvx512:
      return kAvx512Kernels;
#elif defined(__aarch64__)
    case Isa::kNeon:
      return kNeonKernels;
#endif
    default:
      throw Error(ErrorCode::kUnsupported, "the native engine of this build has no kernels for this instruction set");
  }
}

}  // namespace hrnet_native::native
