// A convolution: what is computed. conv_cost says which way is the cheapest, conv_step runs it.
#include "engine/native/operators/conv.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "base/str_cat.h"
#include "engine/native/even_piece.h"
#include "engine/native/operators/conv_cost.h"
#include "engine/native/operators/conv_step.h"
#include "engine/native/operators/operators.h"
#include "engine/native/plan_context.h"

namespace hrnet_native::native {
namespace {

/// Rows (axis 0) or columns (axis 1) of the padded input that any way to compute a convolution reads.
int Reach(const Windows& windows, int outputs, std::size_t axis) {
  int reach = (outputs - 1) * windows.stride[axis] + windows.kernel[axis];
  for (const WinogradForm form : WinogradForms(windows)) {  // F(5x5) is taken where it reaches no farther
    const WinogradShape shape = ShapeOf(form);
    const int tiles = shape.tiles(outputs);
    const Range last = EvenPiece({0, outputs}, tiles - 1, tiles);
    const bool whole = last.end - last.begin == shape.output;
    reach = std::max(reach, last.begin * shape.stride + shape.input - (whole ? 0 : shape.stride));
  }
  return reach;
}

}  // namespace

MapShape Conv::OutputShape(const std::vector<MapShape>& inputs) const {
  if (fields_.in_channels() != inputs[0].channels) {
    FailToLoad(StrCat("a convolution for ", fields_.in_channels(), " channels meets a map of ", Shown(inputs[0])));
  }
  return fields_.windows.OutputShape(inputs[0], fields_.weights.values.shape[0]);
}

Way Conv::Choose(const LayerContext& context) const {
  const MapShape& output = context.output().shape;
  std::vector<WinogradForm> forms;
  if (context.input(0).lanes > 1) {  // Winograd's kernels read no planes
    forms = context.plan.is_memory_low() ? WinogradForms(fields_.windows) : WinogradForms(fields_.windows, output);
  }
  const ConvChoice choice =
      ChooseConv(fields_, output, context.batch, context.threads, context.plan.kernels, forms, context.may_transform());
  return {choice.cost, choice};
}

Step Conv::MakeStep(const LayerContext& context, const Way& way) const {
  return ConvStep(context, fields_, std::any_cast<const ConvChoice&>(way.how));
}

double Conv::most_transformed() const {
  double most = 1;
  for (const WinogradForm form : WinogradForms(fields_.windows)) {
    most = std::max(most, static_cast<double>(ShapeOf(form).weights_per_pair()) / fields_.windows.taps());
  }
  return most;
}

Border Conv::InputBorder(const MapShape& output) const {
  const Windows& windows = fields_.windows;
  return {windows.padding[0], windows.padding[1], Reach(windows, output.height, 0), Reach(windows, output.width, 1)};
}

void ReadConv(LayerFields& fields, Layer& layer) {
  fields.Require("op input output weight bias? stride padding residual? activation");
  layer.inputs = {fields.Value("input")};
  layer.residual = fields.Residual();
  Weights weights = fields.TakeWeights(4);
  const std::vector<int>& shape = weights.values.shape;
  const Windows windows = ReadWindows(fields, {shape[2], shape[3]});
  layer.op =
      std::make_shared<Conv>(ConvFields{std::move(weights), windows, fields.ReadActivation() == Activation::kRelu});
}

}  // namespace hrnet_native::native
