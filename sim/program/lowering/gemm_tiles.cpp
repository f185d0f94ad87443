#include "sim/program/lowering/gemm_tiles.hpp"

#include <algorithm>

namespace octet::sim {

std::vector<PixelTile> cut_pixels(const Product& p, const Tiling& t) {
  std::vector<PixelTile> tiles;
  for (std::int64_t i = 0; i < p.shape.batch; i += t.images) {
    for (std::int64_t y = 0; y < p.height(); y += t.rows) {
      for (std::int64_t x = 0; x < p.width(); x += t.width) {
        PixelTile tile{{i, std::min(t.images, p.shape.batch - i)},
                       {y, std::min(t.rows, p.height() - y)},
                       {x, std::min(t.width, p.width() - x)}};
        tile.first = (i * p.height() + y) * p.width() + x;
        tile.count = tile.images.count * tile.rows.count * tile.columns.count;
        tiles.push_back(tile);
      }
    }
  }
  return tiles;
}

std::vector<ColumnTile> cut_columns(const Product& p, const Tiling& t) {
  std::vector<ColumnTile> tiles;
  for (std::int64_t g = 0; g < p.shape.groups; g += t.groups) {
    for (std::int64_t n = 0; n < p.columns(); n += t.columns) {
      tiles.push_back(
          {g, std::min(t.groups, p.shape.groups - g), n, std::min(t.columns, p.columns() - n)});
    }
  }
  return tiles;
}

Slices cut_depth(const Product& p, const Tiling& t) {
  Slices slices;
  slices.source = t.sliced;
  for (Span k = next_slice(p, t, 0); k.count > 0; k = next_slice(p, t, k.end())) {
    slices.spans.push_back(k);
  }
  return slices;
}

Half& load_source(Builder& b, const Product& p, int source, const PixelTile& pixels,
                  const ColumnTile& columns, const Slices& slices, Span k) {
  // Another range of columns reads it again, and so does every slice but the first to reach a
  // pixel.
  const bool again = columns.n0 > 0 ||
                     (p.forward_window() && k.first >= p.shape.in_g() &&
                      (slices.source || p.gemm == Gemm::kWeightGradient)) ||
                     (p.gemm == Gemm::kWeightGradient && !slices.source && k.first > 0);
  const bool all = columns.g == p.shape.groups;
  if (!slices.source) k = {0, p.depth()};
  const Contents contents{source, b.written(source), pixels.first, all ? 0 : columns.g0, k.first};
  if (Half* half = b.resident(Pad::kActivation, contents)) return *half;
  Half& half = b.acquire(Pad::kActivation, contents);
  SourceBox box = source_box(p, pixels.rows, pixels.columns, {columns.g0, columns.g}, k);
  if (box.elements() == 0) return half;
  const std::int64_t height = p.source_height();
  const std::int64_t width = p.source_width();
  const auto load = [&](std::int64_t pixel, std::int64_t count) {
    const ElementSet set =
        rows_of(pixel, count, box.channels.first, box.channels.count, p.source_c());
    half.ready.push_back(b.load(source, set, Pad::kActivation, half, again));
  };
  // Few long runs: rows and images are read whole where the tile's are, although a stride or a
  // slice of the taps may leave out the last of them.
  if (pixels.columns.count == p.width()) box.columns = {0, width};
  if (pixels.images.count > 1) box.rows = {0, height};
  const std::int64_t image0 = pixels.images.first;
  const std::int64_t images = pixels.images.count;
  const bool whole_rows = box.columns.count == width;
  if (whole_rows && box.rows.count == height) {
    load(image0 * height * width, images * height * width);
    return half;
  }
  for (std::int64_t i = image0; i < image0 + images; ++i) {
    const std::int64_t row0 = i * height + box.rows.first;
    if (whole_rows) {
      load(row0 * width, box.rows.count * width);
      continue;
    }
    for (std::int64_t r = 0; r < box.rows.count; ++r) {
      load((row0 + r) * width + box.columns.first, box.columns.count);
    }
  }
  return half;
}

}  // namespace octet::sim
