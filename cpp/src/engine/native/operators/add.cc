// The sum of maps, of which the smaller ones are enlarged by repeating their pixels.
#include <memory>
#include <utility>
#include <vector>

#include "base/str_cat.h"
#include "engine/native/cost.h"
#include "engine/native/limits.h"
#include "engine/native/operators/operators.h"
#include "engine/native/operators/rows_step.h"
#include "engine/native/plan_context.h"

namespace hrnet_native::native {
namespace {

class Add final : public Operator {
 public:
  /// `upsample`: a factor for each input.
  Add(std::vector<int> upsample, bool relu) : upsample_(std::move(upsample)), relu_(relu) {}

  MapShape OutputShape(const std::vector<MapShape>& inputs) const override {
    const MapShape first = Enlarged(inputs, 0);
    for (std::size_t i = 1; i < inputs.size(); ++i) {
      const MapShape other = Enlarged(inputs, i);
      if (other != first) FailToLoad(StrCat("a sum's terms differ: ", Shown(first), " and ", Shown(other)));
    }
    return first;
  }

  Way Choose(const LayerContext& context) const override {
    return {MapCost(context, static_cast<double>(upsample_.size())), {}};
  }

  Step MakeStep(const LayerContext& context, const Way& /*way*/) const override {
    const MapLayout& out = context.output();
    auto inputs = std::make_shared<std::vector<AddInput>>();
    for (std::size_t i = 0; i < upsample_.size(); ++i) {
      const MapView view = context.input_view(i);
      inputs->push_back({view.origin, view.image_stride, view.block_stride, view.row_stride, upsample_[i]});
    }
    AddArgs args{};
    args.inputs = inputs->data();
    args.num_inputs = static_cast<int>(inputs->size());
    args.destination = context.output_view();
    args.blocks = out.blocks;
    args.height = out.shape.height;
    args.width = out.shape.width;
    args.relu = relu_;
    Step step = RowsStep(context.plan.kernels.add, args, context.batch * args.blocks * args.height);
    // Keeps the list that the kernel reads.
    step.run = [inputs, run = std::move(step.run)](Range rows, void* scratch) { run(rows, scratch); };
    return step;
  }

  std::optional<std::size_t> input_in_place() const override {
    return upsample_[0] == 1 ? std::optional<std::size_t>(0) : std::nullopt;
  }

 private:
  MapShape Enlarged(const std::vector<MapShape>& inputs, std::size_t i) const {
    const MapShape& term = inputs[i];
    const long long factor = upsample_[i];
    if (term.height * factor > kMaxSide || term.width * factor > kMaxSide) FailToLoad("a sum's term is too large");
    return {term.channels, static_cast<int>(term.height * factor), static_cast<int>(term.width * factor)};
  }

  std::vector<int> upsample_;
  bool relu_;
};

}  // namespace

void ReadAdd(LayerFields& fields, Layer& layer) {
  fields.Require("op inputs upsample output activation");
  const auto* inputs = Member(fields.object(), "inputs").As<Json::Array>();
  const auto* factors = Member(fields.object(), "upsample").As<Json::Array>();
  if (inputs == nullptr || inputs->empty() || factors == nullptr || factors->size() != inputs->size()) {
    FailToLoad("'inputs' and 'upsample' must be lists of equal length, not empty");
  }
  std::vector<int> upsample;
  for (const Json& input : *inputs) layer.inputs.push_back(fields.Value(input));
  for (const Json& factor : *factors) upsample.push_back(Integer(factor, "'upsample'", 1, kMaxSide));
  layer.op = std::make_shared<Add>(std::move(upsample), fields.ReadActivation() == Activation::kRelu);
}

}  // namespace hrnet_native::native
