#include <algorithm>
#include <cstring>
#include <vector>

#include "common/buffer.hpp"
#include "model/kernels/kernels.hpp"
#include "model/ops/activation_quads.hpp"
#include "model/ops/conv2d_fast.hpp"

namespace octet::model {
namespace {

// A 16-bit gradient is two bytes, each made signed: g = 256 high + low + offset. Rows of the
// product are the bytes of each output channel.
template <class Code>
struct GradientBytes {
  static constexpr int kBytes = sizeof(Code);
  static constexpr std::int32_t kOffset = kBytes == 2 ? 128 * 256 + 128 : 128;
};

constexpr std::int64_t kFlushed = 65'536;        // pixels: 255 * 128 * 65,536 < 2^31
constexpr std::size_t kBlockBytes = 512 * 1024;  // operands of a block of images

// Sums of some output channels of one group over images.
template <class Code>
class Accumulator {
 public:
  Accumulator(const ActivationQuads& quads, int channels)
      : quads_(quads),
        channels_(channels),
        rows_((channels * GradientBytes<Code>::kBytes + 15) / 16 * 16),
        images_(static_cast<int>(
            std::max<std::size_t>(kBlockBytes / (quads.image_bytes() + gradient_bytes()), 1))),
        x_(scratch_x()),
        g_(scratch_g()),
        acc_(static_cast<std::size_t>(rows_) * 16 * quads.column_groups()),
        g_sums_(static_cast<std::size_t>(rows_)),
        x_total_(static_cast<std::size_t>(16) * quads.column_groups()),
        g_total_(static_cast<std::size_t>(channels)) {
    x_.resize(quads.image_bytes() * images_);
    g_.resize(gradient_bytes() * static_cast<std::size_t>(images_));
    // Rows that fill up a vector hold nothing, but are multiplied.
    if (rows_ != channels * GradientBytes<Code>::kBytes) std::fill(g_.begin(), g_.end(), 0);
  }

  // One more image: its activations, and the gradient of its first pixel and channel.
  void add(const std::uint8_t* image, const Code* g, std::ptrdiff_t stride, std::int64_t* dw) {
    quads_.fill(image, x_.data() + quads_.image_bytes() * static_cast<std::size_t>(held_),
                x_total_.data());
    std::int8_t* to = g_.data() + gradient_bytes() * static_cast<std::size_t>(held_);
    const int line = quads_.line_pixels();
    for (int y = 0; y < quads_.lines(); ++y) {
      split({stride, line, channels_, to, rows_, g_sums_.data()},
            g + std::ptrdiff_t{y} * line * stride);
      to += std::ptrdiff_t{4} * rows_ * quads_.line_quads();
    }
    ++held_;
    pixels_ += std::int64_t{quads_.lines()} * line;
    pending_ += std::int64_t{quads_.lines()} * line;
    if (held_ == images_) multiply();
    if (pending_ + std::int64_t{quads_.lines()} * line > kFlushed) flush(dw);
  }

  // Removes the offsets and both zero points: dw (channels x reduction), db unless null.
  void finish(std::int32_t zero_g, std::int32_t zero_x, std::int64_t* dw, std::int64_t* db) {
    flush(dw);
    const int reduction = quads_.reduction();
    for (int o = 0; o < channels_; ++o) {
      const std::int64_t sum =
          g_total_[static_cast<std::size_t>(o)] + pixels_ * GradientBytes<Code>::kOffset;
      const std::int64_t constant = zero_x * (pixels_ * zero_g - sum);
      kernels().accumulate_scaled(x_total_.data(), static_cast<std::size_t>(reduction),
                                  GradientBytes<Code>::kOffset - zero_g, constant,
                                  dw + std::int64_t{o} * reduction);
      if (db != nullptr) db[o] = sum - pixels_ * zero_g;
    }
  }

 private:
  // A thread's operands, kept between calls: fresh memory would cost more than its use.
  static Buffer<std::uint8_t>& scratch_x() {
    static thread_local Buffer<std::uint8_t> scratch;
    return scratch;
  }
  static Buffer<std::int8_t>& scratch_g() {
    static thread_local Buffer<std::int8_t> scratch;
    return scratch;
  }
  [[nodiscard]] std::size_t gradient_bytes() const {
    return static_cast<std::size_t>(quads_.lines()) * quads_.line_quads() * 4 * rows_;
  }
  void split(const SplitGradientJob& job, const std::uint8_t* g) {
    kernels().split_gradient_u8(job, g);
  }
  void split(const SplitGradientJob& job, const std::uint16_t* g) {
    kernels().split_gradient_u16(job, g);
  }

  void multiply() {
    WeightGradientJob job{};
    job.x = x_.data();
    job.x_quad = quads_.quad_bytes();
    job.x_image = static_cast<std::ptrdiff_t>(quads_.image_bytes());
    job.columns = quads_.columns().data();
    job.column_groups = quads_.column_groups();
    job.g = g_.data();
    job.g_image = static_cast<std::ptrdiff_t>(gradient_bytes());
    job.rows = rows_;
    job.quads = quads_.lines() * quads_.line_quads();
    job.images = held_;
    job.acc = acc_.data();
    if (held_ > 0) kernels().weight_gradient(job);
    held_ = 0;
  }

  // Moves the 32-bit sums into dw and the totals.
  void flush(std::int64_t* dw) {
    multiply();
    const int reduction = quads_.reduction();
    const std::ptrdiff_t ld = std::ptrdiff_t{16} * quads_.column_groups();
    for (int o = 0; o < channels_; ++o)
      for (int byte = 0; byte < GradientBytes<Code>::kBytes; ++byte) {
        kernels().accumulate_shifted(acc_.data() + (byte * channels_ + o) * ld,
                                     static_cast<std::size_t>(reduction), 8 * byte,
                                     dw + std::int64_t{o} * reduction);
        g_total_[static_cast<std::size_t>(o)] +=
            (byte == 0 ? 1 : 256) *
            std::int64_t{g_sums_[static_cast<std::size_t>(byte * channels_ + o)]};
      }
    std::fill(acc_.begin(), acc_.end(), 0);
    std::fill(g_sums_.begin(), g_sums_.end(), 0);
    pending_ = 0;
  }

  const ActivationQuads& quads_;
  int channels_, rows_, images_;
  Buffer<std::uint8_t>& x_;
  Buffer<std::int8_t>& g_;
  std::vector<std::int32_t> acc_, g_sums_;
  std::vector<std::int64_t> x_total_, g_total_;
  int held_ = 0;
  std::int64_t pending_ = 0, pixels_ = 0;
};

}  // namespace

template <class Code>
void conv2d_weight_gradient_part(const ConvShape& shape, const Codes<Code>& g,
                                 const Codes<std::uint8_t>& x, int first, int last,
                                 std::span<std::int64_t> dw, std::span<std::int64_t> db) {
  const int reduction = shape.reduction();
  const int group_out = shape.out_c / shape.groups;
  std::fill(dw.begin() + std::int64_t{first} * reduction,
            dw.begin() + std::int64_t{last} * reduction, 0);
  for (int group = 0; group < shape.groups; ++group) {
    const int begin = std::max(first, group * group_out);
    const int end = std::min(last, (group + 1) * group_out);
    if (begin >= end) continue;
    const ActivationQuads quads(shape, group, x.zero_point);
    Accumulator<Code> sums(quads, end - begin);
    std::int64_t* to = dw.data() + std::int64_t{begin} * reduction;
    for (int image = 0; image < quads.images(); ++image)
      sums.add(x.q.data() + image * quads.source_bytes(),
               g.q.data() +
                   std::int64_t{image} * quads.lines() * quads.line_pixels() * shape.out_c + begin,
               shape.out_c, to);
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
