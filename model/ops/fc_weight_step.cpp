#include <algorithm>

#include "model/kernels/kernels.hpp"
#include "model/ops/fully_connected.hpp"

namespace octet::model {
namespace {

// Images whose sums fit 32 bits: 128 * 255 * 65,535 < 2^31. More go in parts, joined in 64 bits.
constexpr int kPartImages = 128;
constexpr int kColumns = 128;  // of a tile: its activations, 32 KiB as pairs, stay in the cache
constexpr int kRows = 4;       // of a tile
constexpr int kAhead = 8;      // rows between what is read ahead and what is updated

template <class Code>
constexpr std::int32_t kOffset = sizeof(Code) == 2 ? 32768 : 0;  // makes a gradient code signed

int pairs_of(int images) { return (images + 1) / 2; }
int groups_of(const FcShape& shape) { return (shape.outputs + kRows - 1) / kRows; }

void pair_gradients(const GradientPairJob& job, const std::uint8_t* first,
                    const std::uint8_t* second) {
  kernels().gradient_pairs_u8(job, first, second);
}
void pair_gradients(const GradientPairJob& job, const std::uint16_t* first,
                    const std::uint16_t* second) {
  kernels().gradient_pairs_u16(job, first, second);
}

}  // namespace

template <class Code>
FcWeightStep<Code>::FcWeightStep(const FcShape& shape, const Codes<Code>& g)
    : shape_(shape),
      zero_g_(g.zero_point),
      bias_gradient_(static_cast<std::size_t>(shape.outputs)) {
  const std::ptrdiff_t group = std::ptrdiff_t{2} * kRows;  // elements of a pair
  std::ptrdiff_t size = 0;
  for (int from = 0; from < shape.batch; from += kPartImages)
    size += pairs_of(std::min(kPartImages, shape.batch - from)) * group * groups_of(shape);
  g_.resize(static_cast<std::size_t>(size));
  std::int16_t* to = g_.data();
  std::vector<std::int32_t> sums(bias_gradient_.size());
  for (int from = 0; from < shape.batch; from += kPartImages) {
    const int images = std::min(kPartImages, shape.batch - from);
    const std::ptrdiff_t step = pairs_of(images) * group;
    std::fill(sums.begin(), sums.end(), 0);
    for (int n = 0; n < images; n += 2) {
      const Code* first = g.q.data() + std::ptrdiff_t{from + n} * shape.outputs;
      pair_gradients({shape.outputs, kOffset<Code>, to + n / 2 * group, step, sums.data()}, first,
                     n + 1 < images ? first + shape.outputs : nullptr);
    }
    for (std::size_t o = 0; o < sums.size(); ++o)
      bias_gradient_[o] += sums[o] + std::int64_t{images} * (kOffset<Code> - zero_g_);
    to += step * groups_of(shape);
  }
}

// Activations of some columns as pairs, and the gradient of one tile after the other.
template <class Code>
class FcWeightStep<Code>::Columns {
 public:
  Columns(const FcWeightStep& step, const Codes<std::uint8_t>& x)
      : step_(step), x_(x), wide_(step.shape_.batch > kPartImages) {
    pairs_.resize(static_cast<std::size_t>(pairs_of(step.shape_.batch)) * 2 * kColumns);
    if (wide_) totals_.resize(static_cast<std::size_t>(kRows) * kColumns);
  }

  // Columns [first, first + count).
  void fill(int first, int count) {
    count_ = count;
    width_ = (count + 15) / 16 * 16;
    if (width_ != count) std::fill(pairs_.begin(), pairs_.end(), 0);
    std::fill_n(sums_, count, 0);
    const FcShape& shape = step_.shape_;
    std::int16_t* to = pairs_.data();
    for (int n = 0; n < shape.batch; n += 2, to += std::ptrdiff_t{2} * width_) {
      const std::uint8_t* images = x_.q.data() + std::ptrdiff_t{n} * shape.inputs + first;
      kernels().column_pairs({images, n + 1 < shape.batch ? images + shape.inputs : nullptr,
                              x_.zero_point, count, to, sums_});
    }
    // sum (g - z_g)(x - z_x) = sum (g - offset)(x - z_x) + (offset - z_g) sum (x - z_x).
    for (int c = 0; c < count; ++c) {
      wide_term_[c] = std::int64_t{kOffset<Code> - step_.zero_g_} * sums_[c];
      term_[c] = static_cast<std::int32_t>(static_cast<std::uint32_t>(wide_term_[c]));
    }
  }

  // The gradient of outputs 4 group .. 4 group + 3: f32(sum) scale, to [4][kColumns].
  void gradient(int group, float scale, float* to) {
    const FcShape& shape = step_.shape_;
    const std::int16_t* g = step_.g_.data();
    const std::int16_t* x = pairs_.data();
    std::fill(totals_.begin(), totals_.end(), 0);
    for (int from = 0; from < shape.batch; from += kPartImages) {
      const int pairs = pairs_of(std::min(kPartImages, shape.batch - from));
      const std::ptrdiff_t step = std::ptrdiff_t{2} * kRows * pairs;
      kernels().pair_products({g + group * step, x, pairs, width_, tile_});
      if (wide_)
        kernels().accumulate_shifted(tile_, static_cast<std::size_t>(kRows) * width_, 0,
                                     totals_.data());
      g += step * groups_of(shape);
      x += std::ptrdiff_t{2} * width_ * pairs;
    }
    const auto count = static_cast<std::size_t>(count_);
    for (int row = 0; row < kRows; ++row) {
      float* floats = to + std::ptrdiff_t{row} * kColumns;
      if (wide_) {
        std::int64_t* totals = totals_.data() + std::ptrdiff_t{row} * width_;
        for (int c = 0; c < count_; ++c) totals[c] += wide_term_[c];
        kernels().wide_sums_to_floats(totals, count, scale, floats);
      } else {
        kernels().sums_to_floats(tile_ + std::ptrdiff_t{row} * width_, term_, count, scale, floats);
      }
    }
  }

 private:
  const FcWeightStep& step_;
  const Codes<std::uint8_t>& x_;
  bool wide_;
  int count_ = 0, width_ = 0;
  Buffer<std::int16_t> pairs_;  // [pair of images][width][2]
  std::vector<std::int64_t> totals_;
  alignas(64) std::int32_t tile_[kRows * kColumns];
  alignas(64) std::int32_t term_[kColumns];
  alignas(64) std::int32_t sums_[kColumns];
  std::int64_t wide_term_[kColumns];
};

template <class Code>
void FcWeightStep<Code>::run(const Codes<std::uint8_t>& x, float scale, const SgdRates& rates,
                             int first, int last, std::span<float> velocity,
                             std::span<float> weight, Range& range) const {
  Columns columns(*this, x);
  alignas(64) float gradient[kRows * kColumns];
  const std::ptrdiff_t inputs = shape_.inputs;
  SgdJob job = sgd_job(rates, range);
  job.gradient = gradient;
  job.gradient_step = kColumns;
  job.step = inputs;
  for (int at = first; at < last; at += kColumns) {
    const int count = std::min(kColumns, last - at);
    job.count = static_cast<std::size_t>(count);
    columns.fill(at, count);
    for (int row = 0; row < shape_.outputs; row += kRows) {
      // Reads ahead: rows of a tile are too short for the processor to see where they lead. In the
      // loop itself, since g++ 12 drops calls of a function that does nothing else.
      for (int o = row + kAhead; o < std::min(row + kAhead + kRows, shape_.outputs); ++o)
        for (int c = 0; c < count; c += 16) {
          __builtin_prefetch(weight.data() + o * inputs + at + c);
          __builtin_prefetch(velocity.data() + o * inputs + at + c);
        }
      columns.gradient(row / kRows, scale, gradient);
      job.rows = std::min(kRows, shape_.outputs - row);
      job.velocity = velocity.data() + row * inputs + at;
      job.weight = weight.data() + row * inputs + at;
      kernels().sgd(job);
    }
  }
}

template class FcWeightStep<std::uint8_t>;
template class FcWeightStep<std::uint16_t>;

}  // namespace octet::model
