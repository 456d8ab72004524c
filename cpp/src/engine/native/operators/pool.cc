// The largest or the mean of each window's pixels; the padding never counts.
#include <algorithm>
#include <cstddef>
#include <memory>
#include <vector>

#include "base/str_cat.h"
#include "engine/native/cost.h"
#include "engine/native/operators/operators.h"
#include "engine/native/operators/rows_step.h"
#include "engine/native/operators/windows.h"
#include "engine/native/plan_context.h"

namespace hrnet_native::native {
namespace {

class Pool final : public Operator {
 public:
  Pool(const Windows& windows, bool average) : windows_(windows), average_(average) {}

  MapShape OutputShape(const std::vector<MapShape>& inputs) const override {
    const MapShape& in = inputs[0];
    const MapShape out = windows_.OutputShape(in, in.channels);
    // A last window that begins beyond the map would hold no pixel.
    if ((out.height - 1) * windows_.stride[0] - windows_.padding[0] >= in.height ||
        (out.width - 1) * windows_.stride[1] - windows_.padding[1] >= in.width) {
      FailToLoad(StrCat("a pool's last window lies outside a map of ", Shown(in)));
    }
    return out;
  }

  Way Choose(const LayerContext& context) const override {
    return {MapCost(context, static_cast<double>(windows_.kernel[0]) * windows_.kernel[1]), {}};
  }

  Step MakeStep(const LayerContext& context, const Way& /*way*/) const override {
    const MapShape& in = context.input(0).shape;
    const MapLayout& out = context.output();
    PoolArgs args{};
    args.source = context.input_view(0);
    args.destination = context.output_view();
    args.average = average_;
    args.blocks = out.blocks;
    args.source_height = in.height;
    args.source_width = in.width;
    args.height = out.shape.height;
    args.width = out.shape.width;
    std::copy_n(windows_.kernel.begin(), 2, args.kernel);
    std::copy_n(windows_.stride.begin(), 2, args.stride);
    std::copy_n(windows_.padding.begin(), 2, args.padding);
    return RowsStep(context.plan.kernels.pool, args, context.batch * args.blocks * args.height);
  }

 private:
  Windows windows_;
  bool average_;
};

void ReadPool(LayerFields& fields, Layer& layer, bool average) {
  fields.Require("op input output kernel stride padding");
  layer.inputs = {fields.Value("input")};
  const Windows windows = ReadWindows(fields, Integers<2>(fields.object(), "kernel", 1));
  for (std::size_t i = 0; i < 4; ++i) {
    // Every window holds a pixel then.
    if (windows.padding[i] >= windows.kernel[i % 2]) FailToLoad("a pool's padding must be smaller than its kernel");
  }
  layer.op = std::make_shared<Pool>(windows, average);
}

}  // namespace

void ReadMaxPool(LayerFields& fields, Layer& layer) { ReadPool(fields, layer, false); }

void ReadAveragePool(LayerFields& fields, Layer& layer) { ReadPool(fields, layer, true); }

}  // namespace hrnet_native::native
