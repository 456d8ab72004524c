// A fully connected layer, on a map of one pixel.
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/str_cat.h"
#include "engine/native/ceil_divide.h"
#include "engine/native/cost.h"
#include "engine/native/operators/operators.h"
#include "engine/native/operators/vector_shape.h"
#include "engine/native/plan_context.h"

namespace hrnet_native::native {
namespace {

class FullyConnected final : public Operator {
 public:
  FullyConnected(Weights weights, Activation activation) : weights_(std::move(weights)), activation_(activation) {}

  MapShape OutputShape(const std::vector<MapShape>& inputs) const override {
    RequireVector(inputs[0]);
    if (weights_.values.shape[1] != inputs[0].channels) {
      FailToLoad(
          StrCat("a fully connected layer for ", weights_.values.shape[1], " inputs meets ", inputs[0].channels));
    }
    return {weights_.values.shape[0], 1, 1};
  }

  Way Choose(const LayerContext& context) const override {
    return {kWeightFloat * weights_.values.shape[1] * context.output().lanes *
                CeilDivide(context.output().blocks, context.threads),
            {}};
  }

  Step MakeStep(const LayerContext& context, const Way& /*way*/) const override {
    const PackedWeights& packed = context.PackedBy({std::nullopt, context.input(0).lanes, 1, 1});
    DenseArgs args{};
    args.source = context.input_view(0);
    args.destination = context.output_view();
    args.weights = packed.weights;
    args.bias = packed.bias;
    args.inputs = weights_.values.shape[1];
    args.activation = activation_;
    const int blocks = context.output().blocks;
    return {blocks, {blocks, 1}, [args, kernel = context.plan.kernels.dense, batch = context.batch](Range some, void*) {
              for (int image = 0; image < batch; ++image) kernel(args, image, some);
            }};
  }

  const Weights* weights() const override { return &weights_; }

  bool may_run_by_image() const override { return false; }  // its weights are worth reading once for all images

 private:
  Weights weights_;
  Activation activation_;
};

}  // namespace

void ReadFullyConnected(LayerFields& fields, Layer& layer) {
  fields.Require("op input output weight bias? activation");
  layer.inputs = {fields.Value("input")};
  Weights weights = fields.TakeWeights(2);
  layer.op = std::make_shared<FullyConnected>(std::move(weights), fields.ReadActivation(true));
}

}  // namespace hrnet_native::native
