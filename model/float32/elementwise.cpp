#include "model/float32/elementwise.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace octet::model::float32 {
namespace {

constexpr std::int64_t kGrain = 4096;  // elements

// body(i) for every element; each writes its own only.
template <class Body>
void each(std::size_t count, ThreadPool& pool, const Body& body) {
  pool.split(
      static_cast<std::int64_t>(count), kGrain, [&](std::int64_t begin, std::int64_t end, int) {
        for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i)
          body(i);
      });
}

}  // namespace

void input_forward(std::span<const std::uint8_t> pixels, float mean, float deviation,
                   ThreadPool& pool, std::span<float> y) {
  std::array<float, 256> real{};
  for (int pixel = 0; pixel < 256; ++pixel)
    real[static_cast<std::size_t>(pixel)] = (static_cast<float>(pixel) / 255.0F - mean) / deviation;
  each(pixels.size(), pool, [&, out = y.data()](std::size_t i) { out[i] = real[pixels[i]]; });
}

void relu_forward(std::span<const float> x, ThreadPool& pool, std::span<float> y) {
  each(x.size(), pool,
       [in = x.data(), out = y.data()](std::size_t i) { out[i] = in[i] > 0.0F ? in[i] : 0.0F; });
}

void relu_backward(std::span<const float> dy, std::span<const float> y, ThreadPool& pool,
                   std::span<float> dx) {
  each(dy.size(), pool, [in = dy.data(), value = y.data(), out = dx.data()](std::size_t i) {
    out[i] = value[i] > 0.0F ? in[i] : 0.0F;
  });
}

void add(std::span<const float> a, std::span<const float> b, ThreadPool& pool, std::span<float> y) {
  each(y.size(), pool,
       [p = a.data(), q = b.data(), out = y.data()](std::size_t i) { out[i] = p[i] + q[i]; });
}

void accumulate(std::span<const float> x, ThreadPool& pool, std::span<float> y) {
  each(y.size(), pool, [in = x.data(), out = y.data()](std::size_t i) { out[i] += in[i]; });
}

void copy(std::span<const float> x, ThreadPool& pool, std::span<float> y) {
  each(y.size(), pool, [in = x.data(), out = y.data()](std::size_t i) { out[i] = in[i]; });
}

void shortcut_forward(const ShortcutShape& shape, std::span<const float> x, ThreadPool& pool,
                      std::span<float> y) {
  ShortcutShape image = shape;
  image.batch = 1;
  const std::size_t in = x.size() / static_cast<std::size_t>(shape.batch);
  const std::size_t out = y.size() / static_cast<std::size_t>(shape.batch);
  pool.run(shape.batch, [&](int n) {
    const auto i = static_cast<std::size_t>(n);
    model::shortcut_forward(image, x.subspan(i * in, in), 0.0F, y.subspan(i * out, out));
  });
}

void shortcut_backward(const ShortcutShape& shape, std::span<const float> dy, ThreadPool& pool,
                       std::span<float> dx) {
  ShortcutShape image = shape;
  image.batch = 1;
  const std::size_t in = dx.size() / static_cast<std::size_t>(shape.batch);
  const std::size_t out = dy.size() / static_cast<std::size_t>(shape.batch);
  pool.run(shape.batch, [&](int n) {
    const auto i = static_cast<std::size_t>(n);
    model::shortcut_backward(image, dy.subspan(i * out, out), dx.subspan(i * in, in));
  });
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
