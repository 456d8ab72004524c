#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "engine/native/kernels/kernels.h"
#include "engine/native/operators/conv.h"
#include "engine/native/shared_work.h"

namespace hrnet_native::native {

/// What a thread works on at once should stay in its second-level cache, of which the smallest in use are 512 KB.
constexpr std::size_t kSecondLevelBytes = 384 << 10;

/// How one convolution is computed.
struct ConvChoice {
  std::optional<WinogradForm> form;  ///< None: direct.
  bool transformed = false;          ///< A form's weights are transformed once and for all; else in each run.
  bool divide_channels = false;      ///< Threads divide the output channels; else the tiles or pixels.
  double cost = 0;                   ///< Estimated time, in the unit of cost.h.
};

/// The forms of Winograd's algorithm that a convolution can be computed by at any size; none for most.
std::vector<WinogradForm> WinogradForms(const Windows& windows);

/// Those, and F(5x5) where it fits the map as well as F(4x4): 14x14 pixels are 9 tiles of 49 products, or 16 of 36.
std::vector<WinogradForm> WinogradForms(const Windows& windows, const MapShape& output);

/// Tiles that one call of a Winograd kernel works on, of `tiles`, so that its scratch memory stays in the second-level
/// cache: at most a nearly equal part of all.
PieceSizes TilePieces(WinogradForm form, bool transformed, int lanes, int in_blocks, int out_blocks, int tiles);

/// The cheapest way. `forms`: the ways besides direct; `may_transform`: whether a form's weights may be stored
/// transformed.
ConvChoice ChooseConv(const ConvFields& conv, const MapShape& output, int batch, int threads, const KernelSet& kernels,
                      const std::vector<WinogradForm>& forms, bool may_transform);

}  // namespace hrnet_native::native
