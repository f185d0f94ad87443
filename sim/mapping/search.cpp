#include "sim/mapping/search.hpp"

#include <algorithm>

namespace octet::sim {
namespace {

// Sizes to try, largest first, without repetition.
class Sizes {
 public:
  void add(std::int64_t size) {
    if (size < 1 || count_ == kMost) return;
    if (std::find(values_.begin(), values_.begin() + count_, size) != values_.begin() + count_) {
      return;
    }
    values_[static_cast<std::size_t>(count_++)] = size;
  }
  // size / q for some q: tiles of equal size as far as that goes.
  void add_parts(std::int64_t size) {
    for (std::int64_t q = 1; q < size; q = q < 4 ? q + 1 : q * 3 / 2) add(ceil_div(size, q));
    add(1);
  }
  [[nodiscard]] const std::int64_t* begin() const { return values_.data(); }
  [[nodiscard]] const std::int64_t* end() const { return values_.data() + count_; }

 private:
  static constexpr int kMost = 64;
  std::array<std::int64_t, kMost> values_{};
  int count_ = 0;
};

Sizes image_sizes(std::int64_t batch) {
  Sizes sizes;
  sizes.add_parts(batch);
  return sizes;
}

// Columns of a group: whole array widths, powers of two below one.
Sizes column_sizes(const Product& p, const Hardware& hw) {
  Sizes sizes;
  const std::int64_t widths = ceil_div(p.columns(), hw.cols);
  sizes.add(p.columns());
  for (std::int64_t q = 2; q <= widths; q = q < 4 ? q + 1 : q * 3 / 2) {
    sizes.add(ceil_div(widths, q) * hw.cols);
  }
  for (std::int64_t n = std::min<std::int64_t>(hw.cols, p.columns() - 1); n > 0; n /= 2) {
    sizes.add(n);
  }
  return sizes;
}

// Whole kernel rows, channels of one tap, whole heights of the array.
Sizes depth_sizes(const Product& p, const Hardware& hw) {
  Sizes sizes;
  const std::int64_t depth = p.depth();
  sizes.add(depth);
  const std::int64_t folds = ceil_div(depth, hw.rows);
  for (std::int64_t q = 2; q <= folds; q = q < 4 ? q + 1 : q * 3 / 2) {
    sizes.add(ceil_div(folds, q) * hw.rows);
  }
  if (p.forward_window()) {
    const std::int64_t row = p.shape.x.kernel * p.shape.in_g();
    for (std::int64_t rows = p.shape.y.kernel / 2; rows > 0; rows /= 2) sizes.add(rows * row);
  }
  const std::int64_t channels = p.forward_window() ? p.shape.in_g() : depth;
  for (std::int64_t c = channels; c > 0; c /= 2) sizes.add(c);
  return sizes;
}

class Search {
 public:
  Search(const Product& product, const Drain& drain, const Hardware& hw)
      : p_(product), hw_(hw), costs_(product, drain, hw) {
    flows_ = {Dataflow::kOutput, Dataflow::kWeight, Dataflow::kInput};
    std::erase_if(flows_, [&](Dataflow flow) {
      return hw.dataflow ? *hw.dataflow != flow : !ports_feed(flow, hw);
    });
    list_pixels();
  }

  std::optional<FoundMapping> run() {
    const Sizes columns = column_sizes(p_, hw_);
    const Sizes depths = depth_sizes(p_, hw_);
    Sizes groups;
    groups.add_parts(p_.shape.groups);
    sources_.resize(static_cast<std::size_t>(groups.end() - groups.begin()) * pixels_.size());
    for (const std::int64_t depth : depths) {
      for (Source& source : sources_) source.known[1] = false;
      for (const std::int64_t n : columns) {
        Source* sources = sources_.data();
        for (const std::int64_t g : groups) {
          if (g == 1 || n == p_.columns()) {
            Tiling t{1, 1, 1, g, n, depth};
            try_pixels(t, sources);
            t.sliced = true;
            if (depth < p_.depth()) try_pixels(t, sources);
          }
          sources += pixels_.size();
        }
      }
    }
    return best_;
  }

 private:
  // A way to cut the pixels.
  struct Pixels {
    std::int64_t images, rows, width;
    std::int64_t tiles = 0;
  };
  // The source in such tiles: whole, and in slices of the depth at hand.
  struct Source {
    std::array<bool, 2> known{};
    std::array<Moves, 2> moves;
  };

  void list_pixels() {
    const auto add = [&](std::int64_t images, std::int64_t rows, std::int64_t width) {
      pixels_.push_back({images, rows, width, pixel_tiles(p_, {images, rows, width})});
    };
    for (const std::int64_t images : image_sizes(p_.shape.batch))
      add(images, p_.height(), p_.width());
    Sizes rows;
    rows.add_parts(p_.height());
    for (const std::int64_t r : rows) {
      if (r < p_.height()) add(1, r, p_.width());
    }
    whole_rows_ = pixels_.size();
    Sizes widths;
    widths.add_parts(p_.width());
    for (const std::int64_t w : widths) {
      if (w < p_.width()) add(1, 1, w);
    }
  }

  void try_pixels(Tiling t, Source* sources) {
    if (!fits(p_, t, hw_)) return;  // not even a pixel
    const TilingCosts::Columns columns = costs_.columns(t);
    bool row_fits = false;
    for (std::size_t i = 0; i < pixels_.size(); ++i) {
      // A part of a row reads the rows around it again each time.
      if (i == whole_rows_ && row_fits) return;
      const Pixels& pixels = pixels_[i];
      t.images = pixels.images;
      t.rows = pixels.rows;
      t.width = pixels.width;
      if (!fits(p_, t, hw_)) continue;
      row_fits = true;
      const auto kind = static_cast<std::size_t>(t.sliced);
      if (!sources[i].known[kind]) {
        sources[i].moves[kind] = costs_.source(t);
        sources[i].known[kind] = true;
      }
      try_orders(t, pixels.tiles, columns, sources[i].moves[kind]);
    }
  }

  void try_orders(Tiling t, std::int64_t pixels, const TilingCosts::Columns& columns,
                  const Moves& source) {
    struct Order {
      bool pixels_outer = false;
      Transfers transfers;
    };
    std::array<Order, 2> orders;
    std::size_t count = 0;
    const bool both = p_.gemm != Gemm::kWeightGradient && columns.tiles > 1 && pixels > 1;
    for (const bool outer : {false, true}) {
      if (outer && !both) continue;
      t.pixels_outer = outer;
      // Not all is worked out of what can not become the best.
      const TilingCosts::Fetches fetches = costs_.fetches(t, pixels, columns);
      if (best_) {
        const double bus = costs_.least_bus(fetches, columns, source);
        const double least = std::max(bus, costs_.least_compute());
        if (MappingCost::objective(least, bus, costs_.least_compute()) > best_->cost.objective())
          continue;
      }
      Order& order = orders[count];
      order = {outer, costs_.transfers(pixels, columns, source, fetches)};
      const double least = costs_.cycles(pixels, columns, order.transfers, costs_.least_compute());
      if (!best_ || MappingCost::objective(least, order.transfers.bus, costs_.least_compute()) <=
                        best_->cost.objective())
        ++count;
    }
    if (count == 0) return;
    for (const Dataflow flow : flows_) {
      const std::int64_t compute = compute_cycles(p_, t, flow, hw_);
      for (std::size_t i = 0; i < count; ++i) {
        t.pixels_outer = orders[i].pixels_outer;
        const Transfers& moved = orders[i].transfers;
        consider({t, flow}, {costs_.cycles(pixels, columns, moved, static_cast<double>(compute)),
                             compute, moved});
      }
    }
  }

  void consider(const Mapping& mapping, const MappingCost& cost) {
    const bool better = !best_ || cost.objective() < best_->cost.objective() ||
                        (cost.objective() == best_->cost.objective() &&
                         cost.transfers.bytes < best_->cost.transfers.bytes);
    if (better) best_ = {mapping, cost};
  }

  const Product& p_;
  const Hardware& hw_;
  TilingCosts costs_;
  std::vector<Dataflow> flows_;
  std::vector<Pixels> pixels_;  // whole images, then whole rows, then parts of a row
  std::size_t whole_rows_ = 0;
  std::vector<Source> sources_;  // by groups and pixels
  std::optional<FoundMapping> best_;
};

}  // namespace

std::optional<FoundMapping> search_mapping(const Product& product, const Drain& drain,
                                           const Hardware& hw) {
  return Search(product, drain, hw).run();
}

std::optional<FoundMapping> MappingCache::map(const Product& p, const Drain& drain) const {
  if (strategy_ == MappingStrategy::kSearch) return search_mapping(p, drain, hardware_);
  const Tiling tiling = default_tiling(p, hardware_);
  if (tiling.images == 0) return std::nullopt;
  const Mapping mapping{tiling, best_dataflow(p, tiling, hardware_)};
  return FoundMapping{mapping, mapping_cost(p, drain, mapping, hardware_)};
}

const std::optional<FoundMapping>& MappingCache::find(const Product& p, const Drain& d) {
  const Axis& y = p.shape.y;
  const Axis& x = p.shape.x;
  const Key key{static_cast<std::int64_t>(p.gemm),
                y.in,
                y.out,
                y.kernel,
                y.stride,
                y.pad,
                y.dilation,
                x.in,
                x.out,
                x.kernel,
                x.stride,
                x.pad,
                x.dilation,
                p.shape.batch,
                p.shape.groups,
                p.shape.in_c,
                p.shape.out_c,
                p.source_bytes,
                p.weight_bytes,
                p.result_bytes,
                p.wide_operand ? 1 : 0,
                d.moves,
                d.passes,
                d.moved_bytes[0],
                d.moved_bytes[1],
                d.moved_bytes[2],
                d.moved_bytes[3],
                d.moved_bytes[4],
                d.moved_bytes[5],
                d.pass_bytes[0],
                d.pass_bytes[1],
                d.pass_bytes[2],
                d.pass_bytes[3],
                d.pass_bytes[4],
                d.pass_bytes[5],
                d.range_bn_bytes};
  const auto known = found_.find(key);
  if (known != found_.end()) return known->second;
  return found_.emplace(key, map(p, d)).first->second;
}

}  // namespace octet::sim
