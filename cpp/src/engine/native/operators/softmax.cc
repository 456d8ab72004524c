// Softmax over the channels of a map of one pixel.
#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "engine/native/cost.h"
#include "engine/native/operators/operators.h"
#include "engine/native/operators/vector_shape.h"
#include "engine/native/plan_context.h"

namespace hrnet_native::native {
namespace {

/// Summed in double: it is a thousand values once, and the scores are what users compare.
void ComputeSoftmax(const MapView& source, const MapView& destination, int channels, int lanes, int batch) {
  for (int image = 0; image < batch; ++image) {
    const auto in = [&](const MapView& map, int channel) -> float& {
      return map.As<float>()[static_cast<std::size_t>(image) * map.image_stride +
                             static_cast<std::size_t>(channel / lanes) * map.block_stride +
                             static_cast<std::size_t>(channel % lanes)];
    };
    float largest = in(source, 0);
    for (int c = 1; c < channels; ++c) largest = std::max(largest, in(source, c));
    double sum = 0;
    for (int c = 0; c < channels; ++c) {
      const float value = std::exp(in(source, c) - largest);
      in(destination, c) = value;
      sum += value;
    }
    for (int c = 0; c < channels; ++c) in(destination, c) = static_cast<float>(in(destination, c) / sum);
  }
}

class Softmax final : public Operator {
 public:
  MapShape OutputShape(const std::vector<MapShape>& inputs) const override {
    RequireVector(inputs[0]);
    return inputs[0];
  }

  Way Choose(const LayerContext& context) const override { return {MapCost(context, 1), {}}; }

  Step MakeStep(const LayerContext& context, const Way& /*way*/) const override {
    const auto run = [source = context.input_view(0), destination = context.output_view(),
                      channels = context.output().shape.channels, lanes = context.output().lanes,
                      batch = context.batch](Range, void*) {
      ComputeSoftmax(source, destination, channels, lanes, batch);
    };
    return {1, {1, 1}, run};
  }

  bool may_run_by_image() const override { return false; }  // its one item is the whole batch
};

}  // namespace

void ReadSoftmax(LayerFields& fields, Layer& layer) {
  fields.Require("op input output");
  layer.inputs = {fields.Value("input")};
  layer.op = std::make_shared<Softmax>();
}

}  // namespace hrnet_native::native
