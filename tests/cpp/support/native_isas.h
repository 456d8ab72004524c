#pragma once

#include <vector>

#include "base/isa.h"

namespace hrnet_native::native {

/// The instruction sets of which the native engine has kernels, and this CPU the instructions.
inline std::vector<Isa> IsasOfThisCpu() {
  std::vector<Isa> isas;
  for (const Isa isa : {Isa::kScalar, Isa::kAvx2, Isa::kAvx512, Isa::kNeon}) {
    if (CpuHas(isa)) isas.push_back(isa);
  }
  return isas;
}

}  // namespace hrnet_native::native
