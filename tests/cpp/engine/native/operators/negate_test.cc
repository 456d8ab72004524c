// The operator of docs/native-engine.md that shows how one is added, with its test: compiled and run as it stands
// there.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "base/isa.h"
#include "engine/native/cost.h"
#include "engine/native/layer_fields.h"
#include "engine/native/network.h"
#include "engine/native/operators/operator.h"
#include "engine/native/plan_context.h"
#include "support/read_layer.h"

namespace hrnet_native::native {
namespace {

// Every value with the other sign.
class Negate final : public Operator {
 public:
  MapShape OutputShape(const std::vector<MapShape>& inputs) const override { return inputs[0]; }

  Way Choose(const LayerContext& context) const override { return {MapCost(context, 1), {}}; }

  Step MakeStep(const LayerContext& context, const Way& /*way*/) const override {
    const MapLayout& map = context.output();  // and the input's: maps of one shape have one layout
    const auto run = [map, in = context.input_view(0), out = context.output_view()](Range planes, void*) {
      for (int plane = planes.begin; plane < planes.end; ++plane) {
        const auto image = static_cast<std::size_t>(plane / map.blocks);
        const auto block = static_cast<std::size_t>(plane % map.blocks);
        for (int y = 0; y < map.shape.height; ++y) {
          const std::size_t row =
              image * out.image_stride + block * out.block_stride + static_cast<std::size_t>(y) * out.row_stride;
          std::transform(in.As<float>() + row, in.As<float>() + row + map.shape.width * map.lanes,
                         out.As<float>() + row, std::negate<>());
        }
      }
    };
    const int planes = context.batch * map.blocks;
    return {planes, {planes, 1}, run};
  }
};

void ReadNegate(LayerFields& fields, Layer& layer) {
  fields.Require("op input output");
  layer.inputs = {fields.Value("input")};
  layer.op = std::make_shared<Negate>();
}

TEST(NativeNegate, GivesEveryValueTheOtherSign) {
  Layer layer = ReadLayer(ReadNegate, R"({"op": "negate", "input": 0, "output": 1})", 1);
  layer.output = 1;
  constexpr int kChannels = 2;
  constexpr int kWidth = 3;
  const Graph graph{0, kChannels, 1, kWidth, layer.output, {layer}};
  Network network(std::make_shared<const Model>(graph, KernelsFor(SelectedIsa())), 2);
  const std::vector<float> input{1, -2, 3, 0, 5, -6};
  const float* output = network.Run(input.data(), 1, kChannels, 1, kWidth);
  for (std::size_t i = 0; i < input.size(); ++i) EXPECT_EQ(output[i], -input[i]);
}

}  // namespace
}  // namespace hrnet_native::native
