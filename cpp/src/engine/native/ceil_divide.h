#pragma once

namespace hrnet_native::native {

/// a / b, rounded up; for a at least 0 and b above 0.
constexpr int CeilDivide(int a, int b) { return (a + b - 1) / b; }

}  // namespace hrnet_native::native
