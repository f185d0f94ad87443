#include "sim/program/lowering/gemm_tiles.hpp"

#include <algorithm>

namespace octet::sim {

namespace {

Span part(std::int64_t i, std::int64_t tile, std::int64_t size) {
  return {i * tile, std::min(tile, size - i * tile)};
}

}  // namespace

void for_each_pixels(Builder& b, const Product& p, const Tiling& t,
                     const std::function<void(const PixelTile&)>& body) {
  PixelTile tile;
  const auto columns = [&](std::int64_t x) {
    tile.columns = part(x, t.width, p.width());
    tile.first =
        (tile.images.first * p.height() + tile.rows.first) * p.width() + tile.columns.first;
    tile.count = tile.images.count * tile.rows.count * tile.columns.count;
    body(tile);
  };
  const auto rows = [&](std::int64_t y) {
    tile.rows = part(y, t.rows, p.height());
    b.repeat(ceil_div(p.width(), t.width), columns);
  };
  b.repeat(ceil_div(p.shape.batch, t.images), [&](std::int64_t i) {
    tile.images = part(i, t.images, p.shape.batch);
    b.repeat(ceil_div(p.height(), t.rows), rows);
  });
}

void for_each_columns(Builder& b, const Product& p, const Tiling& t,
                      const std::function<void(const ColumnTile&)>& body) {
  b.repeat(ceil_div(p.shape.groups, t.groups), [&](std::int64_t i) {
    const Span groups = part(i, t.groups, p.shape.groups);
    b.repeat(ceil_div(p.columns(), t.columns), [&](std::int64_t j) {
      const Span columns = part(j, t.columns, p.columns());
      body({groups.first, groups.count, columns.first, columns.count});
    });
  });
}

void for_each_slice(Builder& b, const Slices& slices, bool several_images,
                    const std::function<void(const Span&)>& body) {
  const std::size_t all = slices.spans.size();
  std::size_t count = slices.alike;
  for (std::size_t first = 0; first < all; first += count) {
    // The first tap brings what the others load again.
    if (first > 0 && several_images) count = all - first;
    b.repeat(static_cast<std::int64_t>(count),
             [&](std::int64_t i) { body(slices.spans[first + static_cast<std::size_t>(i)]); });
  }
}

Slices cut_depth(const Product& p, const Tiling& t) {
  Slices slices;
  slices.source = t.sliced;
  for (Span k = next_slice(p, t, 0); k.count > 0; k = next_slice(p, t, k.end())) {
    slices.spans.push_back(k);
  }
  slices.alike = slices.spans.size();
  if (slices.source && p.forward_window()) {
    const std::int64_t channels = p.shape.in_g();
    const bool rows = t.depth >= p.shape.x.kernel * channels;
    slices.alike =
        rows ? 1 : static_cast<std::size_t>(ceil_div(channels, std::min(t.depth, channels)));
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
