#include "engine/native/plan.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <memory>
#include <numeric>
#include <utility>

#include "engine/native/conv_step.h"
#include "engine/native/softmax.h"

namespace hrnet_native::native {
namespace {

/// A kernel that walks rows or planes.
template <class Args>
Step Rows(void (*kernel)(const Args&, Range), const Args& args, int count) {
  return {count, {count, 1}, [=](Range rows, float*) { kernel(args, rows); }};
}

Step AddStep(const PlanContext& context, const Layer& layer) {
  const MapLayout& out = context.layout.of(layer.output);
  auto inputs = std::make_shared<std::vector<AddInput>>();
  for (std::size_t i = 0; i < layer.inputs.size(); ++i) {
    const MapView view = context.layout.View(layer.inputs[i], context.arena);
    inputs->push_back({view.origin, view.image_stride, view.block_stride, view.row_stride, layer.upsample[i]});
  }
  AddArgs args{};
  args.inputs = inputs->data();
  args.num_inputs = static_cast<int>(inputs->size());
  args.destination = context.layout.View(layer.output, context.arena);
  args.blocks = out.blocks;
  args.height = out.shape.height;
  args.width = out.shape.width;
  args.relu = layer.activation == Activation::kRelu;
  Step step = Rows(context.kernels.add, args, context.batch * args.blocks * args.height);
  step.run = [inputs, run = std::move(step.run)](Range rows, float* scratch) { run(rows, scratch); };  // keeps the list
  return step;
}

Step ScaleStep(const PlanContext& context, const Layer& layer) {
  const MapLayout& out = context.layout.of(layer.output);
  ScaleArgs args{};
  args.source = context.layout.View(layer.inputs[0], context.arena);
  args.factors = context.layout.View(layer.inputs[1], context.arena);
  args.destination = context.layout.View(layer.output, context.arena);
  args.residual = layer.residual == kNoValue ? nullptr : context.layout.View(layer.residual, context.arena).origin;
  args.blocks = out.blocks;
  args.height = out.shape.height;
  args.width = out.shape.width;
  args.relu = layer.activation == Activation::kRelu;
  return Rows(context.kernels.scale, args, context.batch * args.blocks * args.height);
}

Step PoolStep(const PlanContext& context, const Layer& layer) {
  const MapShape& in = context.layout.shape(layer.inputs[0]);
  const MapLayout& out = context.layout.of(layer.output);
  PoolArgs args{};
  args.source = context.layout.View(layer.inputs[0], context.arena);
  args.destination = context.layout.View(layer.output, context.arena);
  args.average = layer.op == Op::kAveragePool;
  args.blocks = out.blocks;
  args.source_height = in.height;
  args.source_width = in.width;
  args.height = out.shape.height;
  args.width = out.shape.width;
  std::copy_n(layer.kernel.begin(), 2, args.kernel);
  std::copy_n(layer.stride.begin(), 2, args.stride);
  std::copy_n(layer.padding.begin(), 2, args.padding);
  const bool global = layer.op == Op::kGlobalAveragePool;
  return Rows(global ? context.kernels.global_average_pool : context.kernels.pool, args,
              context.batch * args.blocks * args.height);
}

Step DenseStep(const PlanContext& context, const Layer& layer, std::size_t index) {
  const PackedWeights& packed = context.weights.Get(index, Packing{std::nullopt, context.kernels.lanes, 1});
  DenseArgs args{};
  args.source = context.layout.View(layer.inputs[0], context.arena);
  args.destination = context.layout.View(layer.output, context.arena);
  args.weights = packed.weights;
  args.bias = packed.bias;
  args.inputs = layer.weight.shape[1];
  args.activation = layer.activation;
  const int blocks = context.layout.of(layer.output).blocks;
  return {blocks, {blocks, 1}, [args, kernel = context.kernels.dense, batch = context.batch](Range share, float*) {
            for (int image = 0; image < batch; ++image) kernel(args, image, share);
          }};
}

Step SoftmaxStep(const PlanContext& context, const Layer& layer) {
  const auto run = [source = context.layout.View(layer.inputs[0], context.arena),
                    destination = context.layout.View(layer.output, context.arena),
                    channels = context.layout.shape(layer.output).channels, lanes = context.kernels.lanes,
                    batch = context.batch](Range, float*) { Softmax(source, destination, channels, lanes, batch); };
  return {1, {1, 1}, run};
}

Step MakeStep(const PlanContext& context, std::size_t index, const ConvChoice& choice, std::size_t& scratch_floats) {
  const Layer& layer = context.graph.layers[index];
  switch (layer.op) {
    case Op::kConv:
      return ConvStep(context, index, choice, scratch_floats);
    case Op::kAdd:
      return AddStep(context, layer);
    case Op::kScale:
      return ScaleStep(context, layer);
    case Op::kMaxPool:
    case Op::kAveragePool:
    case Op::kGlobalAveragePool:
      return PoolStep(context, layer);
    case Op::kDense:
      return DenseStep(context, layer, index);
    case Op::kSoftmax:
      return SoftmaxStep(context, layer);
  }
  return {};
}

/// Into how many shares the work of a layer is divided.
int SharesOf(Sharing sharing, const PlanContext& context) {
  switch (sharing) {
    case Sharing::kTogether:
      return context.threads;
    case Sharing::kSideBySide:
      return 1;
    case Sharing::kByImage:
      return context.batch;
  }
  return 1;
}

/// What the team's members take pieces of in a phase.
SharedWork WorkOf(const Phase& phase, const Plan& plan, int members) {
  switch (phase.sharing) {
    case Sharing::kTogether: {
      const Step& step = plan.steps[phase.layers[0][0]];
      return {step.items, step.sizes, members};
    }
    case Sharing::kSideBySide:
      break;
    case Sharing::kByImage:
      return {plan.batch, {1, 1}, members};
  }
  return {0, {1, 1}, members};
}

/// All layers, those with the most weights first.
std::vector<std::size_t> LargestFirst(const std::vector<Layer>& layers) {
  std::vector<std::size_t> order(layers.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto weights = [&](std::size_t layer) { return layers[layer].weight.size(); };
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::make_pair(weights(b), a) < std::make_pair(weights(a), b);
  });
  return order;
}

}  // namespace

Plan MakePlan(const PlanContext& context, ThreadTeam& team) {
  // Members take layers as they come free: making a step packs its weights, which is most of the time to the first
  // answer. The last ones are small, so that all members are done at nearly the same time.
  Plan plan;
  plan.schedule = MakeSchedule(context);
  plan.batch = context.batch;
  plan.steps.resize(context.graph.layers.size());
  std::vector<std::size_t> scratch_floats(static_cast<std::size_t>(team.size()), 0);
  std::vector<std::exception_ptr> errors(static_cast<std::size_t>(team.size()));
  const std::vector<std::size_t> order = LargestFirst(context.graph.layers);
  std::atomic<std::size_t> next{0};
  team.Run([&](int member) {
    try {
      for (std::size_t taken = next++; taken < order.size(); taken = next++) {
        const std::size_t i = order[taken];
        PlanContext layer = context;
        layer.threads = SharesOf(plan.schedule.sharing[i], context);
        plan.steps[i] = MakeStep(layer, i, plan.schedule.choices[i], scratch_floats[static_cast<std::size_t>(member)]);
      }
    } catch (...) {
      errors[static_cast<std::size_t>(member)] = std::current_exception();
    }
  });
  for (const std::exception_ptr& error : errors) {
    if (error) std::rethrow_exception(error);
  }
  for (const Phase& phase : plan.schedule.phases) plan.works.push_back(WorkOf(phase, plan, team.size()));
  plan.scratch_floats = *std::max_element(scratch_floats.begin(), scratch_floats.end());
  return plan;
}

}  // namespace hrnet_native::native
