#include "model/float32/dnnl_product.hpp"

#include <algorithm>
#include <cstddef>
#include <oneapi/dnnl/dnnl.hpp>

#include "model/float32/slices.hpp"

namespace octet::model::float32 {
namespace {

// body(first, count) for ranges of columns that make up [0, columns).
template <class Body>
void share_columns(int columns, ThreadPool& pool, const Body& body) {
  constexpr int kNarrowest = 64;
  constexpr int kParts = 16;
  const int parts = std::clamp(columns / kNarrowest, 1, kParts);
  run_tasks(pool, parts, [&](int part) {
    const auto edge = [&](int i) { return static_cast<int>(std::int64_t{columns} * i / parts); };
    body(edge(part), edge(part + 1) - edge(part));
  });
}

// Row-major c [m][n] = a b + beta c; `a` is [m][k], or [k][m] read by columns, and `b` likewise.
struct Operand {
  const float* values;
  dnnl_dim_t row;  // elements from row to row in memory
  bool transposed;
};
void multiply(dnnl_dim_t m, dnnl_dim_t n, dnnl_dim_t k, const Operand& a, const Operand& b,
              float beta, float* c, dnnl_dim_t c_row) {
  dnnl::sgemm(a.transposed ? 'T' : 'N', b.transposed ? 'T' : 'N', m, n, k, 1.0F, a.values, a.row,
              b.values, b.row, beta, c, c_row);
}

}  // namespace

void DnnlProduct::forward(std::span<const float> x, std::span<const float> w,
                          std::span<const float> bias, ThreadPool& pool, std::span<float> y) const {
  share_columns(out, pool, [&](int first, int count) {
    float* result = y.data() + first;
    multiply(batch, count, in, {x.data(), in, false},
             {w.data() + std::ptrdiff_t{first} * in, in, true}, 0.0F, result, out);
    if (bias.empty()) return;
    for (int n = 0; n < batch; ++n, result += out)
      for (int c = 0; c < count; ++c) result[c] += bias[static_cast<std::size_t>(first + c)];
  });
}

void DnnlProduct::data_gradient(std::span<const float> dy, std::span<const float> w,
                                bool accumulate, ThreadPool& pool, std::span<float> dx) const {
  share_columns(in, pool, [&](int first, int count) {
    multiply(batch, count, out, {dy.data(), out, false}, {w.data() + first, in, false},
             accumulate ? 1.0F : 0.0F, dx.data() + first, in);
  });
}

void DnnlProduct::weight_gradient(std::span<const float> x, std::span<const float> dy,
                                  ThreadPool& pool, std::span<float> dw,
                                  std::span<float> db) const {
  share_columns(out, pool, [&](int first, int count) {
    multiply(count, in, batch, {dy.data() + first, out, true}, {x.data(), in, false}, 0.0F,
             dw.data() + std::ptrdiff_t{first} * in, in);
    if (db.empty()) return;
    const std::span<float> sums =
        db.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count));
    std::fill(sums.begin(), sums.end(), 0.0F);
    for (int n = 0; n < batch; ++n)
      for (std::size_t c = 0; c < sums.size(); ++c)
        sums[c] += dy[static_cast<std::size_t>(n * out + first) + c];
  });
}

}  // namespace octet::model::float32
