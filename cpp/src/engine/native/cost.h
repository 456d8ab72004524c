#pragma once

#include <optional>

#include "engine/native/kernels/kernels.h"
#include "engine/native/layout.h"

namespace hrnet_native::native {

/// How one convolution is computed.
struct ConvChoice {
  std::optional<WinogradForm> form;  ///< None: direct.
  bool transformed = false;          ///< A form's weights are transformed once and for all; else in each run.
  bool divide_channels = false;      ///< Threads divide the output channels; else the tiles or pixels.
};

/// The cheapest way by an estimate of the work of the busiest thread. It is a formula and not a measurement, so that
/// the same network gives the same bits on every run.
ConvChoice ChooseConv(const Layer& layer, const MapShape& output, int batch, int threads, Isa isa, int lanes);

}  // namespace hrnet_native::native
