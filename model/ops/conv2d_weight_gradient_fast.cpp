#include <algorithm>
#include <vector>

#include "model/kernels/kernels.hpp"
#include "model/ops/conv2d_fast.hpp"
#include "model/ops/conv2d_geometry.hpp"

namespace octet::model {
namespace {

// A 16-bit gradient is two bytes, each made signed: g = 256 high + low + offset. Rows of the outer
// product are the bytes of each output channel, and one row of ones that sums the activations.
template <class Code>
struct GradientBytes {
  static constexpr int kBytes = sizeof(Code);
  static constexpr std::int32_t kOffset = kBytes == 2 ? 128 * 256 + 128 : 128;
};

constexpr int kBlock = 256;                // pixels a block, a multiple of 4
constexpr std::int64_t kFlushed = 65'536;  // 255 * 128 * 65,536 < 2^31

// Sums of one group of a slice: dw_part[o][k] holds sum of (256 high + low) x.
template <class Code>
class Accumulator {
 public:
  Accumulator(int channels, int reduction)
      : channels_(channels),
        reduction_(reduction),
        columns_((reduction + 15) / 16 * 16),
        rows_(channels * GradientBytes<Code>::kBytes + 1),
        acc_(static_cast<std::size_t>(rows_) * columns_),
        gradient_(static_cast<std::size_t>(rows_) * kBlock),
        patches_(static_cast<std::size_t>(columns_) * 4),
        packed_(static_cast<std::size_t>(columns_) * kBlock),
        activation_sum_(static_cast<std::size_t>(reduction)),
        gradient_sum_(static_cast<std::size_t>(channels)) {}

  // `count` <= kBlock output pixels from `first`; g points at their first channel of this part.
  void add(const PatchSource& source, int group, int first, int count, const Code* g,
           std::ptrdiff_t stride, std::int64_t* dw) {
    if (pending_ + kBlock > kFlushed) flush(dw);
    const int quads = (count + 3) / 4;
    for (int quad = 0; quad < quads; ++quad) {
      const int valid = std::min(4, count - 4 * quad);
      if (valid < 4) std::fill(patches_.begin(), patches_.end(), std::uint8_t{0});
      copy_patches(source, group, first + 4 * quad, valid, patches_.data(), columns_);
      const std::uint8_t* rows[4] = {patches_.data(), patches_.data() + columns_,
                                     patches_.data() + 2 * columns_,
                                     patches_.data() + 3 * columns_};
      kernels().interleave4(rows, static_cast<std::size_t>(columns_),
                            packed_.data() + std::int64_t{quad} * 4 * columns_);
    }
    split_gradient(count, g, stride);
    kernels().outer(
        {packed_.data(), columns_, quads, gradient_.data(), kBlock, rows_, acc_.data()});
    pending_ += count;
    pixels_ += count;
  }

  // Moves the 32-bit sums into dw (channels x reduction) and the activation sums.
  void flush(std::int64_t* dw) {
    for (int o = 0; o < channels_; ++o)
      for (int byte = 0; byte < GradientBytes<Code>::kBytes; ++byte) {
        const std::int64_t weight = byte == 0 ? 1 : 256;
        const std::int32_t* from = row(byte * channels_ + o);
        for (int k = 0; k < reduction_; ++k)
          dw[std::int64_t{o} * reduction_ + k] += weight * from[k];
      }
    for (int k = 0; k < reduction_; ++k)
      activation_sum_[static_cast<std::size_t>(k)] += row(rows_ - 1)[k];
    std::fill(acc_.begin(), acc_.end(), 0);
    pending_ = 0;
  }

  // Removes the offsets and both zero points.
  void finish(std::int32_t zero_g, std::int32_t zero_x, std::int64_t* dw, std::int64_t* db) {
    flush(dw);
    for (int o = 0; o < channels_; ++o) {
      const std::int64_t sum = gradient_sum_[static_cast<std::size_t>(o)];
      const std::int64_t constant = zero_x * (pixels_ * zero_g - sum);
      for (int k = 0; k < reduction_; ++k)
        dw[std::int64_t{o} * reduction_ + k] +=
            (GradientBytes<Code>::kOffset - zero_g) * activation_sum_[static_cast<std::size_t>(k)] +
            constant;
      if (db != nullptr) db[o] = sum - pixels_ * zero_g;
    }
  }

 private:
  [[nodiscard]] const std::int32_t* row(int index) const {
    return acc_.data() + std::int64_t{index} * columns_;
  }

  void split_gradient(int count, const Code* g, std::ptrdiff_t stride) {
    for (int m = 0; m < count; ++m, g += stride)
      for (int o = 0; o < channels_; ++o) {
        const int value = g[o];
        gradient_[static_cast<std::size_t>(o) * kBlock + m] =
            static_cast<std::int8_t>((value & 0xFF) - 128);
        if constexpr (GradientBytes<Code>::kBytes == 2)
          gradient_[static_cast<std::size_t>(channels_ + o) * kBlock + m] =
              static_cast<std::int8_t>((value >> 8) - 128);
        gradient_sum_[static_cast<std::size_t>(o)] += value;
      }
    std::fill_n(gradient_.begin() + static_cast<std::ptrdiff_t>(rows_ - 1) * kBlock, kBlock,
                std::int8_t{1});
  }

  int channels_, reduction_;
  std::ptrdiff_t columns_;
  int rows_;
  std::vector<std::int32_t> acc_;
  std::vector<std::int8_t> gradient_;
  std::vector<std::uint8_t> patches_, packed_;
  std::vector<std::int64_t> activation_sum_, gradient_sum_;
  std::int64_t pending_ = 0, pixels_ = 0;
};

}  // namespace

template <class Code>
void conv2d_weight_gradient_part(const ConvShape& original, const Codes<Code>& g,
                                 const Codes<std::uint8_t>& x, int first, int last,
                                 std::span<std::int64_t> dw, std::span<std::int64_t> db) {
  const ConvShape shape = flatten_pointwise(original);
  const int reduction = shape.reduction();
  const int group_out = shape.out_c / shape.groups;
  const int pixels = shape.out_h * shape.out_w;
  const std::int64_t image = std::int64_t{shape.in_h} * shape.in_w * shape.in_c;
  std::fill(dw.begin() + std::int64_t{first} * reduction,
            dw.begin() + std::int64_t{last} * reduction, 0);
  PatchSource source = forward_source(shape);
  for (int group = 0; group < shape.groups; ++group) {
    const int begin = std::max(first, group * group_out);
    const int end = std::min(last, (group + 1) * group_out);
    if (begin >= end) continue;
    Accumulator<Code> sums(end - begin, reduction);
    std::int64_t* to = dw.data() + std::int64_t{begin} * reduction;
    for (int n = 0; n < shape.batch; ++n) {
      fill_border(shape, x.q.data() + n * image, x.zero_point, source);
      for (int pixel = 0; pixel < pixels; pixel += kBlock)
        sums.add(source, group, pixel, std::min(kBlock, pixels - pixel),
                 g.q.data() + (std::int64_t{n} * pixels + pixel) * shape.out_c + begin, shape.out_c,
                 to);
    }
    sums.finish(g.zero_point, x.zero_point, to, db.empty() ? nullptr : db.data() + begin);
  }
}

template <class Code>
void conv2d_weight_gradient(const ConvShape& shape, const Codes<Code>& g,
                            const Codes<std::uint8_t>& x, std::span<std::int64_t> dw,
                            std::span<std::int64_t> db) {
  conv2d_weight_gradient_part(shape, g, x, 0, shape.out_c, dw, db);
}

template void conv2d_weight_gradient_part<std::uint8_t>(const ConvShape&,
                                                        const Codes<std::uint8_t>&,
                                                        const Codes<std::uint8_t>&, int, int,
                                                        std::span<std::int64_t>,
                                                        std::span<std::int64_t>);
template void conv2d_weight_gradient_part<std::uint16_t>(const ConvShape&,
                                                         const Codes<std::uint16_t>&,
                                                         const Codes<std::uint8_t>&, int, int,
                                                         std::span<std::int64_t>,
                                                         std::span<std::int64_t>);
template void conv2d_weight_gradient<std::uint8_t>(const ConvShape&, const Codes<std::uint8_t>&,
                                                   const Codes<std::uint8_t>&,
                                                   std::span<std::int64_t>,
                                                   std::span<std::int64_t>);
template void conv2d_weight_gradient<std::uint16_t>(const ConvShape&, const Codes<std::uint16_t>&,
                                                    const Codes<std::uint8_t>&,
                                                    std::span<std::int64_t>,
                                                    std::span<std::int64_t>);

}  // namespace octet::model
