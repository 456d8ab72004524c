#include "engine/native/layout.h"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>

#include "base/str_cat.h"
#include "engine/native/cache_line.h"
#include "engine/native/ceil_divide.h"
#include "engine/native/fail_to_load.h"

namespace hrnet_native::native {
namespace {

// One image's arena, 8 GiB: more would be a mistake in the model, and offsets within a plane are counted in 32 bits.
constexpr std::size_t kMaxImageBytes = std::size_t{1} << 33;

void RequireEqual(const MapShape& residual, const MapShape& output) {
  if (residual == output) return;
  FailToLoad(StrCat("a residual of ", Shown(residual), " is added to ", Shown(output)));
}

}  // namespace

Layout::Layout(const Graph& graph, int height, int width, int lanes) {
  InferShapes(graph, height, width);
  MakeLayouts(graph, lanes);
  PlaceValues(graph);
}

void Layout::InferShapes(const Graph& graph, int height, int width) {
  shapes_.push_back({graph.channels, height, width});
  for (std::size_t i = 0; i < graph.layers.size(); ++i) {
    const Layer& layer = graph.layers[i];
    try {
      std::vector<MapShape> inputs(layer.inputs.size());
      std::transform(layer.inputs.begin(), layer.inputs.end(), inputs.begin(),
                     [&](ValueId input) { return shapes_[static_cast<std::size_t>(input)]; });
      const MapShape shape = layer.op->OutputShape(inputs);
      if (layer.residual != kNoValue) RequireEqual(shapes_[static_cast<std::size_t>(layer.residual)], shape);
      shapes_.push_back(shape);
    } catch (const Error& error) {
      FailToLoad(StrCat("layer ", i, ": ", error.what()));
    }
  }
}

void Layout::MakeLayouts(const Graph& graph, int lanes) {
  // The input lies in planes if it does not fill a block, and all that read it can.
  bool planar = graph.channels < lanes;
  for (const Layer& layer : graph.layers) {
    if (layer.residual == 0) planar = false;
    if (!layer.op->reads_planes() && std::count(layer.inputs.begin(), layer.inputs.end(), 0) > 0) planar = false;
  }
  for (std::size_t value = 0; value < shapes_.size(); ++value) {
    const MapShape& shape = shapes_[value];
    const int block_lanes = value == 0 && planar ? 1 : lanes;
    std::size_t found = 0;
    while (found < layouts_.size() && !(layouts_[found].shape == shape && layouts_[found].lanes == block_lanes))
      ++found;
    if (found == layouts_.size()) {
      layouts_.push_back({shape, ElementType::kFloat32, block_lanes, CeilDivide(shape.channels, block_lanes), 0, 0,
                          shape.height, shape.width});
    }
    layout_of_.push_back(found);
  }
  for (const Layer& layer : graph.layers) {
    const Border border = layer.op->InputBorder(shape(layer.output));
    for (const ValueId input : layer.inputs) {
      MapLayout& in = layouts_[layout_of_[static_cast<std::size_t>(input)]];
      in.top = std::max(in.top, border.top);
      in.left = std::max(in.left, border.left);
      in.rows = std::max(in.rows, border.rows - border.top);  // from the map's first
      in.columns = std::max(in.columns, border.columns - border.left);
    }
  }
  for (MapLayout& layout : layouts_) {
    layout.rows += layout.top;
    layout.columns += layout.left;
  }
}

void Layout::PlaceValues(const Graph& graph) {
  std::vector<std::size_t> last_use(shapes_.size(), 0);
  for (std::size_t i = 0; i < graph.layers.size(); ++i) {
    for (const ValueId input : graph.layers[i].inputs) last_use[static_cast<std::size_t>(input)] = i;
    if (graph.layers[i].residual != kNoValue) last_use[static_cast<std::size_t>(graph.layers[i].residual)] = i;
  }
  last_use[static_cast<std::size_t>(graph.output)] = graph.layers.size();

  std::map<std::size_t, std::vector<std::size_t>> free;  // of each layout
  offsets_.resize(shapes_.size());
  const auto place = [&](ValueId value) {
    const auto index = static_cast<std::size_t>(value);
    std::vector<std::size_t>& places = free[layout_of_[index]];
    if (places.empty()) {
      offsets_[index] = image_bytes_;
      image_bytes_ += WholeLines(of(value).bytes());
      if (image_bytes_ >= kMaxImageBytes) FailToLoad("the network's maps need too much memory at this size");
    } else {
      offsets_[index] = places.back();
      places.pop_back();
    }
  };
  const auto release = [&](ValueId value) {
    free[layout_of_[static_cast<std::size_t>(value)]].push_back(offsets_[static_cast<std::size_t>(value)]);
  };

  place(0);
  for (std::size_t i = 0; i < graph.layers.size(); ++i) {
    const Layer& layer = graph.layers[i];
    std::vector<ValueId> ended;
    const auto end = [&](ValueId value) {
      if (value != kNoValue && last_use[static_cast<std::size_t>(value)] == i &&
          std::count(ended.begin(), ended.end(), value) == 0) {
        ended.push_back(value);
      }
    };
    for (const ValueId input : layer.inputs) end(input);
    end(layer.residual);
    // What is read pixel by pixel as the output is written gives its place, unless the layer reads it otherwise as
    // well.
    const std::optional<std::size_t> input = layer.op->input_in_place();
    const ValueId same = input ? layer.inputs[*input] : layer.residual;
    const bool in_place =
        same != kNoValue &&
        layout_of_[static_cast<std::size_t>(same)] == layout_of_[static_cast<std::size_t>(layer.output)] &&
        std::count(ended.begin(), ended.end(), same) > 0 &&
        std::count(layer.inputs.begin(), layer.inputs.end(), same) == (input ? 1 : 0);
    if (in_place) {
      offsets_[static_cast<std::size_t>(layer.output)] = offsets_[static_cast<std::size_t>(same)];
    } else {
      place(layer.output);
    }
    for (const ValueId value : ended) {
      if (!in_place || value != same) release(value);
    }
    if (last_use[static_cast<std::size_t>(layer.output)] == 0) last_use[static_cast<std::size_t>(layer.output)] = i;
  }
}

int Layout::most_images() const {
  std::size_t most = 1;  // rows of blocks, or pixels, of one image
  for (const MapLayout& layout : layouts_) {
    const auto rows = static_cast<std::size_t>(layout.rows);
    most = std::max({most, rows * static_cast<std::size_t>(layout.blocks * layout.lanes),
                     rows * static_cast<std::size_t>(layout.columns)});
  }
  return static_cast<int>(std::numeric_limits<int>::max() / 2 /
                          most);  // half: quotients of these counts are rounded up
}

MapView Layout::View(ValueId value, std::byte* arena) const {
  const MapLayout& layout = of(value);
  std::byte* origin = arena + offsets_[static_cast<std::size_t>(value)] + layout.origin() * SizeOf(layout.type);
  return {origin, image_bytes_ / SizeOf(layout.type), layout.block_stride(), layout.row_stride(), layout.type};
}

}  // namespace hrnet_native::native
