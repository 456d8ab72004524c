#pragma once

#include "hrnet_native/imaging.h"
#include "image/resize_axis.h"
#include "image/row_kernels.h"
#include "image/tap_axis.h"
#include "image/tap_kernels.h"

namespace hrnet_native {

/// Where a resized and cropped picture goes: three planes of rows.size() by columns.size() normalised floats.
struct TensorTarget {
  float* values;
  Normalisation channels[3];
  bool swap_channels;  ///< The picture's first channel is the tensor's last.
};

/// Resizes by two neighbours in each direction, in OpenCV's 16-bit fixed point.
void ResizeBilinear(const ImageView& image, const ResizeAxis& columns, const ResizeAxis& rows,
                    const RowKernels& kernels, const TensorTarget& target);

/// How sums of taps become pixels.
struct TapRounding {
  bool columns;  ///< A row is rounded to 8 bits before rows are summed up, as Pillow does.
  Rounding rows;
  float factor;  ///< Of Rounding::kScaled.
};

/// Resizes by any number of neighbours, in fixed point.
void ResizeByTaps(const ImageView& image, const TapAxis<std::int32_t>& columns, const TapAxis<std::int32_t>& rows,
                  const TapKernels& kernels, const TapRounding& rounding, const TensorTarget& target);

/// The same with rows summed up first, in Pillow's fixed point, each pass rounded to 8 bits.
void ResizeRowsFirst(const ImageView& image, const TapAxis<std::int32_t>& columns, const TapAxis<std::int32_t>& rows,
                     const TapKernels& kernels, const TensorTarget& target);

/// The same in floats, rounded at the end.
void ResizeByTaps(const ImageView& image, const TapAxis<float>& columns, const TapAxis<float>& rows,
                  const TapKernels& kernels, const TensorTarget& target);

}  // namespace hrnet_native
