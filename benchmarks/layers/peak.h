#pragma once

#include "engine/native/kernels/kernels.h"

/// Floating-point operations a second of a team of threads that multiply data in their first-level caches by the
/// kernels' own product; the best of several tries.
double MeasurePeak(const hrnet_native::native::KernelSet& kernels, int threads);
