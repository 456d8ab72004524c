#include "image/resize.h"

#include <algorithm>

namespace hrnet_native {
namespace {

/// Keeps the two horizontally resized rows that an output row blends; neighbouring outputs often share them.
class ResizedRows {
 public:
  ResizedRows(const ImageView& image, const ResizeAxis& columns, const RowKernels& kernels)
      : image_(image),
        columns_(columns),
        kernels_(kernels),
        stride_(columns.size()),
        values_(std::size_t{2} * 3 * static_cast<std::size_t>(columns.size())) {}

  /// The planes of source row `y`; `keep` is the row that must stay valid beside it.
  const std::int16_t* Row(int y, int keep) {
    for (const Slot& slot : slots_) {
      if (slot.y == y) return Values(slot);
    }
    Slot& slot = slots_[0].y == keep ? slots_[1] : slots_[0];
    slot.y = y;
    kernels_.resize(image_.data + y * image_.row_stride, columns_, {Values(slot), stride_});
    return Values(slot);
  }

  std::ptrdiff_t stride() const { return stride_; }

 private:
  struct Slot {
    int y;
    std::ptrdiff_t index;
  };

  std::int16_t* Values(const Slot& slot) { return values_.data() + slot.index * 3 * stride_; }

  const ImageView& image_;
  const ResizeAxis& columns_;
  const RowKernels& kernels_;
  std::ptrdiff_t stride_;
  std::vector<std::int16_t> values_;
  Slot slots_[2] = {{-1, 0}, {-1, 1}};
};

/// Keeps as many horizontally resized rows as an output row sums up; outputs go down the picture, so a row is resized
/// once, and its place is taken by the first row that is not needed beside it.
template <typename Value, typename ResizeRow>
class RowRing {
 public:
  RowRing(const TapAxis<Value>& rows, std::ptrdiff_t row_values, ResizeRow resize)
      : capacity_(*std::max_element(rows.count.begin(), rows.count.end())),
        row_values_(row_values),
        resize_(resize),
        values_(static_cast<std::size_t>(capacity_ * row_values)),
        taps_(static_cast<std::size_t>(capacity_)) {}

  /// The values of rows [first, first + count), resizing those that are new.
  const Value* const* Rows(int first, int count) {
    for (next_ = std::max(next_, first); next_ < first + count; ++next_) resize_(next_, At(next_));
    for (int i = 0; i < count; ++i) taps_[static_cast<std::size_t>(i)] = At(first + i);
    return taps_.data();
  }

 private:
  Value* At(int y) { return values_.data() + y % capacity_ * row_values_; }

  std::ptrdiff_t capacity_;
  std::ptrdiff_t row_values_;
  ResizeRow resize_;
  std::vector<Value> values_;
  std::vector<const Value*> taps_;
  int next_ = 0;
};

/// `resize_row(y, out)` resizes one source row into three planes, `sum_rows` sums such rows up, and `finish(sums,
/// normalisation, count, out)` makes the tensor's values of one plane.
template <typename Value, typename ResizeRow, typename SumRows, typename Finish>
void ResizeByTapsWith(int width, const TapAxis<Value>& rows, const TensorTarget& target, ResizeRow resize_row,
                      SumRows sum_rows, Finish finish) {
  RowRing<Value, ResizeRow> ring(rows, std::ptrdiff_t{3} * width, resize_row);
  std::vector<Value> sums(3 * static_cast<std::size_t>(width));
  for (int y = 0; y < rows.size(); ++y) {
    const auto i = static_cast<std::size_t>(y);
    sum_rows(ring.Rows(rows.first[i], rows.count[i]), &rows.weights[rows.offset[i]], rows.count[i], 3 * width,
             sums.data());
    for (int c = 0; c < 3; ++c) {
      float* out = target.values + (static_cast<std::ptrdiff_t>(c) * rows.size() + y) * width;
      finish(sums.data() + static_cast<std::ptrdiff_t>(target.swap_channels ? 2 - c : c) * width, target.channels[c],
             width, out);
    }
  }
}

}  // namespace

void ResizeBilinear(const ImageView& image, const ResizeAxis& columns, const ResizeAxis& rows,
                    const RowKernels& kernels, const TensorTarget& target) {
  ResizedRows resized(image, columns, kernels);
  for (int y = 0; y < rows.size(); ++y) {
    const auto i = static_cast<std::size_t>(y);
    const std::int16_t* upper = resized.Row(rows.first[i], rows.second[i]);
    const std::int16_t* lower = resized.Row(rows.second[i], rows.first[i]);
    for (int c = 0; c < 3; ++c) {
      const std::ptrdiff_t plane = (target.swap_channels ? 2 - c : c) * resized.stride();
      float* out = target.values + (static_cast<std::ptrdiff_t>(c) * rows.size() + y) * columns.size();
      kernels.blend(upper + plane, lower + plane, &rows.weights[2 * i], target.channels[c], columns.size(), out);
    }
  }
}

void ResizeByTaps(const ImageView& image, const TapAxis<std::int32_t>& columns, const TapAxis<std::int32_t>& rows,
                  const TapKernels& kernels, const TapRounding& rounding, const TensorTarget& target) {
  const int width = columns.size();
  const auto resize_row = [&](int y, std::int32_t* out) {
    kernels.columns(image.data + y * image.row_stride, TapsOf(columns), {out, width});
    if (rounding.columns) kernels.round(out, std::ptrdiff_t{3} * width);
  };
  const auto finish = [&](const std::int32_t* sums, const Normalisation& normalisation, int count, float* out) {
    kernels.finish(sums, rounding.rows, rounding.factor, normalisation, count, out);
  };
  ResizeByTapsWith(width, rows, target, resize_row, kernels.rows, finish);
}

void ResizeRowsFirst(const ImageView& image, const TapAxis<std::int32_t>& columns, const TapAxis<std::int32_t>& rows,
                     const TapKernels& kernels, const TensorTarget& target) {
  const int width = columns.size();
  const int row_bytes = 3 * image.width;
  std::vector<const std::uint8_t*> taps(
      static_cast<std::size_t>(*std::max_element(rows.count.begin(), rows.count.end())));
  std::vector<std::int32_t> sums(static_cast<std::size_t>(std::max(row_bytes, 3 * width)));
  std::vector<std::uint8_t> row(static_cast<std::size_t>(row_bytes));
  for (int y = 0; y < rows.size(); ++y) {
    const auto i = static_cast<std::size_t>(y);
    for (int k = 0; k < rows.count[i]; ++k) {
      taps[static_cast<std::size_t>(k)] = image.data + (rows.first[i] + k) * image.row_stride;
    }
    kernels.rows_of_bytes(taps.data(), &rows.weights[rows.offset[i]], rows.count[i], row_bytes, sums.data(),
                          row.data());
    kernels.columns(row.data(), TapsOf(columns), {sums.data(), width});
    for (int c = 0; c < 3; ++c) {
      float* out = target.values + (static_cast<std::ptrdiff_t>(c) * rows.size() + y) * width;
      kernels.finish(sums.data() + static_cast<std::ptrdiff_t>(target.swap_channels ? 2 - c : c) * width,
                     Rounding::kShift22, 0, target.channels[c], width, out);
    }
  }
}

void ResizeByTaps(const ImageView& image, const TapAxis<float>& columns, const TapAxis<float>& rows,
                  const TapKernels& kernels, const TensorTarget& target) {
  const int width = columns.size();
  const auto resize_row = [&](int y, float* out) {
    kernels.columns_float(image.data + y * image.row_stride, TapsOf(columns), {out, width});
  };
  ResizeByTapsWith(width, rows, target, resize_row, kernels.rows_float, kernels.finish_float);
}

}  // namespace hrnet_native
