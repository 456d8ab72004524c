#pragma once

#include <vector>

#include "engine/native/graph.h"
#include "engine/native/operators/operator.h"
#include "engine/native/operators/windows.h"

namespace hrnet_native::native {

/// What the file says of a convolution, whose weights are (outputs, inputs, height, width).
struct ConvFields {
  Weights weights;
  Windows windows;
  bool relu = false;

  int in_channels() const { return weights.values.shape[1]; }
};

class Conv final : public Operator {
 public:
  explicit Conv(ConvFields fields) : fields_(std::move(fields)) {}

  const ConvFields& fields() const { return fields_; }

  MapShape OutputShape(const std::vector<MapShape>& inputs) const override;
  Way Choose(const LayerContext& context) const override;
  Step MakeStep(const LayerContext& context, const Way& way) const override;
  const Weights* weights() const override { return &fields_.weights; }
  double most_transformed() const override;
  Border InputBorder(const MapShape& output) const override;
  bool reads_planes() const override { return true; }

 private:
  ConvFields fields_;
};

}  // namespace hrnet_native::native
