#pragma once
#include <span>

#include "common/thread_pool.hpp"

namespace octet::model::float32 {

// The three products of a fully connected layer in float32 by oneDNN: x [batch][in], weights
// [out][in], y [batch][out]. Each is shared out over columns of its result, the same ones whatever
// the number of threads: at these shapes the weights are larger than the activations, and to cut
// the batch would read them again for each slice.
struct DnnlProduct {
  int batch = 1, in = 1, out = 1;

  // y = x w^T + bias; `bias` may be empty.
  void forward(std::span<const float> x, std::span<const float> w, std::span<const float> bias,
               ThreadPool& pool, std::span<float> y) const;
  // dx = dy w, added to what is there if `accumulate`.
  void data_gradient(std::span<const float> dy, std::span<const float> w, bool accumulate,
                     ThreadPool& pool, std::span<float> dx) const;
  // dw = dy^T x; db = column sums of dy, unless it is empty.
  void weight_gradient(std::span<const float> x, std::span<const float> dy, ThreadPool& pool,
                       std::span<float> dw, std::span<float> db) const;
};

}  // namespace octet::model::float32
