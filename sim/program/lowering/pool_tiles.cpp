#include "sim/program/lowering/pool_tiles.hpp"

#include <algorithm>
#include <optional>

#include "sim/mapping/geometry.hpp"
#include "sim/program/lowering/sink.hpp"

namespace octet::sim {
namespace {

// The most source positions that `count` target positions read, over all cuts of that size.
template <class Reach>
std::int64_t most(std::int64_t size, std::int64_t count, const Reach& reach) {
  std::int64_t result = 0;
  for (std::int64_t i = 0; i < size; i += count) {
    result = std::max(result, reach(Span{i, std::min(count, size - i)}).count);
  }
  return result;
}

struct Bytes {
  std::int64_t source, target;
};

Bytes bytes_of(const PoolShape& s, const PoolSize& size) {
  const bool some_channels = size.channels < s.target_c;
  // Of several images all rows lie in one piece, those that no window reaches among them.
  const std::int64_t rows =
      size.images > 1 ? s.source_height()
                      : most(s.height(), size.rows, [&](Span span) { return s.source_rows(span); });
  const std::int64_t columns =
      size.columns == s.width()
          ? s.source_width()
          : most(s.width(), size.columns, [&](Span span) { return s.source_columns(span); });
  return {
      size.images * rows * columns * (some_channels ? size.channels : s.read_c) * s.source_bytes,
      size.images * size.rows * size.columns * size.channels * s.target_bytes};
}

bool fit(const Builder& b, const Bytes& bytes) {
  return bytes.source <= b.half_bytes(Pad::kActivation) &&
         bytes.target <= b.half_bytes(Pad::kAccumulator);
}

// What a tile asks of memory and vector unit. A window that two tiles share is read in both; of a
// gradient each tile works on what its own elements are reached by.
TileWork work_of(const PoolShape& s, const Bytes& bytes) {
  const std::int64_t targets = bytes.target / s.target_bytes;
  const std::int64_t sources = bytes.source / s.source_bytes;
  TileWork work;
  work.moved_bytes = bytes.source + bytes.target;
  work.unit.commands = 1;
  if (s.forward) {
    work.unit.steps = targets * s.window;
    work.unit.ported_bytes = targets * (s.window * s.source_bytes + 4);
  } else {
    const std::int64_t most =
        targets * ceil_div(s.y.kernel, s.y.stride) * ceil_div(s.x.kernel, s.x.stride);
    const std::int64_t reached = std::min(sources * s.window, most);
    work.unit.steps = targets + reached;
    work.unit.ported_bytes = 4 * (targets + sources) + 8 * reached;
  }
  add_drain(s.drain, targets, work);
  return work;
}

// Images, else rows of one: those of fewest cycles.
std::optional<PoolSize> best_whole_rows(const Builder& b, const PoolShape& s) {
  std::optional<PoolSize> best;
  double least = 0.0;
  const auto consider = [&](const PoolSize& size, std::int64_t tiles) {
    const Bytes bytes = bytes_of(s, size);
    if (!fit(b, bytes)) return;
    const double cycles =
        stream_cycles(work_of(s, bytes), tiles, b.streamer(Pad::kAccumulator), b.hardware());
    if (best && cycles >= least) return;
    best = size;
    least = cycles;
  };
  for_each_part(s.batch, [&](std::int64_t n) {
    consider({n, s.height(), s.width(), s.target_c}, ceil_div(s.batch, n));
  });
  for_each_part(s.height(), [&](std::int64_t n) {
    consider({1, n, s.width(), s.target_c}, s.batch * ceil_div(s.height(), n));
  });
  return best;
}

PoolSize best_pool(const Builder& b, const PoolShape& s) {
  if (const auto size = best_whole_rows(b, s)) return *size;
  const auto fits = [&](const PoolSize& size) { return fit(b, bytes_of(s, size)); };
  // Part of a row: one image, one row, as many columns as fit.
  const auto part = [&](std::int64_t limit, const auto& ok) {
    std::int64_t count = limit;
    while (count > 0 && !ok(count)) count = count > 1 ? (count + 1) / 2 : 0;
    return count;
  };
  PoolSize size{1, 1, 1, s.target_c};
  size.columns = part(s.width(), [&](auto n) { return fits({1, 1, n, s.target_c}); });
  if (size.columns == 0 && s.cut_channels) {
    size.columns = 1;
    size.channels = part(s.target_c, [&](auto n) { return fits({1, 1, 1, n}); });
  }
  if (size.columns == 0 || size.channels == 0) {
    const Bytes need = bytes_of(s, {1, 1, 1, s.cut_channels ? 1 : s.target_c});
    b.require(Pad::kActivation, need.source, "what one result reads");
    b.require(Pad::kAccumulator, need.target, "one result");
  }
  return size;
}

}  // namespace

void for_each_pool(Builder& b, const PoolShape& s,
                   const std::function<void(const PoolTile&)>& body) {
  const PoolSize size = best_pool(b, s);
  PoolTile tile;
  tile.whole = size.columns == s.width() && size.channels == s.target_c;
  const auto part = [](std::int64_t i, std::int64_t count, std::int64_t end) {
    return Span{i * count, std::min(count, end - i * count)};
  };
  const auto channels = [&](std::int64_t c) {
    tile.channels = part(c, size.channels, s.target_c);
    body(tile);
  };
  const auto columns = [&](std::int64_t x) {
    tile.columns = part(x, size.columns, s.width());
    b.repeat(ceil_div(s.target_c, size.channels), channels);
  };
  const auto rows = [&](std::int64_t y) {
    tile.rows = part(y, size.rows, s.height());
    b.repeat(ceil_div(s.width(), size.columns), columns);
  };
  StageNote note;
  note.pool = &s;
  note.pool_size = size;
  note.elements = s.batch * s.height() * s.width() * s.target_c;
  note.tile = size.images * size.rows * size.columns * size.channels;
  b.stage(note, [&] {
    b.repeat(ceil_div(s.batch, size.images), [&](std::int64_t i) {
      tile.images = part(i, size.images, s.batch);
      b.repeat(ceil_div(s.height(), size.rows), rows);
    });
  });
}

ElementSet target_set(const PoolShape& s, const PoolTile& t) {
  const std::int64_t pixel =
      (t.images.first * s.height() + t.rows.first) * s.width() + t.columns.first;
  return rows_of(pixel, t.images.count * t.rows.count * t.columns.count, t.channels.first,
                 t.channels.count, s.target_c);
}

std::int64_t window_elements(const PoolShape& s, const PoolTile& t, std::int64_t reads) {
  // Pairs of an output that reaches the span, and an input of the span.
  const auto pairs = [](const Axis& axis, Span span) {
    const Span outputs = axis.outputs_of(span);
    std::int64_t sum = 0;
    for (std::int64_t o = outputs.first; o < outputs.end(); ++o) {
      const Span inputs = axis.inputs_of({o, 1});
      for (std::int64_t i = std::max(inputs.first, span.first);
           i < std::min(inputs.end(), span.end()); ++i)
        sum += (i + axis.pad - o * axis.stride) % axis.dilation == 0 ? 1 : 0;
    }
    return sum;
  };
  const Span rows = t.images.count > 1 ? Span{0, s.height()} : t.rows;
  const std::int64_t columns = pairs(s.x, t.columns);
  if (!t.whole)
    return reads / std::max<std::int64_t>(1, s.source_columns(t.columns).count) * columns;
  // Of each image all rows and columns that are read, in all channels.
  const std::int64_t pixels = t.images.count * s.source_rows(rows).count * s.source_width();
  return reads / std::max<std::int64_t>(1, pixels) * t.images.count * pairs(s.y, rows) * columns;
}

std::vector<ElementSet> source_sets(const PoolShape& s, const PoolTile& t) {
  const bool some_channels = t.channels.count < s.target_c;
  // All channels that are read, or those of the tile, which then correspond.
  const std::int64_t n0 = some_channels ? t.channels.first : (s.source_c - s.read_c) / 2;
  const std::int64_t n = some_channels ? t.channels.count : s.read_c;
  const Span rows = t.images.count > 1 ? Span{0, s.source_height()} : s.source_rows(t.rows);
  const std::int64_t row0 = t.images.first * s.source_height() + rows.first;
  std::vector<ElementSet> sets;
  if (rows.count == 0) return sets;
  if (t.whole) {
    sets.push_back(rows_of(row0 * s.source_width(), t.images.count * rows.count * s.source_width(),
                           n0, n, s.source_c));
    return sets;
  }
  const Span columns = s.source_columns(t.columns);
  for (std::int64_t r = 0; columns.count > 0 && r < rows.count; ++r) {
    sets.push_back(
        rows_of((row0 + r) * s.source_width() + columns.first, columns.count, n0, n, s.source_c));
  }
  return sets;
}

}  // namespace octet::sim
