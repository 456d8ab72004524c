#include "engine/native/layout.h"

#include <algorithm>
#include <map>
#include <string>

#include "base/str_cat.h"
#include "engine/native/cache_line.h"
#include "engine/native/ceil_divide.h"
#include "engine/native/even_piece.h"
#include "engine/native/limits.h"
#include "hrnet_native/error.h"

namespace hrnet_native::native {
namespace {

// One image's arena, 8 GiB: more would be a mistake in the model, and offsets within a plane are counted in 32 bits.
constexpr std::size_t kMaxImageFloats = (std::size_t{1} << 31) - 1;

[[noreturn]] void Misfit(const std::string& what) { throw Error(ErrorCode::kModelLoad, what); }

std::string Text(const MapShape& shape) {
  return StrCat("(", shape.channels, ", ", shape.height, ", ", shape.width, ")");
}

MapShape WindowedShape(const Layer& layer, const MapShape& in, int channels) {
  const auto side = [&](int size, std::size_t axis) {
    const long long room =
        static_cast<long long>(size) + layer.padding[axis] + layer.padding[axis + 2] - layer.kernel[axis];
    return room < 0 ? 0 : static_cast<int>(room / layer.stride[axis]) + 1;
  };
  const MapShape out{channels, side(in.height, 0), side(in.width, 1)};
  if (out.height < 1 || out.width < 1) Misfit(StrCat("a map of ", Text(in), " is smaller than the kernel"));
  if (out.height > kMaxSide || out.width > kMaxSide) Misfit(StrCat("padding makes a map of ", Text(out)));
  return out;
}

void RequireVector(const MapShape& shape) {
  if (shape.height != 1 || shape.width != 1) Misfit(StrCat("expected a vector, not a map of ", Text(shape)));
}

MapShape OutputShape(const Layer& layer, const std::vector<MapShape>& shapes) {
  const auto input = [&](std::size_t i) { return shapes[static_cast<std::size_t>(layer.inputs[i])]; };
  const MapShape in = input(0);
  switch (layer.op) {
    case Op::kConv:
      if (layer.weight.shape[1] != in.channels) {
        Misfit(StrCat("a convolution for ", layer.weight.shape[1], " channels meets a map of ", Text(in)));
      }
      return WindowedShape(layer, in, layer.weight.shape[0]);
    case Op::kMaxPool:
    case Op::kAveragePool: {
      const MapShape out = WindowedShape(layer, in, in.channels);
      // A last window that begins beyond the map would hold no pixel.
      if ((out.height - 1) * layer.stride[0] - layer.padding[0] >= in.height ||
          (out.width - 1) * layer.stride[1] - layer.padding[1] >= in.width) {
        Misfit(StrCat("a pool's last window lies outside a map of ", Text(in)));
      }
      return out;
    }
    case Op::kGlobalAveragePool:
      return {in.channels, 1, 1};
    case Op::kDense:
      RequireVector(in);
      if (layer.weight.shape[1] != in.channels) {
        Misfit(StrCat("a fully connected layer for ", layer.weight.shape[1], " inputs meets ", in.channels));
      }
      return {layer.weight.shape[0], 1, 1};
    case Op::kSoftmax:
      RequireVector(in);
      return in;
    case Op::kScale:
      if (!(input(1) == MapShape{in.channels, 1, 1})) {
        Misfit(StrCat("a map of ", Text(in), " is scaled by one of ", Text(input(1))));
      }
      return in;
    case Op::kAdd: {
      const auto enlarged = [&](std::size_t i) {
        const MapShape term = input(i);
        const long long factor = layer.upsample[i];
        if (term.height * factor > kMaxSide || term.width * factor > kMaxSide) Misfit("a sum's term is too large");
        return MapShape{term.channels, static_cast<int>(term.height * factor), static_cast<int>(term.width * factor)};
      };
      for (std::size_t i = 1; i < layer.inputs.size(); ++i) {
        if (!(enlarged(i) == enlarged(0))) {
          Misfit(StrCat("a sum's terms differ: ", Text(enlarged(0)), " and ", Text(enlarged(i))));
        }
      }
      return enlarged(0);
    }
  }
  return in;
}

/// Rows (axis 0) or columns (axis 1) of the padded input that any way to compute a convolution reads.
int Reach(const Layer& layer, int outputs, std::size_t axis) {
  int reach = (outputs - 1) * layer.stride[axis] + layer.kernel[axis];
  for (const WinogradForm form : WinogradForms(layer)) {  // F(5x5) is taken where it reaches no farther
    const WinogradShape shape = ShapeOf(form);
    const int tiles = shape.tiles(outputs);
    const Range last = EvenPiece({0, outputs}, tiles - 1, tiles);
    const bool whole = last.end - last.begin == shape.output;
    reach = std::max(reach, last.begin * shape.stride + shape.input - (whole ? 0 : shape.stride));
  }
  return reach;
}

}  // namespace

std::vector<WinogradForm> WinogradForms(const Layer& layer) {
  if (layer.op != Op::kConv || layer.kernel != std::array<int, 2>{3, 3}) return {};
  if (layer.stride == std::array<int, 2>{1, 1}) return {WinogradForm::kF2, WinogradForm::kF4};
  if (layer.stride == std::array<int, 2>{2, 2}) return {WinogradForm::kF2Stride2, WinogradForm::kF4Stride2};
  return {};
}

std::vector<WinogradForm> WinogradForms(const Layer& layer, const MapShape& output) {
  std::vector<WinogradForm> forms = WinogradForms(layer);
  const auto reach = [](WinogradForm form, int side) {
    const int tile = ShapeOf(form).output;
    return CeilDivide(side, tile) * tile;
  };
  const auto fits = [&](int side) { return reach(WinogradForm::kF5, side) <= reach(WinogradForm::kF4, side); };
  const bool has_f4 = std::count(forms.begin(), forms.end(), WinogradForm::kF4) > 0;
  if (has_f4 && fits(output.height) && fits(output.width)) forms.push_back(WinogradForm::kF5);
  return forms;
}

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
      const MapShape shape = OutputShape(layer, shapes_);
      if (layer.residual != kNoValue && !(shapes_[static_cast<std::size_t>(layer.residual)] == shape)) {
        Misfit(StrCat("a residual of ", Text(shapes_[static_cast<std::size_t>(layer.residual)]), " is added to ",
                      Text(shape)));
      }
      shapes_.push_back(shape);
    } catch (const Error& error) {
      Misfit(StrCat("layer ", i, ": ", error.what()));
    }
  }
}

void Layout::MakeLayouts(const Graph& graph, int lanes) {
  // The input lies in planes if convolutions alone read it and it does not fill a block.
  bool planar = graph.channels < lanes;
  for (const Layer& layer : graph.layers) {
    if (layer.residual == 0) planar = false;
    if (layer.op != Op::kConv && std::count(layer.inputs.begin(), layer.inputs.end(), 0) > 0) planar = false;
  }
  for (std::size_t value = 0; value < shapes_.size(); ++value) {
    const MapShape& shape = shapes_[value];
    const int block_lanes = value == 0 && planar ? 1 : lanes;
    std::size_t found = 0;
    while (found < layouts_.size() && !(layouts_[found].shape == shape && layouts_[found].lanes == block_lanes))
      ++found;
    if (found == layouts_.size()) {
      layouts_.push_back(
          {shape, block_lanes, CeilDivide(shape.channels, block_lanes), 0, 0, shape.height, shape.width});
    }
    layout_of_.push_back(found);
  }
  for (const Layer& layer : graph.layers) {  // the borders before the map
    if (layer.op != Op::kConv) continue;
    MapLayout& in = layouts_[layout_of_[static_cast<std::size_t>(layer.inputs[0])]];
    in.top = std::max(in.top, layer.padding[0]);
    in.left = std::max(in.left, layer.padding[1]);
  }
  for (MapLayout& layout : layouts_) {
    layout.rows += layout.top;
    layout.columns += layout.left;
  }
  for (const Layer& layer : graph.layers) {  // and after it
    if (layer.op != Op::kConv) continue;
    MapLayout& in = layouts_[layout_of_[static_cast<std::size_t>(layer.inputs[0])]];
    const MapShape& out = shape(layer.output);
    in.rows = std::max(in.rows, in.top - layer.padding[0] + Reach(layer, out.height, 0));
    in.columns = std::max(in.columns, in.left - layer.padding[1] + Reach(layer, out.width, 1));
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
      offsets_[index] = image_floats_;
      image_floats_ += WholeLines(of(value).size());
      if (image_floats_ > kMaxImageFloats) Misfit("the network's maps need too much memory at this size");
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
    const ValueId same = layer.op == Op::kAdd ? (layer.upsample[0] == 1 ? layer.inputs[0] : kNoValue) : layer.residual;
    const bool in_place =
        same != kNoValue &&
        layout_of_[static_cast<std::size_t>(same)] == layout_of_[static_cast<std::size_t>(layer.output)] &&
        std::count(ended.begin(), ended.end(), same) > 0 &&
        std::count(layer.inputs.begin(), layer.inputs.end(), same) == (layer.op == Op::kAdd ? 1 : 0);
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
  return static_cast<int>(kMaxImageFloats / 2 / most);  // half: quotients of these counts are rounded up
}

MapView Layout::View(ValueId value, float* arena) const {
  const MapLayout& layout = of(value);
  return {arena + offsets_[static_cast<std::size_t>(value)] + layout.origin(), image_floats_, layout.block_stride(),
          layout.row_stride()};
}

}  // namespace hrnet_native::native
