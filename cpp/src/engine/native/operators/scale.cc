// A map times one factor a channel and image: squeeze and excitation.
#include <memory>
#include <vector>

#include "base/str_cat.h"
#include "engine/native/cost.h"
#include "engine/native/operators/operators.h"
#include "engine/native/operators/rows_step.h"
#include "engine/native/plan_context.h"

namespace hrnet_native::native {
namespace {

class Scale final : public Operator {
 public:
  explicit Scale(bool relu) : relu_(relu) {}

  MapShape OutputShape(const std::vector<MapShape>& inputs) const override {
    if (inputs[1] != MapShape{inputs[0].channels, 1, 1}) {
      FailToLoad(StrCat("a map of ", Shown(inputs[0]), " is scaled by one of ", Shown(inputs[1])));
    }
    return inputs[0];
  }

  Way Choose(const LayerContext& context) const override { return {MapCost(context, 2), {}}; }

  Step MakeStep(const LayerContext& context, const Way& /*way*/) const override {
    const MapLayout& out = context.output();
    ScaleArgs args{};
    args.source = context.input_view(0);
    args.factors = context.input_view(1);
    args.destination = context.output_view();
    args.residual = context.residual();
    args.blocks = out.blocks;
    args.height = out.shape.height;
    args.width = out.shape.width;
    args.relu = relu_;
    return RowsStep(context.plan.kernels.scale, args, context.batch * args.blocks * args.height);
  }

 private:
  bool relu_;
};

}  // namespace

void ReadScale(LayerFields& fields, Layer& layer) {
  fields.Require("op input scale output residual? activation");
  layer.inputs = {fields.Value("input"), fields.Value("scale")};
  layer.residual = fields.Residual();
  layer.op = std::make_shared<Scale>(fields.ReadActivation() == Activation::kRelu);
}

}  // namespace hrnet_native::native
