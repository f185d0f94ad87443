#include "model/ops/conv2d_plan.hpp"

#include <algorithm>
#include <cstring>

namespace octet::model {
namespace {

constexpr int kFewPixels = 64;  // images below this size are computed as one line

// One dimension of a window: where each tap lies and which kernel index it is.
struct LineTap {
  int offset, kernel;
};

// Taps of the outputs `phase`, phase + stride, ... of a transposed convolution, by rising offset.
std::vector<LineTap> transposed_taps(int phase, int kernel, int stride, int dilation, int pad) {
  std::vector<LineTap> taps;
  for (int i = kernel - 1; i >= 0; --i) {
    const int at = phase + pad - i * dilation;
    if (((at % stride) + stride) % stride == 0) taps.push_back({at / stride, i});
  }
  return taps;
}

bool neighbours(const std::vector<LineTap>& taps) {
  for (std::size_t i = 1; i < taps.size(); ++i)
    if (taps[i].offset != taps[i - 1].offset + 1) return false;
  return true;
}

// The source of the weights of one tap: offset of (kernel row, kernel column, channel 0), the
// distance between the tap's channels, and between the product's columns.
struct WeightSource {
  std::int64_t group, tap, channel, column;
  int columns;
};

// Completes a phase whose taps are rows x columns: runs, and packed weights of every group.
void finish_phase(ConvPlan& plan, ConvPhase& phase, const std::vector<LineTap>& rows,
                  const std::vector<LineTap>& columns, int kernel_w, const WeightSource& source,
                  const Codes<std::uint8_t>& w) {
  const int depth = plan.channels / plan.groups;
  // Neighbouring taps are neighbours in memory too, if a tap is all of a pixel.
  const bool merged = plan.groups == 1 && neighbours(columns);
  const int taps_a_run = merged ? static_cast<int>(columns.size()) : 1;
  const int run = taps_a_run * depth;
  const int quads = (run + 3) / 4;
  const bool shared = merged && depth % 4 == 0 && plan.stride_w == 1;
  phase.taps = shared ? taps_a_run : 1;
  phase.tap_k4 = shared ? depth / 4 : quads;
  const int chunks = std::max((quads + 15) / 16, 1);
  phase.chunk_k4 = std::max((quads + chunks - 1) / chunks, 1);
  phase.k4 = phase.chunk_k4 * chunks;
  plan.slack = std::max<std::ptrdiff_t>(plan.slack, std::ptrdiff_t{4} * phase.k4 + 64);

  for (const LineTap& row : rows) phase.tap_rows.push_back(row.offset + plan.top);
  for (const LineTap& column : columns) phase.tap_columns.push_back(column.offset + plan.left);
  std::vector<std::int64_t> offsets;  // of one group
  offsets.reserve(rows.size() * (merged ? 1 : columns.size()) * 4 *
                  static_cast<std::size_t>(phase.k4));
  for (const LineTap& row : rows)
    for (std::size_t j = 0; j < columns.size(); ++j) {
      if (j % static_cast<std::size_t>(taps_a_run) == 0) {
        offsets.resize(phase.runs.size() * 4 * static_cast<std::size_t>(phase.k4), -1);
        phase.runs.push_back(
            (std::ptrdiff_t{row.offset + plan.top} * plan.width + columns[j].offset + plan.left) *
            plan.channels);
      }
      for (int c = 0; c < depth; ++c)
        offsets.push_back((std::int64_t{row.kernel} * kernel_w + columns[j].kernel) * source.tap +
                          c * source.channel);
    }
  offsets.resize(phase.runs.size() * 4 * static_cast<std::size_t>(phase.k4), -1);
  for (int group = 0; group < plan.groups; ++group) {
    phase.weights.push_back(pack_matrix(w.q, offsets, source.column, source.columns, w.zero_point));
    for (std::int64_t& offset : offsets)
      if (offset >= 0) offset += source.group;
  }
}

bool is_line(const ConvShape& s) {
  return s.kernel_h == 1 && s.kernel_w == 1 && s.stride_h == 1 && s.stride_w == 1 && s.pad_h == 0 &&
         s.pad_w == 0 && s.in_h * s.in_w < kFewPixels;
}

// The shape with each image as one line of pixels.
ConvShape one_line(ConvShape s) {
  s.in_w = s.out_w = s.in_h * s.in_w;
  s.in_h = s.out_h = 1;
  return s;
}

}  // namespace

ConvPlan plan_forward(const ConvShape& original, const Codes<std::uint8_t>& w) {
  ConvPlan plan;
  plan.line = is_line(original);
  const ConvShape s = plan.line ? one_line(original) : original;
  plan.source_h = s.in_h;
  plan.source_w = s.in_w;
  plan.channels = s.in_c;
  plan.height = s.in_h + 2 * s.pad_h;
  plan.width = s.in_w + 2 * s.pad_w;
  plan.stride_h = s.stride_h;
  plan.stride_w = s.stride_w;
  plan.out_h = s.out_h;
  plan.out_w = s.out_w;
  plan.out_c = s.out_c;
  plan.groups = s.groups;
  ConvPhase phase;
  phase.rows = s.out_h;
  phase.columns = s.out_w;
  std::vector<LineTap> rows, columns;
  for (int i = 0; i < s.kernel_h; ++i) rows.push_back({i * s.dilation_h, i});
  for (int j = 0; j < s.kernel_w; ++j) columns.push_back({j * s.dilation_w, j});
  const int group_out = s.out_c / s.groups;
  finish_phase(
      plan, phase, rows, columns, s.kernel_w,
      {std::int64_t{group_out} * s.reduction(), s.in_c / s.groups, 1, s.reduction(), group_out}, w);
  plan.top = s.pad_h;
  plan.left = s.pad_w;
  plan.phases.push_back(std::move(phase));
  return plan;
}

ConvPlan plan_data_gradient(const ConvShape& original, const Codes<std::uint8_t>& w) {
  ConvPlan plan;
  plan.line = is_line(original);
  const ConvShape s = plan.line ? one_line(original) : original;
  plan.source_h = s.out_h;
  plan.source_w = s.out_w;
  plan.channels = s.out_c;
  plan.out_h = s.in_h;
  plan.out_w = s.in_w;
  plan.out_c = s.in_c;
  plan.groups = s.groups;
  plan.step_h = s.stride_h;
  plan.step_w = s.stride_w;
  // Outputs of one residue modulo the stride read a plain stride-1 window of the gradient.
  const auto phases_of = [](int size, int stride) { return std::min(size, stride); };
  const auto count_of = [](int size, int stride, int phase) {
    return (size - phase + stride - 1) / stride;
  };
  std::vector<std::vector<LineTap>> rows, columns;
  int bottom = s.out_h, right = s.out_w;
  for (int p = 0; p < phases_of(s.in_h, s.stride_h); ++p) {
    rows.push_back(transposed_taps(p, s.kernel_h, s.stride_h, s.dilation_h, s.pad_h));
    for (const LineTap& tap : rows.back()) {
      plan.top = std::max(plan.top, -tap.offset);
      bottom = std::max(bottom, tap.offset + count_of(s.in_h, s.stride_h, p));
    }
  }
  for (int p = 0; p < phases_of(s.in_w, s.stride_w); ++p) {
    columns.push_back(transposed_taps(p, s.kernel_w, s.stride_w, s.dilation_w, s.pad_w));
    for (const LineTap& tap : columns.back()) {
      plan.left = std::max(plan.left, -tap.offset);
      right = std::max(right, tap.offset + count_of(s.in_w, s.stride_w, p));
    }
  }
  plan.height = plan.top + bottom;
  plan.width = plan.left + right;
  const int group_in = s.in_c / s.groups;
  const std::int64_t reduction = s.reduction();
  for (std::size_t py = 0; py < rows.size(); ++py)
    for (std::size_t px = 0; px < columns.size(); ++px) {
      ConvPhase phase;
      phase.first_row = static_cast<int>(py);
      phase.first_column = static_cast<int>(px);
      phase.rows = count_of(s.in_h, s.stride_h, phase.first_row);
      phase.columns = count_of(s.in_w, s.stride_w, phase.first_column);
      finish_phase(plan, phase, rows[py], columns[px], s.kernel_w,
                   {s.out_c / s.groups * reduction, group_in, reduction, 1, group_in}, w);
      plan.phases.push_back(std::move(phase));
    }
  return plan;
}

void copy_inside(const ConvPlan& plan, const std::uint8_t* image, std::uint8_t* bordered) {
  const std::size_t row = static_cast<std::size_t>(plan.source_w) * plan.channels;
  const std::size_t wide = static_cast<std::size_t>(plan.width) * plan.channels;
  std::uint8_t* at =
      bordered + wide * plan.top + static_cast<std::size_t>(plan.left) * plan.channels;
  if (row == wide) {
    std::memcpy(at, image, row * static_cast<std::size_t>(plan.source_h));
    return;
  }
  for (int y = 0; y < plan.source_h; ++y, at += wide, image += row) std::memcpy(at, image, row);
}

}  // namespace octet::model
