#pragma once

#include "engine/native/kernels/kernels.h"

namespace hrnet_native::native {

// The transforms of Winograd's algorithm (Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2015),
// in one dimension; two dimensions apply them to the columns and then to the rows. A form has
//   kOutput, kInput, kPositions, kStride  sizes in one dimension
//   Input<i>(d)    row i of B^T d, of kInput values
//   Output<i>(m)   row i of A^T m, of kPositions values
//   kInputRows     the rows of B^T d in an order, and in groups, that share sums: a group fits the registers
//   kOutputRows    likewise of A^T m
//   kWeights       G: rows of 3. Positions beyond the last row have the last row's weights
//   kWeightRows    likewise of G
//   kLastOnly      a mask of the positions that only the last output uses: a tile without it is spared their products
//   kOutputScale, kOutputRatio  output i of one dimension still needs the factor kOutputScale * kOutputRatio^i
// The points decide the rounding error, which is least where their powers stay near 1: 2/3 and 3/2 have half the error
// of the usual 1 and 2. The ratio keeps them as cheap: A^T of the points p, -p, q, -q is that of 1, -1, q/p, -q/p with
// row i multiplied by p to the power of i, and that product joins the addition of the bias. A position's weights, whose
// scale is free, are the filter's polynomial at its point, as some layers transform them in each run: a pair of
// opposite points takes three instructions. Output<i> and kOutputScale hold what that leaves to be multiplied. Rows
// share their common terms because the compiler sees a whole group at once.

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
  static constexpr unsigned kLastOnly = 1U << 3;
  static constexpr double kOutputRatio = 1, kOutputScale = 0.5;
  static constexpr double kWeights[4][3] = {{1, 0, 0}, {1, 1, 1}, {1, -1, 1}, {0, 0, 1}};
  static constexpr RowPair kWeightRows[] = {{0, 3}, {1, 2}};

  template <int I, class V>
  static V Input(const V* d) {
    if constexpr (I == 0) return d[0] - d[2];
    if constexpr (I == 1) return d[1] + d[2];
    if constexpr (I == 2) return d[2] - d[1];
    if constexpr (I == 3) return d[3] - d[1];
  }
  template <int I, class V>
  static V Output(const V* m) {
    if constexpr (I == 0) return 2 * m[0] + (m[1] + m[2]);
    if constexpr (I == 1) return (m[1] - m[2]) + 2 * m[3];
  }
};

/// F(4, 3) over the points 0, 2/3, -2/3, 3/2, -3/2 and infinity.
struct F4 {
  static constexpr int kOutput = 4, kInput = 6, kPositions = 6, kStride = 1;
  static constexpr RowPair kInputRows[] = {{0, -1}, {1, 2}, {3, 4}, {5, -1}};
  static constexpr RowPair kOutputRows[] = {{0, 2}, {1, 3}};
  static constexpr unsigned kLastOnly = 1U << 5;
  static constexpr double kOutputRatio = 2 / 3., kOutputScale = -81 / 130.;
  static constexpr double kWeights[6][3] = {{1, 0, 0},           {1, 2 / 3., 4 / 9.},  {1, -2 / 3., 4 / 9.},
                                            {1, 3 / 2., 9 / 4.}, {1, -3 / 2., 9 / 4.}, {0, 0, 1}};
  static constexpr RowPair kWeightRows[] = {{0, -1}, {1, 2}, {3, 4}, {5, -1}};

  template <int I, class V>
  static V Input(const V* d) {
    constexpr float kNear = 4 / 9.F, kFar = 9 / 4.F, kBoth = 97 / 36.F;  // squares of the points, and their sum
    if constexpr (I == 0) return (d[0] + d[4]) - kBoth * d[2];
    if constexpr (I == 1) return (d[4] - kFar * d[2]) + 2 / 3.F * (d[3] - kFar * d[1]);
    if constexpr (I == 2) return (d[4] - kFar * d[2]) - 2 / 3.F * (d[3] - kFar * d[1]);
    if constexpr (I == 3) return (d[4] - kNear * d[2]) + 3 / 2.F * (d[3] - kNear * d[1]);
    if constexpr (I == 4) return (d[4] - kNear * d[2]) - 3 / 2.F * (d[3] - kNear * d[1]);
    if constexpr (I == 5) return (d[1] + d[5]) - kBoth * d[3];
  }
  template <int I, class V>
  static V Output(const V* m) {
    constexpr double kRatio = 9 / 4., kScale = -16 / 81.;  // of the second pair over the first
    constexpr auto kSecond = static_cast<float>(I == 0   ? kScale
                                                : I == 1 ? kScale * kRatio
                                                : I == 2 ? kScale * kRatio * kRatio
                                                         : kScale * kRatio * kRatio * kRatio);
    constexpr auto kFirst = static_cast<float>(1 / kOutputScale);
    constexpr auto kLast = static_cast<float>(27 / 8. / kOutputScale);
    if constexpr (I == 0) return kFirst * m[0] + ((m[1] + m[2]) + kSecond * (m[3] + m[4]));
    if constexpr (I == 1) return (m[1] - m[2]) + kSecond * (m[3] - m[4]);
    if constexpr (I == 2) return (m[1] + m[2]) + kSecond * (m[3] + m[4]);
    if constexpr (I == 3) return ((m[1] - m[2]) + kSecond * (m[3] - m[4])) + kLast * m[5];
  }
};

// F(5, 3) has no point at 0 but three pairs of opposite points. Rows 2k and 2k + 1 belong to point k and its opposite.
constexpr double kF5Points[3] = {17 / 50., 7 / 8., 9 / 5.};

/// The other two pairs' factors are x^4 - (sum) x^2 + (product).
constexpr double F5Sum(int k) {
  const double a = kF5Points[(k + 1) % 3];
  const double b = kF5Points[(k + 2) % 3];
  return a * a + b * b;
}
constexpr double F5Product(int k) {
  const double ab = kF5Points[(k + 1) % 3] * kF5Points[(k + 2) % 3];
  return ab * ab;
}
/// What point k's weights are divided by; its opposite's are divided by the negative.
constexpr double F5Divisor(int k) {
  const double point = kF5Points[k];
  const double square = point * point;
  return 2 * point * (square * square - F5Sum(k) * square + F5Product(k));
}
constexpr double F5Weight(int row, int tap) {
  const double point = row % 2 == 0 ? kF5Points[row / 2] : -kF5Points[row / 2];
  return tap == 0 ? 1 : tap == 1 ? point : point * point;
}
/// What pair k adds to output i, over what the first pair adds.
constexpr float F5Ratio(int k, int i) {
  double ratio = F5Divisor(0) / F5Divisor(k);
  for (; i > 0; --i) ratio *= kF5Points[k] / kF5Points[0];
  return static_cast<float>(ratio);
}

/// F(5, 3) over 17/50, -17/50, 7/8, -7/8, 9/5, -9/5 and infinity.
struct F5 {
  static constexpr int kOutput = 5, kInput = 7, kPositions = 7, kStride = 1;
  static constexpr RowPair kInputRows[] = {{0, 1}, {2, 3}, {4, 5}, {6, -1}};
  static constexpr RowPair kOutputRows[] = {{0, 2}, {1, 3}, {4, -1}};
  static constexpr unsigned kLastOnly = 1U << 6;
  static constexpr double kOutputRatio = kF5Points[0], kOutputScale = 1 / F5Divisor(0);
  static constexpr double kWeights[7][3] = {{F5Weight(0, 0), F5Weight(0, 1), F5Weight(0, 2)},
                                            {F5Weight(1, 0), F5Weight(1, 1), F5Weight(1, 2)},
                                            {F5Weight(2, 0), F5Weight(2, 1), F5Weight(2, 2)},
                                            {F5Weight(3, 0), F5Weight(3, 1), F5Weight(3, 2)},
                                            {F5Weight(4, 0), F5Weight(4, 1), F5Weight(4, 2)},
                                            {F5Weight(5, 0), F5Weight(5, 1), F5Weight(5, 2)},
                                            {0, 0, 1}};
  static constexpr RowPair kWeightRows[] = {{0, 1}, {2, 3}, {4, 5}, {6, -1}};

  template <int I, class V>
  static V Input(const V* d) {
    if constexpr (I == 6) {
      constexpr double kSquare = kF5Points[0] * kF5Points[0];
      constexpr auto kSum = static_cast<float>(kSquare + F5Sum(0));
      constexpr auto kPairs = static_cast<float>(kSquare * F5Sum(0) + F5Product(0));
      constexpr auto kProduct = static_cast<float>(kSquare * F5Product(0));
      return (d[6] - kSum * d[4]) + (kPairs * d[2] - kProduct * d[0]);
    } else {
      constexpr auto kPoint = static_cast<float>(I % 2 == 0 ? kF5Points[I / 2] : -kF5Points[I / 2]);
      constexpr auto kSum = static_cast<float>(F5Sum(I / 2));
      constexpr auto kProduct = static_cast<float>(F5Product(I / 2));
      return ((d[5] - kSum * d[3]) + kProduct * d[1]) + kPoint * ((d[4] - kSum * d[2]) + kProduct * d[0]);
    }
  }
  template <int I, class V>
  static V Output(const V* m) {
    constexpr float kMiddle = F5Ratio(1, I), kFar = F5Ratio(2, I);
    if constexpr (I % 2 == 1) {
      return (m[0] + m[1]) + (kMiddle * (m[2] + m[3]) + kFar * (m[4] + m[5]));
    } else {
      const V sum = (m[0] - m[1]) + (kMiddle * (m[2] - m[3]) + kFar * (m[4] - m[5]));
      constexpr auto kLast = static_cast<float>(6250000 / 83521. / kOutputScale);  // over the first point's 4th power
      if constexpr (I == 4) return sum + kLast * m[6];
      return sum;
    }
  }
};

// Stride 2: y[i] = g0 x[2i] + g1 x[2i+1] + g2 x[2i+2]. The even inputs meet g0 and g2, which is a stride-1 filter of
// two taps over them: F(m, 2) with m + 1 products. The odd inputs meet g1 alone: m plain products.

/// Two outputs: F(2, 2) over 0, 1 and infinity on the even inputs.
struct F2Stride2 {
  static constexpr int kOutput = 2, kInput = 5, kPositions = 5, kStride = 2;
  static constexpr RowPair kInputRows[] = {{0, 1}, {2, 3}, {4, -1}};
  static constexpr RowPair kOutputRows[] = {{0, 1}};
  static constexpr unsigned kLastOnly = 1U << 2 | 1U << 4;
  static constexpr double kOutputRatio = 1, kOutputScale = 1;
  static constexpr double kWeights[4][3] = {{1, 0, 0}, {1, 0, 1}, {0, 0, 1}, {0, 1, 0}};
  static constexpr RowPair kWeightRows[] = {{0, 1}, {2, 3}};

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

/// Four outputs: F(4, 2) over 2/5, -2/5, 6/5, -6/5 and infinity on the even inputs.
struct F4Stride2 {
  static constexpr int kOutput = 4, kInput = 9, kPositions = 9, kStride = 2;
  static constexpr RowPair kInputRows[] = {{0, 1}, {2, 3}, {4, -1}, {5, 6}, {7, 8}};
  static constexpr RowPair kOutputRows[] = {{0, 2}, {1, 3}};
  static constexpr unsigned kLastOnly = 1U << 4 | 1U << 8;
  static constexpr double kOutputRatio = 2 / 5., kOutputScale = -125 / 128.;
  static constexpr double kWeights[6][3] = {{1, 0, 2 / 5.},  {1, 0, -2 / 5.}, {1, 0, 6 / 5.},
                                            {1, 0, -6 / 5.}, {0, 0, 1},       {0, 1, 0}};
  static constexpr RowPair kWeightRows[] = {{0, 1}, {2, 3}, {4, -1}, {5, -1}};

  template <int I, class V>
  static V Input(const V* d) {
    constexpr float kNear = 4 / 25.F, kFar = 36 / 25.F;  // squares of the points
    if constexpr (I == 0) return (d[6] - kFar * d[2]) + 2 / 5.F * (d[4] - kFar * d[0]);
    if constexpr (I == 1) return (d[6] - kFar * d[2]) - 2 / 5.F * (d[4] - kFar * d[0]);
    if constexpr (I == 2) return (d[6] - kNear * d[2]) + 6 / 5.F * (d[4] - kNear * d[0]);
    if constexpr (I == 3) return (d[6] - kNear * d[2]) - 6 / 5.F * (d[4] - kNear * d[0]);
    if constexpr (I == 4) return (d[8] - (kNear + kFar) * d[4]) + kNear * kFar * d[0];
    if constexpr (I == 5) return d[1];
    if constexpr (I == 6) return d[3];
    if constexpr (I == 7) return d[5];
    if constexpr (I == 8) return d[7];
  }
  template <int I, class V>
  static V Output(const V* m) {
    constexpr double kRatio = 5 / 2.;  // one over kOutputRatio
    constexpr auto kOdd = static_cast<float>((I == 0   ? 1
                                              : I == 1 ? kRatio
                                              : I == 2 ? kRatio * kRatio
                                                       : kRatio * kRatio * kRatio) /
                                             kOutputScale);
    if constexpr (I == 0) return ((m[0] - m[1]) - 1 / 3.F * (m[2] - m[3])) + kOdd * m[5];
    if constexpr (I == 1) return ((m[0] + m[1]) - (m[2] + m[3])) + kOdd * m[6];
    if constexpr (I == 2) return ((m[0] - m[1]) - 3 * (m[2] - m[3])) + kOdd * m[7];
    if constexpr (I == 3) return ((m[0] + m[1]) - 9 * (m[2] + m[3])) + kOdd * (m[4] + m[8]);
  }
};

/// Rows of G.
template <class Form>
constexpr int kNumWeightRows = sizeof(Form::kWeights) / sizeof(Form::kWeights[0]);

/// Calls `body` with an object of the form's class.
template <class Body>
auto WithForm(WinogradForm form, const Body& body) {
  switch (form) {
    case WinogradForm::kF2:
      return body(F2{});
    case WinogradForm::kF4:
      return body(F4{});
    case WinogradForm::kF5:
      return body(F5{});
    case WinogradForm::kF2Stride2:
      return body(F2Stride2{});
    case WinogradForm::kF4Stride2:
      break;
  }
  return body(F4Stride2{});
}

}  // namespace hrnet_native::native
