#pragma once

namespace hrnet_native::native {

// The transforms of Winograd's algorithm (Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2015),
// in one dimension; two dimensions apply them to the columns and then to the rows. A form has
//   kOutput, kInput, kPositions, kStride  sizes in one dimension
//   Input<i>(d)    row i of B^T d, of kInput values
//   Output<i>(m)   row i of A^T m, of kPositions values
//   kInputRows     the rows of B^T d in an order, and in groups, that share sums: a group fits the registers
//   kOutputRows    likewise of A^T m
//   kWeights       G: kPositions rows of 3
// Rows share their common terms because the compiler sees a whole group at once.

/// Rows that are computed together; -1 ends a group of one.
struct RowPair {
  int first;
  int second;
};

/// F(2, 3) over the points 0, 1, -1 and infinity.
struct F2 {
  static constexpr int kOutput = 2, kInput = 4, kPositions = 4, kStride = 1;
  static constexpr RowPair kInputRows[] = {{0, 3}, {1, 2}};
  static constexpr RowPair kOutputRows[] = {{0, 1}};
  static constexpr double kWeights[4][3] = {{1, 0, 0}, {0.5, 0.5, 0.5}, {0.5, -0.5, 0.5}, {0, 0, 1}};

  template <int I, class V>
  static V Input(const V* d) {
    if constexpr (I == 0) return d[0] - d[2];
    if constexpr (I == 1) return d[1] + d[2];
    if constexpr (I == 2) return d[2] - d[1];
    if constexpr (I == 3) return d[3] - d[1];
  }
  template <int I, class V>
  static V Output(const V* m) {
    if constexpr (I == 0) return m[0] + (m[1] + m[2]);
    if constexpr (I == 1) return (m[1] - m[2]) + m[3];
  }
};

/// F(4, 3) over the points 0, 1, -1, 2, -2 and infinity.
struct F4 {
  static constexpr int kOutput = 4, kInput = 6, kPositions = 6, kStride = 1;
  static constexpr RowPair kInputRows[] = {{0, -1}, {1, 2}, {3, 4}, {5, -1}};
  static constexpr RowPair kOutputRows[] = {{0, 2}, {1, 3}};
  static constexpr double kWeights[6][3] = {{1 / 4., 0, 0},
                                            {-1 / 6., -1 / 6., -1 / 6.},
                                            {-1 / 6., 1 / 6., -1 / 6.},
                                            {1 / 24., 1 / 12., 1 / 6.},
                                            {1 / 24., -1 / 12., 1 / 6.},
                                            {0, 0, 1}};

  template <int I, class V>
  static V Input(const V* d) {
    if constexpr (I == 0) return 4 * d[0] + (d[4] - 5 * d[2]);
    if constexpr (I == 1) return (d[4] - 4 * d[2]) + (d[3] - 4 * d[1]);
    if constexpr (I == 2) return (d[4] - 4 * d[2]) - (d[3] - 4 * d[1]);
    if constexpr (I == 3) return (d[4] - d[2]) + 2 * (d[3] - d[1]);
    if constexpr (I == 4) return (d[4] - d[2]) - 2 * (d[3] - d[1]);
    if constexpr (I == 5) return 4 * d[1] + (d[5] - 5 * d[3]);
  }
  template <int I, class V>
  static V Output(const V* m) {
    if constexpr (I == 0) return m[0] + ((m[1] + m[2]) + (m[3] + m[4]));
    if constexpr (I == 1) return (m[1] - m[2]) + 2 * (m[3] - m[4]);
    if constexpr (I == 2) return (m[1] + m[2]) + 4 * (m[3] + m[4]);
    if constexpr (I == 3) return ((m[1] - m[2]) + 8 * (m[3] - m[4])) + m[5];
  }
};

// Stride 2: y[i] = g0 x[2i] + g1 x[2i+1] + g2 x[2i+2]. The even inputs meet g0 and g2, which is a stride-1 filter of
// two taps over them: F(m, 2) with m + 1 products. The odd inputs meet g1 alone: m plain products.

/// Two outputs: F(2, 2) over 0, 1 and infinity on the even inputs.
struct F2Stride2 {
  static constexpr int kOutput = 2, kInput = 5, kPositions = 5, kStride = 2;
  static constexpr RowPair kInputRows[] = {{0, 1}, {2, 3}, {4, -1}};
  static constexpr RowPair kOutputRows[] = {{0, 1}};
  static constexpr double kWeights[5][3] = {{1, 0, 0}, {1, 0, 1}, {0, 0, 1}, {0, 1, 0}, {0, 1, 0}};

  template <int I, class V>
  static V Input(const V* d) {
    if constexpr (I == 0) return d[0] - d[2];
    if constexpr (I == 1) return d[2];
    if constexpr (I == 2) return d[4] - d[2];
    if constexpr (I == 3) return d[1];
    if constexpr (I == 4) return d[3];
  }
  template <int I, class V>
  static V Output(const V* m) {
    if constexpr (I == 0) return (m[0] + m[1]) + m[3];
    if constexpr (I == 1) return (m[1] + m[2]) + m[4];
  }
};

/// Four outputs: F(4, 2) over 0, 1, -1, 2 and infinity on the even inputs.
struct F4Stride2 {
  static constexpr int kOutput = 4, kInput = 9, kPositions = 9, kStride = 2;
  static constexpr RowPair kInputRows[] = {{0, 3}, {1, 2}, {4, 5}, {6, 7}, {8, -1}};
  static constexpr RowPair kOutputRows[] = {{0, 2}, {1, 3}};
  static constexpr double kWeights[9][3] = {{1 / 2., 0, 0},
                                            {-1 / 2., 0, -1 / 2.},
                                            {-1 / 6., 0, 1 / 6.},
                                            {1 / 6., 0, 1 / 3.},
                                            {0, 0, 1},
                                            {0, 1, 0},
                                            {0, 1, 0},
                                            {0, 1, 0},
                                            {0, 1, 0}};

  template <int I, class V>
  static V Input(const V* d) {
    if constexpr (I == 0) return 2 * (d[0] - d[4]) + (d[6] - d[2]);
    if constexpr (I == 1) return (d[6] - d[4]) - 2 * d[2];
    if constexpr (I == 2) return 2 * d[2] + (d[6] - 3 * d[4]);
    if constexpr (I == 3) return d[6] - d[2];
    if constexpr (I == 4) return (d[8] - d[4]) - 2 * (d[6] - d[2]);
    if constexpr (I == 5) return d[1];
    if constexpr (I == 6) return d[3];
    if constexpr (I == 7) return d[5];
    if constexpr (I == 8) return d[7];
  }
  template <int I, class V>
  static V Output(const V* m) {
    if constexpr (I == 0) return (m[0] + (m[1] + m[2])) + (m[3] + m[5]);
    if constexpr (I == 1) return ((m[1] - m[2]) + 2 * m[3]) + m[6];
    if constexpr (I == 2) return ((m[1] + m[2]) + 4 * m[3]) + m[7];
    if constexpr (I == 3) return ((m[1] - m[2]) + 8 * m[3]) + (m[4] + m[8]);
  }
};

}  // namespace hrnet_native::native
