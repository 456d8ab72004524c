#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "engine/native/kernels/kernels.h"
#include "engine/native/layout.h"
#include "engine/native/shared_work.h"

namespace hrnet_native::native {

/// What a thread works on at once should stay in its second-level cache, of which the smallest in use are 512 KB.
constexpr std::size_t kSecondLevelBytes = 384 << 10;

/// How one convolution is computed.
struct ConvChoice {
  std::optional<WinogradForm> form;  ///< None: direct.
  bool transformed = false;          ///< A form's weights are transformed once and for all; else in each run.
  bool divide_channels = false;      ///< Threads divide the output channels; else the tiles or pixels.
  double cost = 0;                   ///< Estimated time, in half cycles.
};

/// Tiles that one call of a Winograd kernel works on, of `tiles`, so that its scratch memory stays in the second-level
/// cache: at most a nearly equal part of all.
PieceSizes TilePieces(WinogradForm form, bool transformed, int lanes, int in_blocks, int out_blocks, int tiles);

/// The cheapest way by an estimate of the work of the busiest thread. It is a formula and not a measurement, so that
/// the same network gives the same bits on every run. `forms`: the ways besides direct; `may_transform`: whether a
/// form's weights may be stored transformed.
ConvChoice ChooseConv(const Layer& layer, const MapShape& output, int batch, int threads, const KernelSet& kernels,
                      const std::vector<WinogradForm>& forms, bool may_transform);

/// The like estimate of any other layer.
double MapCost(const Layer& layer, const MapShape& output, int batch, int threads, const KernelSet& kernels);

/// What it takes, besides, that a layer's maps of so many images come from afar: the more of them, the farther.
double TrafficCost(const Layer& layer, const Layout& layout, int images);

}  // namespace hrnet_native::native
