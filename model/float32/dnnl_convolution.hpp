#pragma once
#include <memory>
#include <span>

#include "model/float32/slices.hpp"
#include "model/ops/conv2d.hpp"

namespace octet::model::float32 {

// A convolution in float32 by oneDNN, a slice of the batch at a time; different slices may run at
// the same time. Activations are a slice's [images][h][w][c], weights [out][kh][kw][in / groups],
// as everywhere in the model; oneDNN's own order of the weights stays inside.
class DnnlConvolution {
 public:
  // `shape` is the whole batch's. All primitives are made here.
  DnnlConvolution(const ConvShape& shape, const Slices& slices, bool bias, bool data_gradient);
  ~DnnlConvolution();
  DnnlConvolution(const DnnlConvolution&) = delete;
  DnnlConvolution& operator=(const DnnlConvolution&) = delete;

  // Copies the weights in oneDNN's order, for every slice until the next call.
  void pack(std::span<const float> weight);
  // `bias` is empty for a layer without one.
  void forward(const Slice& slice, std::span<const float> x, std::span<const float> bias,
               std::span<float> y);
  void data_gradient(const Slice& slice, std::span<const float> dy, std::span<float> dx);
  // Keeps the slice's part.
  void weight_gradient(const Slice& slice, std::span<const float> x, std::span<const float> dy);
  // The sum of all slices' parts, in their order.
  void sum_weight_gradient(std::span<float> dw, std::span<float> db);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace octet::model::float32
