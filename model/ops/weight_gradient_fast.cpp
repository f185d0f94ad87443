#include <algorithm>
#include <numeric>
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

constexpr int kFlushed = 16'384;  // quads whose sums fit 32 bits: 4 * 255 * 128 * 16,384 < 2^31

// Sums of some output channels of one group over images.
template <class Code>
class Accumulator {
 public:
  Accumulator(ActivationQuads& quads, int channels, WeightGradientScratch& scratch)
      : quads_(quads),
        channels_(channels),
        rows_((channels * kBytes + 15) / 16 * 16),
        images_(std::max(kernels().weight_gradient_quads / quads.quads(), 1)),
        scratch_(scratch),
        g_sums_(static_cast<std::size_t>(quads.lines()) * rows_),
        g_totals_(static_cast<std::size_t>(channels) * quads.lines()),
        x_totals_(16 * quads.columns().size()) {
    scratch_.x.resize(quads.image_bytes() * static_cast<std::size_t>(images_));
    for (int image = 0; image < images_; ++image) quads.prepare(x_slot(image));
    scratch_.g.resize(static_cast<std::size_t>(gradient_bytes()) * images_);
    // Rows that fill up a vector hold nothing, but are multiplied.
    if (rows_ != channels * kBytes) std::fill(scratch_.g.begin(), scratch_.g.end(), 0);
    scratch_.acc.resize(static_cast<std::size_t>(rows_) * width());
  }

  // One more image: its activations, and the gradient of its first pixel and channel; `more_x`
  // images and the gradients of `more_g` lie behind them.
  void add(const std::uint8_t* image, const Code* g, std::ptrdiff_t stride, int more_x, int more_g,
           std::int64_t* dw) {
    quads_.fill(image, x_slot(held_));
    std::int8_t* to = scratch_.g.data() + gradient_bytes() * held_;
    const int line = quads_.line_pixels();
    const int pixels = 4 / quads_.across() * line;  // of a line of quads
    for (int y = 0; y < quads_.lines(); ++y, to += std::ptrdiff_t{64} * quads_.line_quads())
      split({{stride, line * stride, line, quads_.across()},
             channels_,
             to,
             panel_bytes(),
             g_sums_.data() + std::ptrdiff_t{y} * rows_},
            g + std::ptrdiff_t{y} * pixels * stride);
    ++held_;
    ++summed_;
    pending_ += quads_.quads();
    if (held_ == images_) {
      const int next_x = std::min(images_, more_x), next_g = std::min(images_, more_g);
      const std::int64_t g_image = quads_.lines() * pixels * stride;
      multiply(
          {image + quads_.source_bytes(), static_cast<std::size_t>(next_x * quads_.source_bytes())},
          {g + g_image, static_cast<std::size_t>(next_g * g_image) * sizeof(Code)}, dw);
    }
    if (pending_ + quads_.quads() > kFlushed) flush(dw);
  }

  // Removes the offsets and both zero points: dw (channels x reduction); adds to db unless null.
  void finish(std::int32_t zero_g, std::int32_t zero_x, std::int64_t* dw, std::int64_t* db) {
    flush(dw);
    const std::int64_t line_pixels =
        std::int64_t{4 / quads_.across()} * quads_.line_pixels() * summed_;
    const int lines = quads_.lines();
    for (int o = 0; o < channels_; ++o) {
      const std::int64_t* totals = g_totals_.data() + std::ptrdiff_t{o} * lines;
      // Of g - zero_g over some lines.
      const auto sum = [&](int first, int last) {
        return std::accumulate(totals + first, totals + last, std::int64_t{0}) +
               (last - first) * line_pixels * (kOffset - zero_g);
      };
      const std::int64_t* x = x_totals_.data();
      for (const ActivationQuads::Row& row : quads_.rows()) {
        kernels().accumulate_scaled(x, static_cast<std::size_t>(quads_.run()), kOffset - zero_g,
                                    -zero_x * sum(row.first, row.last), dw);
        dw += quads_.run();
        x += width() / static_cast<std::ptrdiff_t>(quads_.rows().size());
      }
      if (db != nullptr) db[o] += sum(0, lines);
    }
  }

 private:
  static constexpr int kBytes = GradientBytes<Code>::kBytes;
  static constexpr std::int32_t kOffset = GradientBytes<Code>::kOffset;

  [[nodiscard]] std::uint8_t* x_slot(int image) const {
    return scratch_.x.data() + quads_.image_bytes() * static_cast<std::size_t>(image);
  }
  [[nodiscard]] std::ptrdiff_t width() const {  // of a row of sums
    return 16 * static_cast<std::ptrdiff_t>(quads_.columns().size());
  }
  // From 16 rows of an image's gradient to the next, from image to image.
  [[nodiscard]] std::ptrdiff_t panel_bytes() const { return std::ptrdiff_t{64} * quads_.quads(); }
  [[nodiscard]] std::ptrdiff_t gradient_bytes() const { return rows_ / 16 * panel_bytes(); }
  void split(const SplitGradientJob& job, const std::uint8_t* g) {
    kernels().split_gradient_u8(job, g);
  }
  void split(const SplitGradientJob& job, const std::uint16_t* g) {
    kernels().split_gradient_u16(job, g);
  }

  // The images held; one of too many pixels for 32 bits in parts.
  void multiply(const Upcoming& next_x, const Upcoming& next_g, std::int64_t* dw) {
    for (int first = 0; first < quads_.quads() && held_ > 0; first += kFlushed) {
      if (first > 0) move_products(dw);
      if (empty_) std::fill(scratch_.acc.begin(), scratch_.acc.end(), 0);
      empty_ = false;
      const int count = std::min(kFlushed, quads_.quads() - first);
      std::vector<QuadColumns> columns = quads_.columns();
      for (QuadColumns& group : columns)
        group = {group.offset + std::ptrdiff_t{64} * first,
                 std::clamp(group.first - first, 0, count),
                 std::clamp(group.last - first, 0, count)};
      WeightGradientJob job{};
      job.x = scratch_.x.data();
      job.x_image = static_cast<std::ptrdiff_t>(quads_.image_bytes());
      job.columns = columns.data();
      job.column_groups = static_cast<int>(columns.size());
      job.g = scratch_.g.data() + std::ptrdiff_t{64} * first;
      job.g_image = gradient_bytes();
      job.g_panel = panel_bytes();
      job.rows = rows_;
      job.quads = count;
      job.images = held_;
      job.acc = scratch_.acc.data();
      job.next_x = next_x;
      job.next_g = next_g;
      kernels().weight_gradient(job);
    }
    held_ = 0;
  }

  // Moves the 32-bit sums of products into dw.
  void move_products(std::int64_t* dw) {
    if (empty_) return;
    const auto per_row = width() / static_cast<std::ptrdiff_t>(quads_.rows().size());
    for (int o = 0; o < channels_; ++o)
      for (std::size_t i = 0; i < quads_.rows().size(); ++i, dw += quads_.run())
        for (int byte = 0; byte < kBytes; ++byte)
          kernels().accumulate_shifted(scratch_.acc.data() + (byte * channels_ + o) * width() +
                                           static_cast<std::ptrdiff_t>(i) * per_row,
                                       static_cast<std::size_t>(quads_.run()), 8 * byte, dw);
    empty_ = true;
  }

  // Moves all 32-bit sums into dw and the totals.
  void flush(std::int64_t* dw) {
    multiply({}, {}, dw);
    move_products(dw);
    quads_.move_sums(x_totals_);
    const int lines = quads_.lines();
    for (int y = 0; y < lines; ++y)
      for (int byte = 0; byte < kBytes; ++byte)
        for (int o = 0; o < channels_; ++o)
          g_totals_[static_cast<std::size_t>(o) * lines + y] +=
              (byte == 0 ? 1 : 256) *
              std::int64_t{g_sums_[static_cast<std::size_t>(y * rows_ + byte * channels_ + o)]};
    std::fill(g_sums_.begin(), g_sums_.end(), 0);
    pending_ = 0;
  }

  ActivationQuads& quads_;
  int channels_, rows_;
  int images_;  // of a block
  WeightGradientScratch& scratch_;
  std::vector<std::int32_t> g_sums_;    // [line][row]
  std::vector<std::int64_t> g_totals_;  // [channel][line]
  std::vector<std::int64_t> x_totals_;  // [width()]
  int held_ = 0;                        // images in the block
  bool empty_ = true;                   // no products in the 32-bit sums
  int pending_ = 0;                     // quads in the 32-bit sums
  std::int64_t summed_ = 0;             // images
};

}  // namespace

template <class Code>
void conv2d_weight_gradient_part(const ConvShape& shape, const Codes<Code>& g,
                                 const Codes<std::uint8_t>& x, int first, int last,
                                 std::span<std::int64_t> dw, std::span<std::int64_t> db) {
  static thread_local WeightGradientScratch scratch;
  const int reduction = shape.reduction();
  const int group_out = shape.out_c / shape.groups;
  for (int group = 0; group < shape.groups; ++group) {
    const int begin = std::max(first, group * group_out);
    const int end = std::min(last, (group + 1) * group_out);
    if (begin >= end) continue;
    ActivationQuads quads(shape, group, x.zero_point);
    Accumulator<Code> sums(quads, end - begin, scratch);
    std::int64_t* to = dw.data() + std::int64_t{begin} * reduction;
    const std::int64_t pixels = shape.pixels() / quads.images();
    for (int image = 0; image < quads.images(); ++image)
      sums.add(x.q.data() + image * quads.source_bytes(),
               g.q.data() + image * pixels * shape.out_c + begin, shape.out_c,
               quads.images() - image - 1, quads.images() - image - 1, to);
    sums.finish(g.zero_point, x.zero_point, to, db.empty() ? nullptr : db.data() + begin);
  }
}

template <class Code>
struct WeightGradientSum<Code>::Kept {
  ActivationQuads quads;
  Accumulator<Code> sums;
  Kept(const ConvShape& shape, std::int32_t zero_x, WeightGradientScratch& scratch)
      : quads(shape, 0, zero_x), sums(quads, shape.out_c, scratch) {}
};

template <class Code>
WeightGradientSum<Code>::WeightGradientSum(const ConvShape& shape, std::int32_t zero_g,
                                           std::int32_t zero_x, WeightGradientScratch& scratch,
                                           std::span<std::int64_t> dw, std::span<std::int64_t> db)
    : shape_(shape), zero_g_(zero_g), zero_x_(zero_x), dw_(dw), db_(db) {
  if (shape.groups != 1) return;
  kept_ = std::make_unique<Kept>(shape, zero_x, scratch);
  // A product without window takes lines that no image ends.
  if (kept_->quads.images() != shape.batch || kept_->quads.line_pixels() != shape.out_w)
    kept_.reset();
}

template <class Code>
WeightGradientSum<Code>::~WeightGradientSum() = default;

template <class Code>
void WeightGradientSum<Code>::add(int images, std::span<const Code> g,
                                  std::span<const std::uint8_t> x, int behind) {
  if (kept_ == nullptr) {
    ConvShape part = shape_;
    part.batch = images;
    return conv2d_weight_gradient_part<Code>(part, {g, zero_g_}, {x, zero_x_}, 0, shape_.out_c, dw_,
                                             db_);
  }
  const std::int64_t image_g = std::int64_t{shape_.out_h} * shape_.out_w * shape_.out_c;
  for (int image = 0; image < images; ++image)
    kept_->sums.add(x.data() + image * kept_->quads.source_bytes(), g.data() + image * image_g,
                    shape_.out_c, images - image - 1 + behind, images - image - 1, dw_.data());
}

template <class Code>
void WeightGradientSum<Code>::finish() {
  if (kept_ == nullptr) return;
  kept_->sums.finish(zero_g_, zero_x_, dw_.data(), db_.empty() ? nullptr : db_.data());
  kept_.reset();
}

template class WeightGradientSum<std::uint8_t>;
template class WeightGradientSum<std::uint16_t>;

template <class Code>
void conv2d_weight_gradient(const ConvShape& shape, const Codes<Code>& g,
                            const Codes<std::uint8_t>& x, std::span<std::int64_t> dw,
                            std::span<std::int64_t> db) {
  std::fill(dw.begin(), dw.end(), 0);
  std::fill(db.begin(), db.end(), 0);
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
