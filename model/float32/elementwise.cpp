#include "model/float32/elementwise.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "model/float32/passes.hpp"

namespace octet::model::float32 {

void input_forward(std::span<const std::uint8_t> pixels, float mean, float deviation,
                   std::span<float> y) {
  std::array<float, 256> real{};
  for (int pixel = 0; pixel < 256; ++pixel)
    real[static_cast<std::size_t>(pixel)] = (static_cast<float>(pixel) / 255.0F - mean) / deviation;
  std::transform(pixels.begin(), pixels.end(), y.begin(),
                 [&](std::uint8_t pixel) { return real[pixel]; });
}

void relu_forward(std::span<const float> x, std::span<float> y) {
  passes<float>().relu(x.data(), y.size(), y.data());
}

void relu_backward(std::span<const float> dy, std::span<const float> y, std::span<float> dx) {
  passes<float>().relu_backward(dy.data(), y.data(), dx.size(), dx.data());
}

void add(std::span<const float> a, std::span<const float> b, bool relu, std::span<float> y) {
  const auto pass = relu ? passes<float>().add_relu : passes<float>().add;
  pass(a.data(), b.data(), y.size(), y.data());
}

void accumulate(std::span<const float> x, std::span<float> y) {
  passes<float>().accumulate(x.data(), y.size(), y.data());
}

LossResult softmax_cross_entropy(std::span<const float> logits,
                                 std::span<const std::uint16_t> labels, std::span<float> gradient) {
  LossResult result;
  if (labels.empty()) return result;
  const std::size_t classes = logits.size() / labels.size();
  const float share = 1.0F / static_cast<float>(labels.size());
  for (std::size_t n = 0; n < labels.size(); ++n) {
    const auto x = logits.subspan(n * classes, classes);
    const auto best = static_cast<std::size_t>(std::max_element(x.begin(), x.end()) - x.begin());
    const float top = x[best];
    double sum = 0.0;
    for (const float value : x) sum += std::exp(static_cast<double>(value - top));
    result.loss_sum += std::log(sum) + static_cast<double>(top - x[labels[n]]);
    result.correct += best == labels[n] ? 1 : 0;
    if (gradient.empty()) continue;
    for (std::size_t j = 0; j < classes; ++j) {
      const auto p = static_cast<float>(std::exp(static_cast<double>(x[j] - top)) / sum);
      gradient[n * classes + j] = (p - (j == labels[n] ? 1.0F : 0.0F)) * share;
    }
  }
  return result;
}

}  // namespace octet::model::float32
