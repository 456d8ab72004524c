// The mean of each channel: a map of one pixel.
#include <memory>
#include <vector>

#include "engine/native/cost.h"
#include "engine/native/operators/operators.h"
#include "engine/native/operators/rows_step.h"
#include "engine/native/plan_context.h"

namespace hrnet_native::native {
namespace {

class GlobalAveragePool final : public Operator {
 public:
  MapShape OutputShape(const std::vector<MapShape>& inputs) const override { return {inputs[0].channels, 1, 1}; }

  Way Choose(const LayerContext& context) const override { return {MapCost(context, 1), {}}; }

  Step MakeStep(const LayerContext& context, const Way& /*way*/) const override {
    const MapShape& in = context.input(0).shape;
    PoolArgs args{};
    args.source = context.input_view(0);
    args.destination = context.output_view();
    args.blocks = context.output().blocks;
    args.source_height = in.height;
    args.source_width = in.width;
    return RowsStep(context.plan.kernels.global_average_pool, args, context.batch * args.blocks);
  }
};

}  // namespace

void ReadGlobalAveragePool(LayerFields& fields, Layer& layer) {
  fields.Require("op input output");
  layer.inputs = {fields.Value("input")};
  layer.op = std::make_shared<GlobalAveragePool>();
}

}  // namespace hrnet_native::native
