#pragma once

#include <any>
#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

#include "engine/native/kernels/kernels.h"
#include "engine/native/map_layout.h"
#include "engine/native/safetensors.h"
#include "engine/native/shared_work.h"

namespace hrnet_native::native {

struct LayerContext;

/// What a layer multiplies by and adds: (outputs, inputs, ...) and (outputs). Both in the model's file.
struct Weights {
  Tensor values;
  Tensor bias;  ///< May be none.
};

/// One of the ways to compute a layer.
struct Way {
  double cost = 0;  ///< Estimated time, in the unit of cost.h.
  std::any how;     ///< The operator's own.
};

/// One layer, ready to run: so many items, of which any may be computed by anyone, with scratch memory of his own. In
/// layers that may be run by image they are numbered through the batch, so an image's are side by side.
struct Step {
  int items = 0;
  PieceSizes sizes{};
  std::function<void(Range items, void* scratch)> run;
  std::size_t scratch_bytes = 0;  ///< From the beginning of a cache line.
};

/// What one layer does to its inputs, with all that the file says of it. Immutable: any thread may call it.
class Operator {
 public:
  virtual ~Operator() = default;

  /// Throws Error kModelLoad if it cannot be applied to maps of these shapes.
  virtual MapShape OutputShape(const std::vector<MapShape>& inputs) const = 0;

  /// The cheapest way by an estimate of the work of the busiest thread. It is a formula and not a measurement, so that
  /// the same network gives the same bits on every run.
  virtual Way Choose(const LayerContext& context) const = 0;

  /// Makes the layer ready to run in a way that it chose; packs its weights if nobody has. Throws Error as
  /// WeightStore::Get.
  virtual Step MakeStep(const LayerContext& context, const Way& way) const = 0;

  // What most operators have no need to say:

  /// Null if it has none.
  virtual const Weights* weights() const { return nullptr; }

  /// How many times the memory of its weights it packs at most, if it is free to. 1: it stores them as they are.
  virtual double most_transformed() const { return 1; }

  /// The zeros that it reads around its input to give such an output.
  virtual Border InputBorder(const MapShape& /*output*/) const { return {}; }

  /// Whether it also reads an input of single planes, which the network's input is where its channels fill no block.
  virtual bool reads_planes() const { return false; }

  /// Whether it may be run on one image after the other: not where weights are worth reading once for all.
  virtual bool may_run_by_image() const { return true; }

  /// The input, by its place among the inputs, that is read pixel by pixel as the output is written, and so may lie
  /// where that does.
  virtual std::optional<std::size_t> input_in_place() const { return std::nullopt; }
};

}  // namespace hrnet_native::native
