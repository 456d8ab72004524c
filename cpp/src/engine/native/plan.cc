#include "engine/native/plan.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <numeric>
#include <utility>

namespace hrnet_native::native {
namespace {

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
  const auto weights = [&](std::size_t layer) {
    const Weights* found = layers[layer].op->weights();
    return found == nullptr ? 0 : found->values.size();
  };
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
  std::vector<std::exception_ptr> errors(static_cast<std::size_t>(team.size()));
  const std::vector<std::size_t> order = LargestFirst(context.graph.layers);
  std::atomic<std::size_t> next{0};
  team.Run([&](int member, int) {
    try {
      for (std::size_t taken = next++; taken < order.size(); taken = next++) {
        const std::size_t i = order[taken];
        const LayerContext layer{context, i, context.batch, SharesOf(plan.schedule.sharing[i], context)};
        plan.steps[i] = layer.layer().op->MakeStep(layer, plan.schedule.ways[i]);
      }
    } catch (...) {
      errors[static_cast<std::size_t>(member)] = std::current_exception();
    }
  });
  for (const std::exception_ptr& error : errors) {
    if (error) std::rethrow_exception(error);
  }
  for (const Phase& phase : plan.schedule.phases) plan.works.push_back(WorkOf(phase, plan, team.size()));
  for (const Step& step : plan.steps) plan.scratch_bytes = std::max(plan.scratch_bytes, step.scratch_bytes);
  return plan;
}

}  // namespace hrnet_native::native
