#pragma once

#include "engine/native/kernels/dense.h"
#include "engine/native/kernels/direct.h"
#include "engine/native/kernels/kernels.h"
#include "engine/native/kernels/maps.h"
#include "engine/native/kernels/pack.h"
#include "engine/native/kernels/winograd.h"

namespace hrnet_native::native {

/// All kernels for one instruction set.
template <class A>
constexpr KernelSet MakeKernelSet(Isa isa) {
  return {isa,
          A::kLanes,
          MaxRows<A>,
          WinogradKernel<A>,
          DirectKernel<A>,
          AddKernel<A>,
          ScaleKernel<A>,
          PoolKernel<A>,
          GlobalAveragePoolKernel<A>,
          DenseKernel<A>,
          PackWinogradKernel<A>,
          PackDirectKernel<A>};
}

}  // namespace hrnet_native::native
