#pragma once

#include "engine/native/kernels/dense.h"
#include "engine/native/kernels/kernels.h"
#include "engine/native/kernels/maps.h"
#include "engine/native/kernels/pack.h"
#include "engine/native/kernels/product.h"

namespace hrnet_native::native {

// Those that take a compiler long are instantiated in files of their own.
template <class A>
void WinogradKernel(WinogradForm form, const WinogradArgs& args, Range tiles, Range groups, void* scratch);
template <class A>
void DirectKernel(const DirectArgs& args, Range pixels, Range groups);

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
