#include "model/ops/conv2d_fast.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <vector>

#include "common/buffer.hpp"
#include "model/kernels/kernels.hpp"

namespace octet::model {
namespace {

constexpr int kLinePixels = 128;  // of a line plan at a time

// One bordered image (or piece of a line) and what its sums need.
class Source {
 public:
  Source(const ConvPlan& plan, std::int32_t zero_point)
      : plan_(plan), zero_point_(zero_point), width_(plan.line ? kLinePixels : plan.width) {
    const std::size_t pixels = static_cast<std::size_t>(plan.height) * width_;
    // The border is written here, once.
    bytes_.assign(pixels * plan.channels + static_cast<std::size_t>(plan.slack),
                  static_cast<std::uint8_t>(zero_point));
    pixel_sums_.resize(pixels);
    line_sums_.resize(pixels);
    row_terms_.resize(pixels);
  }

  void fill(const std::uint8_t* image) { copy_inside(plan_, image, bytes_.data()); }
  void fill_line(const std::uint8_t* pixels, int count) {
    std::memcpy(bytes_.data(), pixels, static_cast<std::size_t>(count) * plan_.channels);
  }
  void sum_pixels(int group, int pixels) {
    const int depth = plan_.channels / plan_.groups;
    kernels().row_sums(bytes_.data() + group * depth, plan_.channels, pixels, depth,
                       pixel_sums_.data());
  }
  // row_terms()[i] = -zero_b times the sum of the window that begins at bordered pixel i, for each
  // window of the phase and the pixels between: whole lines without ends are quicker than some of
  // their pixels. Along the lines first, then across them.
  void window_sums(const ConvPhase& phase, int columns, std::int32_t zero_b) {
    const int count =
        ((phase.rows - 1) * plan_.stride_h) * width_ + (columns - 1) * plan_.stride_w + 1;
    const int reach = phase.tap_rows.empty() ? 0
                                             : width_ * *std::max_element(phase.tap_rows.begin(),
                                                                          phase.tap_rows.end());
    offsets_.assign(phase.tap_columns.begin(), phase.tap_columns.end());
    kernels().window_sums(pixel_sums_.data(), offsets_.data(), static_cast<int>(offsets_.size()),
                          count + reach, 1, line_sums_.data());
    offsets_.clear();
    for (const int row : phase.tap_rows) offsets_.push_back(std::ptrdiff_t{row} * width_);
    kernels().window_sums(line_sums_.data(), offsets_.data(), static_cast<int>(offsets_.size()),
                          count, -zero_b, row_terms_.data());
  }

  [[nodiscard]] const std::uint8_t* bytes() const { return bytes_.data(); }
  [[nodiscard]] const std::int32_t* row_terms() const { return row_terms_.data(); }
  [[nodiscard]] int width() const { return width_; }
  [[nodiscard]] std::int32_t zero_point() const { return zero_point_; }

 private:
  const ConvPlan& plan_;
  std::int32_t zero_point_;
  int width_;
  Buffer<std::uint8_t> bytes_;
  Buffer<std::int32_t> pixel_sums_, line_sums_, row_terms_;
  std::vector<std::ptrdiff_t> offsets_;
};

// -zero_a sum_k b + K zero_a zero_b + bias of the columns from `first` on, modulo 2^32.
void column_terms(const PackedMatrix& b, std::int32_t zero_a, std::span<const std::int32_t> bias,
                  int first, std::int32_t* terms) {
  const int count = b.valid(first);
  for (int n = 0; n < PackedMatrix::kBlockColumns; ++n) {
    const std::int64_t term =
        -std::int64_t{zero_a} * b.column_sum[static_cast<std::size_t>(first + n)] +
        std::int64_t{b.reduction} * zero_a * b.zero_point +
        (bias.empty() || n >= count ? 0 : bias[static_cast<std::size_t>(first + n)]);
    terms[n] = static_cast<std::int32_t>(static_cast<std::uint32_t>(term));
  }
}

// One phase of one group: `columns` pixels a line.
void run_phase(const ConvPlan& plan, const ConvPhase& phase, int group, int columns,
               const Source& source, std::span<const std::int32_t> bias,
               std::vector<std::int32_t>& terms, const std::uint8_t* mask, std::int32_t mask_zero,
               Upcoming next, std::int32_t* out, Extremes& extremes) {
  const PackedMatrix& b = phase.weights[static_cast<std::size_t>(group)];
  const std::ptrdiff_t channels = plan.channels;
  // The same for all images.
  if (terms.empty()) {
    terms.resize(b.block_offset.size() * PackedMatrix::kBlockColumns);
    for (std::size_t block = 0; block < b.block_offset.size(); ++block) {
      const std::size_t first = block * PackedMatrix::kBlockColumns;
      column_terms(b, source.zero_point(), bias, static_cast<int>(first), terms.data() + first);
    }
  }
  const std::ptrdiff_t at =
      (std::ptrdiff_t{phase.first_row} * plan.out_w + phase.first_column) * plan.out_c +
      std::ptrdiff_t{group} * b.columns;
  for (std::size_t block = 0; block < b.block_offset.size(); ++block) {
    const int first = static_cast<int>(block) * PackedMatrix::kBlockColumns;
    ConvJob job{};
    job.a = source.bytes() + group * (channels / plan.groups);
    job.pixel_stride = plan.stride_w * channels;
    job.line_stride = plan.stride_h * source.width() * channels;
    job.pixels = columns;
    job.lines = phase.rows;
    job.runs = phase.runs.data();
    job.run_count = static_cast<int>(phase.runs.size());
    job.k4 = phase.k4;
    job.chunk_k4 = phase.chunk_k4;
    job.taps = phase.taps;
    job.tap_k4 = phase.tap_k4;
    job.b = b.data.data() + b.block_offset[block];
    job.vectors = b.vectors(first);
    job.columns = b.valid(first);
    job.c = out + at + first;
    job.pixel_step = std::ptrdiff_t{plan.step_w} * plan.out_c;
    job.line_step = std::ptrdiff_t{plan.step_h} * plan.out_w * plan.out_c;
    job.row_term = source.row_terms();
    job.row_pixel = plan.stride_w;
    job.row_line = std::ptrdiff_t{plan.stride_h} * source.width();
    job.col_term = terms.data() + first;
    job.mask = mask == nullptr ? nullptr : mask + at + first;
    job.mask_zero = mask_zero;
    job.low = &extremes.low;
    job.high = &extremes.high;
    job.next = next;
    next = {};
    kernels().conv(job);
  }
}

}  // namespace

Extremes conv2d_planned(const ConvPlan& plan, int images, const Codes<std::uint8_t>& x,
                        std::span<const std::int32_t> bias, const ConvMask& mask,
                        std::span<std::int32_t> out) {
  Extremes extremes{std::numeric_limits<std::int32_t>::max(),
                    std::numeric_limits<std::int32_t>::min()};
  Source source(plan, x.zero_point);
  // Of each group's phases; made for the first image.
  std::vector<std::vector<std::int32_t>> terms(static_cast<std::size_t>(plan.groups) *
                                               plan.phases.size());
  // In a line plan an "image" is a piece of the slice's pixels.
  const int pixels = plan.line ? images * plan.out_w : 0;
  const int pieces = plan.line ? (pixels + kLinePixels - 1) / kLinePixels : images;
  const std::ptrdiff_t in =
      std::ptrdiff_t{plan.channels} * (plan.line ? kLinePixels : plan.source_h * plan.source_w);
  const std::ptrdiff_t size =
      std::ptrdiff_t{plan.out_c} * (plan.line ? kLinePixels : plan.out_h * plan.out_w);
  for (int piece = 0; piece < pieces; ++piece) {
    const int line = std::min(kLinePixels, pixels - piece * kLinePixels);
    if (plan.line)
      source.fill_line(x.q.data() + piece * in, line);
    else
      source.fill(x.q.data() + piece * in);
    // The next image is fetched during the first product of this one.
    Upcoming next{};
    if (!plan.line && piece + 1 < pieces)
      next = {x.q.data() + (piece + 1) * in, static_cast<std::size_t>(in)};
    auto of_phase = terms.begin();
    for (int group = 0; group < plan.groups; ++group) {
      source.sum_pixels(group, plan.line ? line : plan.height * plan.width);
      for (const ConvPhase& phase : plan.phases) {
        const int columns = plan.line ? line : phase.columns;
        const PackedMatrix& b = phase.weights[static_cast<std::size_t>(group)];
        source.window_sums(phase, columns, b.zero_point);
        const auto part = bias.empty() ? bias
                                       : bias.subspan(static_cast<std::size_t>(group) * b.columns,
                                                      static_cast<std::size_t>(b.columns));
        run_phase(plan, phase, group, columns, source, part, *of_phase++,
                  mask.codes.empty() ? nullptr : mask.codes.data() + piece * size, mask.zero_point,
                  next, out.data() + piece * size, extremes);
        next = {};
      }
    }
  }
  return extremes.low > extremes.high ? Extremes{} : extremes;
}

void conv2d_forward(const ConvShape& shape, const Codes<std::uint8_t>& x,
                    const Codes<std::uint8_t>& w, std::span<const std::int32_t> bias,
                    std::span<std::int32_t> out) {
  static_cast<void>(conv2d_planned(plan_forward(shape, w), shape.batch, x, bias, {}, out));
}

void conv2d_data_gradient(const ConvShape& shape, const Codes<std::uint8_t>& g,
                          const Codes<std::uint8_t>& w, std::span<std::int32_t> dx) {
  static_cast<void>(conv2d_planned(plan_data_gradient(shape, w), shape.batch, g, {}, {}, dx));
}

}  // namespace octet::model
