#include "engine/native/schedule.h"

#include <algorithm>
#include <numeric>
#include <set>
#include <utility>

namespace hrnet_native::native {
namespace {

// Waiting for each other, in the cost estimate's unit: less than a microsecond.
constexpr double kBarrier = 3000;

/// Layers in their order; no other chain of its section writes what they touch, nor touches what they write.
struct Chain {
  std::vector<std::size_t> layers;
  std::set<const float*> reads;  // places in the arena
  std::set<const float*> writes;
};

/// What a layer touches, as a chain of one.
Chain ChainOf(const PlanContext& context, std::size_t index) {
  const Layer& layer = context.graph.layers[index];
  const auto place = [&](ValueId value) { return context.layout.View(value, context.arena).origin; };
  Chain chain{{index}, {}, {place(layer.output)}};
  for (const ValueId input : layer.inputs) chain.reads.insert(place(input));
  if (layer.residual != kNoValue) chain.reads.insert(place(layer.residual));
  return chain;
}

bool Meet(const std::set<const float*>& a, const std::set<const float*>& b) {
  return std::any_of(a.begin(), a.end(), [&](const float* place) { return b.count(place) > 0; });
}

bool Depend(const Chain& a, const Chain& b) {
  return Meet(a.writes, b.writes) || Meet(a.writes, b.reads) || Meet(a.reads, b.writes);
}

/// The chains of the longest section that begins with a layer. It ends where a layer joins two chains, or where a chain
/// forks: what comes then is for the next section to tell apart.
std::vector<Chain> SectionFrom(const PlanContext& context, std::size_t begin) {
  std::vector<Chain> chains;
  for (std::size_t index = begin; index < context.graph.layers.size(); ++index) {
    Chain next = ChainOf(context, index);
    const auto depends = [&](const Chain& chain) { return Depend(chain, next); };
    const auto found = std::find_if(chains.begin(), chains.end(), depends);
    if (found == chains.end()) {
      chains.push_back(std::move(next));
      continue;
    }
    const bool joins = std::find_if(found + 1, chains.end(), depends) != chains.end();
    const bool forks = !Depend(ChainOf(context, found->layers.back()), next);
    if (joins || forks) break;
    found->layers.push_back(index);
    found->reads.merge(next.reads);
    found->writes.merge(next.writes);
  }
  return chains;
}

/// The schedule of one section after the other.
class Scheduler {
 public:
  explicit Scheduler(const PlanContext& context) : context_(context) {
    const std::size_t count = context.graph.layers.size();
    schedule_.alone.assign(count, false);
    for (std::size_t index = 0; index < count; ++index) {
      together_.push_back(Estimate(index, context.threads));
      alone_.push_back(context.threads == 1 ? together_.back() : Estimate(index, 1));
      schedule_.choices.push_back(together_.back());
    }
  }

  Schedule Make() {
    for (std::size_t begin = 0; begin < context_.graph.layers.size();) {
      const std::vector<Chain> chains = SectionFrom(context_, begin);
      std::size_t end = begin;
      for (const Chain& chain : chains) end += chain.layers.size();
      AddAlone(chains);
      for (std::size_t index = begin; index < end; ++index) {
        if (!schedule_.alone[index]) schedule_.phases.push_back({true, Lists(Members(), {index})});
      }
      begin = end;
    }
    return std::move(schedule_);
  }

 private:
  using Lists = std::vector<std::vector<std::size_t>>;

  struct SideBySide {
    Lists layers;
    double saved = 0;
  };

  std::size_t Members() const { return static_cast<std::size_t>(context_.threads); }

  ConvChoice Estimate(std::size_t index, int threads) const {
    const Layer& layer = context_.graph.layers[index];
    // With little memory there is one way for all batch sizes: other ways would want the weights packed anew.
    const bool low = !context_.transformable.empty();
    const int batch = low ? 1 : context_.batch;
    const MapShape& output = context_.layout.shape(layer.output);
    if (layer.op != Op::kConv) return {{}, false, false, MapCost(layer, output, batch, threads, context_.kernels)};
    const bool in_blocks = context_.layout.of(layer.inputs[0]).lanes > 1;  // Winograd's kernels read no planes
    return ChooseConv(layer, output, batch, threads, context_.kernels, in_blocks,
                      !low || context_.transformable[index]);
  }

  double Sum(const std::vector<std::size_t>& layers, const std::vector<ConvChoice>& costs) const {
    return std::accumulate(layers.begin(), layers.end(), 0.0,
                           [&](double sum, std::size_t index) { return sum + costs[index].cost; });
  }

  /// How much worse than a member alone the team is at a chain.
  double Waste(const Chain& chain) const { return Sum(chain.layers, together_) / Sum(chain.layers, alone_); }

  /// The first member runs the first chain; the others take of the rest what they can run meanwhile.
  SideBySide Try(const std::vector<const Chain*>& chains) const {
    SideBySide result{Lists(Members()), 0};
    std::vector<double> loads(Members(), 0);
    result.layers[0] = chains[0]->layers;
    loads[0] = Sum(chains[0]->layers, alone_);
    result.saved = Sum(chains[0]->layers, together_) + kBarrier * static_cast<double>(chains[0]->layers.size());
    for (auto chain = chains.begin() + 1; chain != chains.end(); ++chain) {
      const auto member = static_cast<std::size_t>(std::min_element(loads.begin(), loads.end()) - loads.begin());
      for (const std::size_t index : (*chain)->layers) {
        if (loads[member] + alone_[index].cost > loads[0]) break;
        loads[member] += alone_[index].cost;
        result.layers[member].push_back(index);
        result.saved += together_[index].cost + kBarrier;
      }
    }
    result.saved -= loads[0] + kBarrier;
    return result;
  }

  void AddAlone(const std::vector<Chain>& chains) {
    if (Members() == 1 || chains.size() == 1) return;
    std::vector<const Chain*> order(chains.size());
    std::transform(chains.begin(), chains.end(), order.begin(), [](const Chain& chain) { return &chain; });
    std::sort(order.begin(), order.end(), [&](const Chain* a, const Chain* b) {
      return std::pair(-Waste(*a), a->layers[0]) < std::pair(-Waste(*b), b->layers[0]);
    });
    SideBySide best;
    for (std::size_t first = 0; first < order.size(); ++first) {
      std::vector<const Chain*> chosen = order;
      std::rotate(chosen.begin(), chosen.begin() + static_cast<std::ptrdiff_t>(first),
                  chosen.begin() + static_cast<std::ptrdiff_t>(first) + 1);
      SideBySide tried = Try(chosen);
      if (tried.saved > best.saved) best = std::move(tried);
    }
    if (best.saved <= 0) return;
    for (const std::vector<std::size_t>& layers : best.layers) {
      for (const std::size_t index : layers) {
        schedule_.alone[index] = true;
        schedule_.choices[index] = alone_[index];
      }
    }
    schedule_.phases.push_back({false, std::move(best.layers)});
  }

  const PlanContext& context_;
  std::vector<ConvChoice> together_;
  std::vector<ConvChoice> alone_;
  Schedule schedule_;
};

}  // namespace

Schedule MakeSchedule(const PlanContext& context) { return Scheduler(context).Make(); }

}  // namespace hrnet_native::native
