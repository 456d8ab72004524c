#include "engine/native/schedule.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

#include "engine/native/ceil_divide.h"
#include "engine/native/chains.h"
#include "engine/native/cost.h"
#include "engine/native/stretches.h"

namespace hrnet_native::native {
namespace {

// Waiting for each other, in the cost estimate's unit: less than a microsecond.
constexpr double kBarrier = 3000;

/// The schedule of one section after the other.
class Scheduler {
 public:
  explicit Scheduler(const PlanContext& context) : context_(context) {
    const std::size_t count = context.graph.layers.size();
    schedule_.sharing.assign(count, Sharing::kTogether);
    for (std::size_t index = 0; index < count; ++index) {
      together_.push_back(Estimate(index, context.batch, context.threads));
      alone_.push_back(context.threads == 1 ? together_.back() : Estimate(index, context.batch, 1));
      schedule_.ways.push_back(together_.back());
    }
    // With little memory there is one way for all batch sizes: other ways would want the weights packed anew.
    if (context.batch > 1 && context.batch >= context.threads && !context.is_memory_low()) ChooseByImage();
  }

  Schedule Make() {
    for (std::size_t begin = 0; begin < together_.size();) {
      const std::size_t end = EndOfStretch(begin);
      if (schedule_.sharing[begin] == Sharing::kByImage) {
        AddByImage(begin, end);
        begin = end;
      } else {
        begin = AddSection(begin, end);
      }
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

  Way Estimate(std::size_t index, int batch, int threads) const {
    const LayerContext layer{context_, index, context_.is_memory_low() ? 1 : batch, threads};
    return layer.layer().op->Choose(layer);
  }

  StretchCosts CostsByImage(std::size_t index, const Way& one) const {
    const Layer& layer = context_.graph.layers[index];
    const int images = CeilDivide(context_.batch, context_.threads);
    const double far = TrafficCost(layer, context_.layout, images);
    const double near = images * TrafficCost(layer, context_.layout, 1);
    const double by_image = layer.op->may_run_by_image() ? images * one.cost : std::numeric_limits<double>::infinity();
    return {together_[index].cost + far + kBarrier, by_image + far + kBarrier, by_image + near};
  }

  void ChooseByImage() {
    std::vector<Way> ones;
    std::vector<StretchCosts> costs;
    for (std::size_t index = 0; index < together_.size(); ++index) {
      ones.push_back(Estimate(index, 1, 1));
      costs.push_back(CostsByImage(index, ones.back()));
    }
    const std::vector<bool> by_image = LayersByImage(costs);
    for (std::size_t index = 0; index < by_image.size(); ++index) {
      if (!by_image[index]) continue;
      schedule_.sharing[index] = Sharing::kByImage;
      schedule_.ways[index] = ones[index];
    }
  }

  /// Where the layers that are run by image, or those that are not, end.
  std::size_t EndOfStretch(std::size_t begin) const {
    const auto is_by_image = [&](Sharing sharing) { return sharing == Sharing::kByImage; };
    const auto first = schedule_.sharing.begin() + static_cast<std::ptrdiff_t>(begin);
    const auto end = is_by_image(*first) ? std::find_if_not(first, schedule_.sharing.end(), is_by_image)
                                         : std::find_if(first, schedule_.sharing.end(), is_by_image);
    return static_cast<std::size_t>(end - schedule_.sharing.begin());
  }

  double Sum(const std::vector<std::size_t>& layers, const std::vector<Way>& costs) const {
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

  void AddByImage(std::size_t begin, std::size_t end) {
    std::vector<std::size_t> layers(end - begin);
    std::iota(layers.begin(), layers.end(), begin);
    schedule_.phases.push_back({Sharing::kByImage, Lists(Members(), layers)});
  }

  /// Returns where the next section begins.
  std::size_t AddSection(std::size_t begin, std::size_t end) {
    const std::vector<Chain> chains = SectionOf(context_, begin, end);
    end = begin;
    for (const Chain& chain : chains) end += chain.layers.size();
    AddSideBySide(chains);
    for (std::size_t index = begin; index < end; ++index) {
      if (schedule_.sharing[index] != Sharing::kTogether) continue;
      schedule_.phases.push_back({Sharing::kTogether, Lists(Members(), {index})});
    }
    return end;
  }

  void AddSideBySide(const std::vector<Chain>& chains) {
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
        schedule_.sharing[index] = Sharing::kSideBySide;
        schedule_.ways[index] = alone_[index];
      }
    }
    schedule_.phases.push_back({Sharing::kSideBySide, std::move(best.layers)});
  }

  const PlanContext& context_;
  std::vector<Way> together_;
  std::vector<Way> alone_;
  Schedule schedule_;
};

}  // namespace

Schedule MakeSchedule(const PlanContext& context) { return Scheduler(context).Make(); }

}  // namespace hrnet_native::native
