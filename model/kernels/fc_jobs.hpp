#pragma once
#include <cstddef>
#include <cstdint>

namespace octet::model {

// Operands of the kernels of fully connected layers and of the path of a weight: product, gradient,
// update. All integers are modulo 2^32, exact when the result fits.

// c[i][j] = sum_k a[i][k] (b[j][k] - 128), both operands row by row as they lie in memory; added to
// c where `add`. With terms (the last part of a long k) row_term[i] + col_term[j] goes on top and
// low, high are widened to hold every value.
struct RowProductJob {
  const std::uint8_t* a;
  std::ptrdiff_t a_stride;  // bytes
  int a_rows;
  const std::uint8_t* b;
  std::ptrdiff_t b_stride;
  int b_rows;
  int k;
  std::int32_t* c;
  std::ptrdiff_t c_stride;  // elements
  bool add;
  const std::int32_t *row_term, *col_term;  // both or none
  std::int32_t *low, *high;
};

// Rows of weight codes to the right-hand side of a product over the rows, see ConvJob:
// to[quad][column][t] = from[(4 quad + t) stride + column] - 128, zero for rows from `rows` on;
// sums[column] = what stands in its column. What lies in columns from `columns` on is arbitrary.
struct RowQuadJob {
  const std::uint8_t* from;
  std::ptrdiff_t stride;
  int rows, columns, quads;
  int vectors;  // 1 or 2 groups of 16 columns
  std::int8_t* to;
  std::int32_t* sums;  // [columns]
};

// Two images side by side: to[column][0] = first[column] - zero and to[column][1] of `second`,
// or 0 where that is null. sums[column] += both.
struct ColumnPairJob {
  const std::uint8_t *first, *second;
  std::int32_t zero;
  int columns;
  std::int16_t* to;
  std::int32_t* sums;
};

// The same for gradient codes less `offset` (32768 for 16 bits, 0 for 8): to holds groups of four
// columns, each group `group_step` elements behind the last; columns that fill a group are 0.
struct GradientPairJob {
  int columns;
  std::int32_t offset;
  std::int16_t* to;
  std::ptrdiff_t group_step;
  std::int32_t* sums;
};

// c[row][column] = sum over pairs and both of a pair of g[pair][row][..] x[pair][column][..], for
// four rows; `columns` is a multiple of 16.
struct PairProductJob {
  const std::int16_t* g;
  const std::int16_t* x;
  int pairs, columns;
  std::int32_t* c;
};

// One step of docs/numerics.md section 10 on rows of `count` parameters; low, high are widened to
// hold every new weight that is a number.
struct SgdJob {
  float learning_rate, momentum, weight_decay;
  bool nesterov;
  int rows;
  std::size_t count;
  const float* gradient;
  std::ptrdiff_t gradient_step;  // elements from row to row
  float *velocity, *weight;
  std::ptrdiff_t step;  // of both
  float *low, *high;
};

}  // namespace octet::model
