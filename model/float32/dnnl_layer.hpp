#pragma once
#include <memory>
#include <span>

#include "model/ops/conv2d.hpp"

namespace octet::model::float32 {

// A convolution or fully connected layer in float32 by oneDNN. Activations are [n][h][w][c] and
// weights [out][kh][kw][in / groups], as everywhere in the model; oneDNN's own order of the weights
// stays inside. All primitives are made once; the number of OpenMP threads at that moment counts.
class DnnlLayer {
 public:
  DnnlLayer(const ConvShape& shape, bool bias, bool data_gradient);
  ~DnnlLayer();
  DnnlLayer(const DnnlLayer&) = delete;
  DnnlLayer& operator=(const DnnlLayer&) = delete;

  // Both keep a copy of the weights in oneDNN's order; `bias` is empty for a layer without one.
  void forward(std::span<const float> x, std::span<const float> weight, std::span<const float> bias,
               std::span<float> y);
  void data_gradient(std::span<const float> dy, std::span<const float> weight, std::span<float> dx);
  void weight_gradient(std::span<const float> x, std::span<const float> dy, std::span<float> dw,
                       std::span<float> db);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace octet::model::float32
