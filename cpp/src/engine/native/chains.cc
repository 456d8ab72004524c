#include "engine/native/chains.h"

#include <algorithm>
#include <utility>

namespace hrnet_native::native {
namespace {

/// What a layer touches, as a chain of one.
Chain ChainOf(const PlanContext& context, std::size_t index) {
  const Layer& layer = context.graph.layers[index];
  const auto place = [&](ValueId value) { return context.layout.View(value, context.arena).origin; };
  Chain chain{{index}, {}, {place(layer.output)}};
  for (const ValueId input : layer.inputs) chain.reads.insert(place(input));
  if (layer.residual != kNoValue) chain.reads.insert(place(layer.residual));
  return chain;
}

bool Meet(const std::set<const void*>& a, const std::set<const void*>& b) {
  return std::any_of(a.begin(), a.end(), [&](const void* place) { return b.count(place) > 0; });
}

bool Depend(const Chain& a, const Chain& b) {
  return Meet(a.writes, b.writes) || Meet(a.writes, b.reads) || Meet(a.reads, b.writes);
}

}  // namespace

std::vector<Chain> SectionOf(const PlanContext& context, std::size_t begin, std::size_t end) {
  std::vector<Chain> chains;
  for (std::size_t index = begin; index < end; ++index) {
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

}  // namespace hrnet_native::native
