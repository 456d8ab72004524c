#pragma once

#include <cstddef>
#include <utility>

// A loop over registers: its trip count is a constant, and only unrolled do its arrays live in registers. The other
// kind would only be compiled longer.
#if defined(__clang__)
#define HRN_UNROLL _Pragma("unroll")
#define HRN_NO_UNROLL _Pragma("nounroll")
#else
#define HRN_UNROLL _Pragma("GCC unroll 32")
#define HRN_NO_UNROLL _Pragma("GCC unroll 1")
#endif

namespace hrnet_native::native {

// Vectors of the compiler: one source for every instruction set, and arithmetic that reads like arithmetic. GCC and
// Clang turn a * b + c into one fused instruction where the set has it (the files are compiled with contraction on).
template <int N>
struct VecOf {
  typedef float Type __attribute__((vector_size(N * sizeof(float)), may_alias));
};

/// Calls `body(i)` for i from 0 to kCount - 1, each i a std::integral_constant.
template <int... kIndex, class Body>
inline __attribute__((always_inline)) void ForEachOf(std::integer_sequence<int, kIndex...>, const Body& body) {
  (body(std::integral_constant<int, kIndex>{}), ...);
}

template <int kCount, class Body>
inline __attribute__((always_inline)) void ForEach(const Body& body) {
  ForEachOf(std::make_integer_sequence<int, kCount>{}, body);
}

template <class A>
inline typename A::Vec Load(const float* p) {
  return *reinterpret_cast<const typename A::Vec*>(p);
}

template <class A>
inline void Store(float* p, typename A::Vec v) {
  *reinterpret_cast<typename A::Vec*>(p) = v;
}

/// Fetches a line into the second-level cache and no nearer: what comes through the first pushes out what is multiplied
/// meanwhile.
template <class A>
inline void PrefetchFar(const float* line) {
  __builtin_prefetch(line, 0, 2);
}

template <class A>
inline typename A::Vec Splat(float x) {
  return x - typename A::Vec{};  // x - 0 is x, of either sign
}

/// The larger one of each lane, and NaN where `value` is: an instruction of every set, but none has it for both sides.
template <class A>
inline typename A::Vec AtLeast(typename A::Vec floor, typename A::Vec value) {
  return floor > value ? floor : value;
}

}  // namespace hrnet_native::native
