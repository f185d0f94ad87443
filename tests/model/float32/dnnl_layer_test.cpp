#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <memory>
#include <random>
#include <span>
#include <vector>

#include "model/float32/dnnl_convolution.hpp"
#include "model/float32/dnnl_product.hpp"

namespace octet::model::float32 {
namespace {

// Visits (x, w, y) flat indices of every product of a convolution: the definition.
void each_product(const ConvShape& s,
                  const std::function<void(std::size_t, std::size_t, std::size_t)>& visit) {
  const int in_group = s.in_c / s.groups;
  const int out_group = s.out_c / s.groups;
  for (int n = 0; n < s.batch; ++n)
    for (int y = 0; y < s.out_h; ++y)
      for (int x = 0; x < s.out_w; ++x)
        for (int o = 0; o < s.out_c; ++o)
          for (int i = 0; i < s.kernel_h; ++i)
            for (int j = 0; j < s.kernel_w; ++j)
              for (int c = 0; c < in_group; ++c) {
                const int v = y * s.stride_h + i * s.dilation_h - s.pad_h;
                const int u = x * s.stride_w + j * s.dilation_w - s.pad_w;
                if (v < 0 || v >= s.in_h || u < 0 || u >= s.in_w) continue;
                const int channel = o / out_group * in_group + c;
                visit(((n * s.in_h + v) * s.in_w + u) * s.in_c + channel,
                      ((o * s.kernel_h + i) * s.kernel_w + j) * in_group + c,
                      ((n * s.out_h + y) * s.out_w + x) * s.out_c + o);
              }
}

std::vector<float> random_values(std::int64_t count, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> uniform(-1, 1);
  std::vector<float> values(static_cast<std::size_t>(count));
  for (float& value : values) value = uniform(random);
  return values;
}

// A float32 sum of `terms` products below 1 errs by about the root of terms units of 2^-24 times
// its own size, again about the root of terms: four times that is the bound. One product too many,
// too few or misplaced errs by a few tenths.
void expect_close(const std::vector<float>& found, const std::vector<double>& expected,
                  double terms) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i)
    ASSERT_NEAR(found[i], expected[i], terms * 0x1p-22 + 1e-6) << "element " << i;
}

int positions(int size, int kernel, int stride, int pad, int dilation) {
  return (size + 2 * pad - dilation * (kernel - 1) - 1) / stride + 1;
}

struct Case {
  const char* name;
  ConvShape shape;
};

ConvShape conv(int batch, int h, int w, int in, int out, int kernel_h, int kernel_w, int stride_h,
               int stride_w, int pad_h, int pad_w, int dilation_h, int dilation_w, int groups) {
  return {batch,
          h,
          w,
          in,
          positions(h, kernel_h, stride_h, pad_h, dilation_h),
          positions(w, kernel_w, stride_w, pad_w, dilation_w),
          out,
          kernel_h,
          kernel_w,
          stride_h,
          stride_w,
          pad_h,
          pad_w,
          dilation_h,
          dilation_w,
          groups};
}

ConvShape product(int batch, int in, int out) {
  ConvShape s;
  s.batch = batch;
  s.in_c = in;
  s.out_c = out;
  return s;
}

// Either kind of layer on a whole batch, the slices of a convolution on two threads.
class Layer {
 public:
  Layer(const ConvShape& s, bool bias, bool data_gradient) : slices_(s.batch) {
    if (s.in_h == 1)
      product_ = {s.batch, s.in_c, s.out_c};
    else
      convolution_ = std::make_unique<DnnlConvolution>(s, slices_, bias, data_gradient);
  }
  void forward(std::span<const float> x, std::span<const float> w, std::span<const float> bias,
               std::span<float> y) {
    if (!convolution_) return product_.forward(x, w, bias, pool_, y);
    convolution_->pack(w);
    run([&](const Slice& slice) {
      convolution_->forward(slice, part(x, slices_, slice), bias, part(y, slices_, slice));
    });
  }
  void data_gradient(std::span<const float> dy, std::span<const float> w, std::span<float> dx) {
    if (!convolution_) return product_.data_gradient(dy, w, false, pool_, dx);
    run([&](const Slice& slice) {
      convolution_->data_gradient(slice, part(dy, slices_, slice), part(dx, slices_, slice));
    });
  }
  void weight_gradient(std::span<const float> x, std::span<const float> dy, std::span<float> dw,
                       std::span<float> db) {
    if (!convolution_) return product_.weight_gradient(x, dy, pool_, dw, db);
    run([&](const Slice& slice) {
      convolution_->weight_gradient(slice, part(x, slices_, slice), part(dy, slices_, slice));
    });
    convolution_->sum_weight_gradient(dw, db);
  }

 private:
  void run(const SliceQueue::Work& work) {
    SliceQueue queue;
    queue.add(work);
    queue.run(slices_, slices_.count(), pool_);
  }

  ThreadPool pool_{2};
  Slices slices_;
  DnnlProduct product_;
  std::unique_ptr<DnnlConvolution> convolution_;
};

class DnnlLayerTest : public ::testing::TestWithParam<Case> {};

TEST_P(DnnlLayerTest, AllThreeProductsAreTheDefinition) {
  const ConvShape& s = GetParam().shape;
  const auto x = random_values(s.in_elements(), 1);
  const auto w = random_values(s.weights(), 2);
  const auto dy = random_values(s.out_elements(), 3);
  const auto bias = random_values(s.out_c, 4);
  std::vector<double> y(dy.size());
  std::vector<double> dx(x.size());
  std::vector<double> dw(w.size());
  std::vector<double> db(bias.size());
  for (std::size_t i = 0; i < y.size(); ++i) {
    y[i] = bias[i % bias.size()];
    db[i % bias.size()] += dy[i];
  }
  each_product(s, [&](std::size_t xi, std::size_t wi, std::size_t yi) {
    y[yi] += static_cast<double>(x[xi]) * w[wi];
    dx[xi] += static_cast<double>(dy[yi]) * w[wi];
    dw[wi] += static_cast<double>(dy[yi]) * x[xi];
  });
  Layer layer(s, true, true);
  for (int repeat = 0; repeat < 2; ++repeat) {
    std::vector<float> out(y.size(), 99.0F);
    layer.forward(x, w, bias, out);
    expect_close(out, y, s.reduction() + 1);
    std::vector<float> data(dx.size(), 99.0F);
    layer.data_gradient(dy, w, data);
    expect_close(data, dx, s.kernel_h * s.kernel_w * (s.out_c / s.groups));
    std::vector<float> weight(dw.size(), 99.0F);
    std::vector<float> sums(db.size(), 99.0F);
    layer.weight_gradient(x, dy, weight, sums);
    expect_close(weight, dw, static_cast<double>(s.pixels()));
    expect_close(sums, db, static_cast<double>(s.pixels()));
  }
  // Without a bias, and without a data gradient, the rest is the same.
  Layer plain(s, false, false);
  std::vector<float> out(y.size());
  plain.forward(x, w, {}, out);
  for (std::size_t i = 0; i < y.size(); ++i) y[i] -= bias[i % bias.size()];
  expect_close(out, y, s.reduction());
  std::vector<float> weight(dw.size());
  plain.weight_gradient(x, dy, weight, {});
  expect_close(weight, dw, static_cast<double>(s.pixels()));
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, DnnlLayerTest,
    ::testing::Values(
        Case{"first_layer", conv(3, 28, 28, 1, 32, 5, 5, 1, 1, 2, 2, 1, 1, 1)},
        Case{"uneven_slices", conv(19, 7, 9, 16, 16, 3, 3, 1, 1, 1, 1, 1, 1, 1)},
        Case{"wide", conv(2, 14, 14, 32, 64, 5, 5, 1, 1, 2, 2, 1, 1, 1)},
        Case{"odd_channels", conv(2, 7, 9, 3, 5, 3, 3, 1, 1, 1, 1, 1, 1, 1)},
        Case{"rectangles", conv(2, 11, 6, 4, 7, 3, 2, 2, 1, 1, 0, 1, 1, 1)},
        Case{"stride_leaves_a_rest", conv(1, 8, 8, 16, 16, 3, 3, 2, 3, 1, 1, 1, 1, 1)},
        Case{"dilation", conv(2, 12, 10, 5, 6, 3, 3, 1, 2, 2, 2, 2, 3, 1)},
        Case{"groups", conv(2, 9, 9, 6, 9, 3, 3, 1, 1, 1, 1, 1, 1, 3)},
        Case{"wide_groups", conv(2, 8, 8, 32, 32, 3, 3, 2, 2, 1, 1, 1, 1, 2)},
        Case{"depthwise", conv(2, 10, 10, 20, 20, 3, 3, 1, 1, 1, 1, 1, 1, 20)},
        Case{"grouped_dilated_strided", conv(1, 13, 11, 8, 4, 3, 3, 2, 2, 3, 3, 2, 2, 4)},
        Case{"one_by_one", conv(2, 5, 5, 17, 33, 1, 1, 1, 1, 0, 0, 1, 1, 1)},
        Case{"big_padding", conv(1, 3, 3, 2, 3, 3, 3, 1, 1, 3, 3, 1, 1, 1)},
        Case{"fully_connected", product(5, 37, 11)},
        Case{"fully_connected_wide", product(128, 3136, 10)}),
    [](const auto& kind) { return kind.param.name; });

TEST(DnnlProduct, DataGradientIsAddedWhereAskedFor) {
  const DnnlProduct layer = {3, 70, 5};
  const auto w = random_values(350, 5);
  const auto dy = random_values(15, 6);
  ThreadPool pool(2);
  std::vector<float> once(210);
  layer.data_gradient(dy, w, false, pool, once);
  std::vector<float> twice = once;
  layer.data_gradient(dy, w, true, pool, twice);
  for (std::size_t i = 0; i < once.size(); ++i) EXPECT_NEAR(twice[i], 2 * once[i], 1e-5);
}

}  // namespace
}  // namespace octet::model::float32
